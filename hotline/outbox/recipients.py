"""Who hears of what nobody in particular owns."""

from collections.abc import Iterable
from datetime import datetime
from functools import cached_property

from sqlalchemy import select

from hotline import access
from hotline.accounts import roster
from models import Role, Ticket, User, UserRole, db


def supervisors() -> list[User]:
    """Everybody who supervises the hotline."""
    return _who_are(Role.SUPERVISOR)


def administrators() -> list[User]:
    """Everybody who keeps users, calendars and limits."""
    return _who_are(Role.ADMINISTRATOR)


def _who_are(role: Role) -> list[User]:
    found = (
        select(User).join(UserRole).where(UserRole.role == role, User.is_active).order_by(User.id)
    )
    return list(db.session.scalars(found))


def leaders(at: datetime) -> list[User]:
    """Who answers for the pool at `at`: the shift leader, or the supervisors without one."""
    leader = roster.shift_leader(at)
    return [leader] if leader else supervisors()


def supervisors_of(ticket: Ticket, at: datetime) -> list[User]:
    """Who hears what is for the supervisors of `ticket`: see `Circle`."""
    return Circle([ticket], at).supervisors_of(ticket)


def leaders_of(ticket: Ticket, at: datetime) -> list[User]:
    """Who answers for the pool at `at`, of one ticket: nobody whom it is about."""
    return Circle([ticket], at).leaders_of(ticket)


class Circle:
    """Who hears what is to be told of some tickets at one moment. For all of them together it is
    looked up once who is there, and what each person may read.
    """

    def __init__(self, tickets: Iterable[Ticket], at: datetime) -> None:
        self._tickets = list(tickets)
        self._at = at
        self._readable: dict[int, set[int]] = {}

    def can_read(self, user: User, ticket: Ticket) -> bool:
        if user.id not in self._readable:
            self._readable[user.id] = access.readable(user, self._tickets)
        return ticket.id in self._readable[user.id]

    @cached_property
    def leader(self) -> User | None:
        """Who leads the shift, if the roster names somebody."""
        return roster.shift_leader(self._at)

    def supervisors_of(self, ticket: Ticket) -> list[User]:
        """Those who may read `ticket`. Where it concerns all of them, who stands next and may read
        it: the shift leader, who is on duty, who takes calls.
        """
        for people in (self._supervisors, self._leaders, self._on_duty, self._operators):
            if found := [one for one in people() if self.can_read(one, ticket)]:
                return found
        return []

    def leaders_of(self, ticket: Ticket) -> list[User]:
        """The shift leader, or the supervisors; nobody whom it is about."""
        if self.leader is not None and self.can_read(self.leader, ticket):
            return [self.leader]
        return self.supervisors_of(ticket)

    @cached_property
    def _all_supervisors(self) -> list[User]:
        return supervisors()

    def _supervisors(self) -> list[User]:
        return self._all_supervisors

    def _leaders(self) -> list[User]:
        return [] if self.leader is None else [self.leader]

    def _on_duty(self) -> list[User]:
        return roster.on_duty(self._at)

    def _operators(self) -> list[User]:
        return _who_are(Role.OPERATOR)

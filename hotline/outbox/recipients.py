"""Who hears of what nobody in particular owns."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select

from hotline import access
from hotline.accounts import roster
from models import Role, Ticket, User, UserRole, db


def supervisors() -> list[User]:
    """Everybody who supervises the hotline."""
    return _who_are(Role.SUPERVISOR)


def supervisors_of(ticket: Ticket, at: datetime) -> list[User]:
    """Who hears what is for the supervisors of `ticket`: those who may read it. Where it concerns
    all of them, who stands next and may read it: the shift leader, who is on duty, who takes calls.
    """
    next_ones: tuple[Callable[[], list[User]], ...] = (
        supervisors,
        lambda: [one for one in (roster.shift_leader(at),) if one is not None],
        lambda: roster.on_duty(at),
        lambda: _who_are(Role.OPERATOR),
    )
    for people in next_ones:
        if found := [one for one in people() if access.can_see(one, ticket)]:
            return found
    return []


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


def leaders_of(ticket: Ticket, at: datetime) -> list[User]:
    """The same for one ticket: nobody whom it is about."""
    leader = roster.shift_leader(at)
    if leader is not None and access.can_see(leader, ticket):
        return [leader]
    return supervisors_of(ticket, at)

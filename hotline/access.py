"""The one policy of who may see which ticket: pages, lists, streams and downloads ask here."""

from collections.abc import Collection
from typing import Protocol

from sqlalchemy import ColumnElement, Select, false, or_, select, true
from sqlalchemy.orm import aliased

from hotline.permissions import Permission, has
from models import Handoff, HandoffRole, Ticket, User, db

# Asked ticket by ticket (EXISTS): a department that has had a hundred thousand of them would have
# to read all of these (IN) before its first row is shown.
PASSAGE = aliased(Handoff)


def departments_of(user: User) -> list[int]:
    """Ids of the departments `user` acts for: the own one, and those one keeps (代办人)."""
    if not has(user, Permission.WORK_QUEUE, Permission.LOG_CALLS, Permission.SUPERVISE):
        return []
    own = [] if user.department_id is None else [user.department_id]
    return own + [kept.id for kept in user.kept_departments if kept.id not in own]


def visible(user: User, *, among_few: bool = False) -> ColumnElement[bool]:
    """The condition on `Ticket` for what `user` may read.

    Hotline staff see the hotline's tickets; a department sees what it leads or assists, or once
    did, or logged at its own desk, nothing of the departments below it; nobody a ticket about
    themselves or their own department. Administrators and auditors see no ticket.

    Where the tickets in question are `among_few`, such as those not closed, each is looked up:
    PostgreSQL would first read everything that ever went to the department.
    """
    if not has(user, Permission.WORK_QUEUE):
        return _not_about(user) if sees_all(user) else false()
    if sees_all(user):
        return _not_about(user)
    mine = departments_of(user)
    went = select(PASSAGE.id).where(PASSAGE.ticket_id == Ticket.id, PASSAGE.department_id.in_(mine))
    if among_few:
        went = went.offset(0)  # what has one stays a question about one ticket
    at_own_desk = Ticket.desk_department_id.in_(mine)
    return or_(went.correlate(Ticket).exists(), at_own_desk) & _not_about(user)


def visible_of_own(user: User) -> ColumnElement[bool]:
    """`visible` for tickets known to have gone to a department `user` acts for: nobody asks for
    each of them whether it has."""
    return _not_about(user) if has(user, Permission.WORK_QUEUE) else visible(user)


def _not_about(user: User) -> ColumnElement[bool]:
    """The condition on `Ticket` that it concerns neither `user` nor, where `user` works for them,
    their departments."""
    not_about_me = or_(Ticket.about_user_id.is_(None), Ticket.about_user_id != user.id)
    if not has(user, Permission.WORK_QUEUE):
        return not_about_me
    return not_about_me & or_(
        Ticket.about_department_id.is_(None),
        Ticket.about_department_id.not_in(departments_of(user)),
    )


def sees_all(user: User) -> bool:
    """Whether `user` may read every ticket but those that concern them."""
    return has(user, Permission.HANDLE_CALLS, Permission.REVIEW)


def hidden_from(user: User) -> Select[tuple[int]]:
    """Ids of the tickets about `user`, or about a department `user` acts for: these few are hidden
    even from who sees all others."""
    concerns = Ticket.about_user_id == user.id
    if has(user, Permission.WORK_QUEUE):
        concerns |= Ticket.about_department_id.in_(departments_of(user))
    return select(Ticket.id).where(concerns)


def can_see(user: User, ticket: Ticket) -> bool:
    """Whether `user` may read `ticket`; the same policy as `visible`, asked of the database."""
    found = select(Ticket.id).where(Ticket.id == ticket.id, visible(user))
    return db.session.scalar(found) is not None


def readable(user: User, tickets: Collection[Ticket]) -> set[int]:
    """Ids of those of these tickets that `user` may read: the same policy, asked once for all of
    them. Who sees all but what is about them need not ask the database.
    """
    if sees_all(user):
        mine = departments_of(user) if has(user, Permission.WORK_QUEUE) else []
        return {
            ticket.id
            for ticket in tickets
            if ticket.about_user_id != user.id and ticket.about_department_id not in mine
        }
    ids = [ticket.id for ticket in tickets]
    return set(db.session.scalars(select(Ticket.id).where(Ticket.id.in_(ids), visible(user))))


def live_handoff(ticket: Ticket, user: User, role: HandoffRole) -> Handoff | None:
    """The unfinished handoff of `ticket` in this `role` at a department `user` acts for."""
    found = (
        select(Handoff)
        .where(
            Handoff.ticket_id == ticket.id,
            Handoff.ended_at.is_(None),
            Handoff.department_id.in_(departments_of(user)),
            Handoff.role == role,
        )
        .order_by(Handoff.id)
    )
    return db.session.scalars(found).first()


def caller_known(user: User) -> ColumnElement[bool]:
    """The condition on `Ticket` that name and number of its caller are for `user`."""
    if has(user, Permission.HANDLE_CALLS):
        return true()
    if not has(user, Permission.WORK_QUEUE, Permission.REVIEW):
        return false()
    at_own_desk = Ticket.desk_department_id == user.department_id if user.department_id else false()
    return or_(Ticket.is_confidential.is_(False), at_own_desk)


def live_roles(ticket: Ticket, user: User) -> set[HandoffRole]:
    """As what the departments of `user` work on `ticket` now: lead, assist, both or nothing."""
    mine = departments_of(user)
    if not mine:
        return set()
    found = (
        select(Handoff.role)
        .join(Handoff.ticket)
        .where(
            Handoff.ticket_id == ticket.id,
            Handoff.ended_at.is_(None),
            Handoff.department_id.in_(mine),
            visible(user),
        )
    )
    return set(db.session.scalars(found))


class Guarded(Protocol):
    """What says who may know the caller: a ticket, or a row about one."""

    @property
    def is_confidential(self) -> bool: ...
    @property
    def desk_department_id(self) -> int | None: ...


def may_know_caller(user: User, ticket: Guarded) -> bool:
    """Whether name and number of the caller are for `user` at all.

    Of a confidential ticket the handling department sees neither: calls go through the hotline.
    """
    if has(user, Permission.HANDLE_CALLS):
        return True
    if ticket.is_confidential:
        return ticket.desk_department_id is not None and (
            ticket.desk_department_id == user.department_id
        )
    return has(user, Permission.WORK_QUEUE, Permission.REVIEW)

"""Who works on a handoff, who is told of it, and who rings the caller afterwards."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from hotline import access
from hotline.accounts import roster
from hotline.live_updates import service as live_updates
from hotline.outbox import recipients
from hotline.outbox import service as outbox
from hotline.permissions import Permission, has
from models import Department, Handoff, Role, Ticket, User, UserRole, db


def staff_of(department: Department) -> list[User]:
    """Who works for a department: its handlers and heads, or the keeper of a unit without users."""
    found = (
        select(User)
        .join(UserRole)
        .where(
            User.department_id == department.id,
            User.is_active,
            UserRole.role.in_((Role.HANDLER, Role.HEAD)),
        )
        .distinct()
        .order_by(User.id)
    )
    own = list(db.session.scalars(found))
    if own:
        return own
    return _keeper_of(department)


def deserted() -> set[int]:
    """The departments for which nobody could accept: neither people of their own nor a keeper."""
    own = (
        select(User.department_id)
        .join(UserRole)
        .where(
            User.department_id.is_not(None),
            User.is_active,
            UserRole.role.in_((Role.HANDLER, Role.HEAD)),
        )
    )
    found = select(Department).where(Department.id.not_in(own))
    found = found.options(joinedload(Department.keeper))
    return {one.id for one in db.session.scalars(found).unique() if not _keeper_of(one)}


def _keeper_of(department: Department) -> list[User]:
    keeper = department.keeper
    fits = keeper is not None and has(keeper, Permission.WORK_QUEUE, Permission.SUPERVISE)
    return [keeper] if keeper is not None and fits else []


def heads_of(department: Department) -> list[User]:
    """Who answers for a department: its heads."""
    return [person for person in staff_of(department) if Role.HEAD in person.roles]


def operator_of(ticket: Ticket, at: datetime) -> User | None:
    """Who took the call, while on duty; None means the pool."""
    operator = ticket.operator
    if operator is None or not has(operator, Permission.HANDLE_CALLS):
        return None
    return operator if roster.is_on_duty(operator, at) else None


def hotline_for(ticket: Ticket, at: datetime) -> list[User]:
    """Who hears of `ticket` at the hotline: its operator while on duty, else who answers for the
    pool.
    """
    operator = operator_of(ticket, at)
    return [operator] if operator is not None else recipients.leaders_of(ticket, at)


def handler_of(handoff: Handoff) -> list[User]:
    """Who works on a handoff, or everybody who might: nobody, or somebody who has left, does."""
    handler = handoff.handler
    if handler is not None and handoff.department_id in access.departments_of(handler):
        return [handler]
    return staff_of(handoff.department)


def tell(
    people: list[User],
    sentence: str,
    ticket: Ticket,
    *,
    at: datetime,
    key: str,
    actor: User | None = None,
    urgent: bool = False,
    **params: Any,
) -> None:
    """Tell each of `people`, less the one who did it, once per `key` (its kind first)."""
    for person in people:
        if actor is not None and person.id == actor.id:
            continue
        outbox.notify(
            person,
            text=sentence,
            at=at,
            dedupe_key=key,
            ticket=ticket,
            urgent=urgent,
            number=ticket.number,
            **params,
        )


def refresh(handoff: Handoff, ticket: Ticket, *, at: datetime) -> None:
    """Let the open pages of an assisting department show `ticket` anew; the table of actions tells
    the hotline and whoever holds it (`lifecycle.apply`)."""
    live_updates.post(f"department:{handoff.department_id}", "queue", at, ticket=ticket.id)

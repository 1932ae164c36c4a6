"""Tickets under supervision (督办): why, whose clock runs, the last word; the next due first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select
from sqlalchemy.orm import joinedload

from hotline import access
from hotline.supervision import keys
from hotline.tickets import supervision
from models import (
    Callback,
    Caller,
    Handoff,
    HandoffRole,
    Ticket,
    TicketEvent,
    User,
    db,
)
from models.base import UtcDateTime

PAGE = 50
NEVER = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Watched:
    """A supervised ticket: why, whose clock runs, what was done last."""

    ticket: Ticket
    reasons: Sequence[TicketEvent]  # the first one put it under supervision
    handoff: Handoff | None
    callback: Callback | None  # the next that is to be rung
    last_word: TicketEvent | None


@dataclass(frozen=True)
class Page:
    rows: list[Watched]
    after: str


def supervised(viewer: User, after: str = "") -> Page:
    """The unclosed tickets under supervision that `viewer` may see, the next due first."""
    due = func.coalesce(_next_due(), literal(NEVER, UtcDateTime), type_=UtcDateTime())
    found = select(Ticket, due).where(
        Ticket.is_supervised,
        Ticket.closed_at.is_(None),
        access.visible(viewer),
    )
    key = keys.read(after)
    if key is not None:
        at, last_id = key
        found = found.where(or_(due > at, and_(due == at, Ticket.id > last_id)))
    found = found.options(
        joinedload(Ticket.category),
        joinedload(Ticket.caller).selectinload(Caller.numbers),
        joinedload(Ticket.department),
        joinedload(Ticket.owner).lazyload(User.role_rows),
    )
    rows = db.session.execute(found.order_by(due, Ticket.id).limit(PAGE + 1)).all()
    shown = rows[:PAGE]
    more = len(rows) > PAGE
    return Page(
        _watched([ticket for ticket, _ in shown]),
        keys.write(shown[-1][1], shown[-1][0].id) if more else "",
    )


def _next_due() -> ColumnElement[datetime]:
    """When something is due next: at the department, or a ring to the caller."""
    at_department = (
        select(func.min(Handoff.due_at))
        .where(
            Handoff.ticket_id == Ticket.id,
            Handoff.role == HandoffRole.LEAD,
            Handoff.ended_at.is_(None),
            Handoff.paused_at.is_(None),
        )
        .scalar_subquery()
    )
    ring = (
        select(func.min(Callback.due_at))
        .where(Callback.ticket_id == Ticket.id, Callback.is_to_ring)
        .scalar_subquery()
    )
    return case(
        (at_department.is_(None), ring),
        (ring.is_(None), at_department),
        (at_department <= ring, at_department),
        else_=ring,
    )


def _watched(tickets: Sequence[Ticket]) -> list[Watched]:
    ids = [ticket.id for ticket in tickets]
    reasons = supervision.reasons_of(ids)
    handoffs = {one.ticket_id: one for one in _handoffs(Handoff.ticket_id.in_(ids))}
    owed = select(Callback).where(Callback.ticket_id.in_(ids), Callback.is_to_ring)
    callbacks = {
        one.ticket_id: one
        for one in db.session.scalars(
            owed.options(joinedload(Callback.owner).lazyload(User.role_rows)).order_by(
                Callback.due_at.desc()
            )
        )
    }
    words = _last_words(ids)
    return [
        Watched(
            ticket,
            reasons[ticket.id],
            handoffs.get(ticket.id),
            callbacks.get(ticket.id),
            words.get(ticket.id),
        )
        for ticket in tickets
    ]


def _handoffs(which: ColumnElement[bool]) -> Iterable[Handoff]:
    running = select(Handoff).where(
        which, Handoff.role == HandoffRole.LEAD, Handoff.ended_at.is_(None)
    )
    return db.session.scalars(
        running.options(
            joinedload(Handoff.department), joinedload(Handoff.handler).lazyload(User.role_rows)
        ).order_by(Handoff.id)
    )


def _last_words(ticket_ids: Sequence[int]) -> dict[int, TicketEvent]:
    """What a person did last to each of these tickets."""
    latest = (
        select(func.max(TicketEvent.id))
        .where(TicketEvent.ticket_id.in_(ticket_ids), TicketEvent.actor_id.is_not(None))
        .group_by(TicketEvent.ticket_id)
    )
    found = select(TicketEvent).where(TicketEvent.id.in_(latest))
    found = found.options(joinedload(TicketEvent.actor).lazyload(User.role_rows))
    return {event.ticket_id: event for event in db.session.scalars(found)}

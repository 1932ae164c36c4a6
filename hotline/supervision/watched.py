"""Tickets under supervision (督办): why, whose clock runs, the last word; the next due first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Subquery, and_, case, func, literal, or_, select
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
    at_department, ring = _due_at_departments(), _due_rings()
    due = _earlier(at_department.c.due_at, ring.c.due_at)
    found = (
        select(Ticket, due)
        .outerjoin(at_department, at_department.c.ticket_id == Ticket.id)
        .outerjoin(ring, ring.c.ticket_id == Ticket.id)
        .where(Ticket.is_supervised, Ticket.closed_at.is_(None), access.visible(viewer))
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


# What runs is little: read once for all tickets, not asked for ticket by ticket.
def _due_at_departments() -> Subquery:
    """By ticket, when its department is due next; no row while the clock stands still."""
    running = select(Handoff.ticket_id, func.min(Handoff.due_at).label("due_at")).where(
        Handoff.role == HandoffRole.LEAD,
        Handoff.ended_at.is_(None),
        Handoff.paused_at.is_(None),
    )
    return running.group_by(Handoff.ticket_id).subquery()


def _due_rings() -> Subquery:
    """By ticket, when its caller is to be rung next."""
    owed = select(Callback.ticket_id, func.min(Callback.due_at).label("due_at"))
    return owed.where(Callback.is_to_ring).group_by(Callback.ticket_id).subquery()


def _earlier(
    one: ColumnElement[datetime], other: ColumnElement[datetime]
) -> ColumnElement[datetime]:
    """The earlier of two instants, the only one that there is, or NEVER."""
    is_first = or_(other.is_(None), one <= other)
    never = literal(NEVER, UtcDateTime)
    return func.coalesce(case((is_first, one), else_=other), never, type_=UtcDateTime())


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

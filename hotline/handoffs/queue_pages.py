"""A department's queue as its page shows it: each row in words, as its reader may read them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from hotline import access
from hotline.handoffs import extensions, queries, returns
from hotline.handoffs.queries import Page
from hotline.handoffs.queue_rows import QueueRow
from hotline.template_filters import ago, iso, name_in, time_left
from hotline.tickets import reading
from hotline.tickets.list_pages import Marks, Moment, Together, marks_of, moment
from models import (
    Caller,
    Extension,
    HandoffEnd,
    HandoffRole,
    Level,
    Ticket,
    TicketEvent,
    TicketStatus,
    User,
    db,
)
from models.ticket import LARGE_FROM


class Due(NamedTuple):
    """The chip of a due time."""

    tone: str
    words: str
    until: str
    iso: str
    clock: str  # whose reckoning its link leads to: accept, handle


class Asked(NamedTuple):
    """What a department has asked for: more time, or a higher level."""

    level: Level | None
    is_granted: bool | None


class Chaser(NamedTuple):
    """The last time somebody asked again."""

    by_hotline: bool
    who: str
    at: Moment
    reason: str


class Line(NamedTuple):
    """All that a row of the queue shows, and nothing that it does not."""

    id: int
    ticket_id: int
    number: str
    version: int
    status: TicketStatus
    role: HandoffRole
    round: int
    title: str
    category: str
    department: str
    handler: str
    is_overdue: bool
    is_paused: bool
    is_final: bool
    return_is_undecided: bool
    due: Due | None
    ended: Moment | None
    end: HandoffEnd | None
    asked: tuple[Asked, ...]
    may_ask_extension: bool
    may_ask_return: bool
    note: str
    return_refusal: str
    chaser: Chaser | None
    marks: Marks


def lines_of(page: Page[QueueRow], viewer: User, at: datetime) -> list[Line]:
    """The rows of `page` as `viewer` may read them at `at`."""
    chasers = queries.chasers_of([one.ticket_id for one in page.handoffs if one.chased_count])
    hidden = _hidden_from(viewer, page.handoffs)
    return [_line(row, viewer, at, chasers.get(row.ticket_id), hidden) for row in page.handoffs]


def _hidden_from(viewer: User, rows: Sequence[QueueRow]) -> dict[int, Ticket]:
    """The tickets of whose callers `viewer` may not read, with what a text must not betray."""
    ids = [row.ticket_id for row in rows if not access.may_know_caller(viewer, row)]
    if not ids:
        return {}
    callers = joinedload(Ticket.caller).joinedload(Caller.numbers)
    found = select(Ticket).where(Ticket.id.in_(ids)).options(callers)
    return {ticket.id: ticket for ticket in db.session.scalars(found).unique()}


def _line(
    row: QueueRow,
    viewer: User,
    at: datetime,
    chaser: TicketEvent | None,
    hidden: Mapping[int, Ticket],
) -> Line:
    ticket = hidden.get(row.ticket_id)

    def read(text: str) -> str:
        return reading.hidden_for(viewer, text, ticket) if text and ticket else text

    is_over, is_paused = row.ended_at is not None, row.paused_at is not None
    is_led = row.role is HandoffRole.LEAD
    return Line(
        id=row.id,
        ticket_id=row.ticket_id,
        number=row.number,
        version=row.version,
        status=row.status,
        role=row.role,
        round=row.round,
        title=reading.title_for(viewer, ticket) if ticket else row.subject,
        category=name_in(row.category_zh or "", row.category_en or ""),
        department=name_in(row.department.name_zh, row.department.name_en),
        handler=row.handler or "",
        is_overdue=not is_over and not is_paused and row.due_at < at,
        is_paused=is_paused,
        is_final=row.is_final,
        return_is_undecided=row.return_is_undecided,
        due=None if is_over or is_paused else _due(row, at),
        ended=moment(row.ended_at, at) if row.ended_at else None,
        end=row.end,
        asked=tuple(_asked(one) for one in row.extensions if one.decided_at or not is_over),
        may_ask_extension=extensions.may_ask(row, at),
        may_ask_return=is_led and not is_over and returns.may_ask(row, at),
        note=read(row.note),
        return_refusal=read(row.return_refusal),
        chaser=_chaser(chaser, read(chaser.reason), at) if chaser else None,
        marks=marks_of(row, _together(row.callers_count)),
    )


def _due(row: QueueRow, at: datetime) -> Due:
    left = time_left(row.due_at, at, started_at=row.handed_off_at)
    is_to_accept = not row.accepted_at and row.due_at == row.accept_due_at != row.handle_due_at
    clock = "accept" if is_to_accept else "handle"
    return Due(left.tone, str(left), left.until, iso(row.due_at), clock)


def _asked(one: Extension) -> Asked:
    return Asked(one.level, one.is_granted)


def _chaser(event: TicketEvent, reason: str, at: datetime) -> Chaser:
    who = event.actor.display_name if event.actor else ""
    when = moment(event.at, at)._replace(words=ago(event.at, at))
    return Chaser(bool(event.data.get("by_hotline")), who, when, reason)


def _together(callers_count: int | None) -> Together | None:
    return None if callers_count is None else Together(callers_count >= LARGE_FROM)

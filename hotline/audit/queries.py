"""Reading the trail, newest first: who did what to which ticket, never its words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import contains_eager

from models import AuditEvent, Ticket, TicketEvent, User, db

PAGE = 60
Kind = TypeVar("Kind", AuditEvent, TicketEvent)
AuditRow = tuple[AuditEvent, str, str]  # with the number of the ticket and the name of who did it
TicketRow = tuple[TicketEvent, str, str]


@dataclass(frozen=True)
class Place:
    """Where a page of the trail ended: the next one holds what is older."""

    at: datetime
    id: int


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the auditor looks for; everything may be left open."""

    actor_id: int | None = None
    kind: str = ""
    number: str = ""
    from_at: datetime | None = None
    until_at: datetime | None = None
    before: Place | None = None


@dataclass(frozen=True)
class Line:
    """One line of the trail as the auditor sees it."""

    at: datetime
    kind: str
    actor: str  # the name; empty: by itself
    number: str  # of the ticket, or empty
    subject: str = ""
    reason: str = ""
    address: str = ""
    data: dict[str, Any] | None = None
    event: TicketEvent | None = None  # of a ticket


def audit_lines(asked: Asked) -> tuple[list[Line], Place | None]:
    """What people did beside the tickets, and where the next page begins, if there is one."""
    found, more = _page(audit_rows(asked), AuditEvent, asked)
    return [audit_line(row) for row in found], more


def ticket_lines(asked: Asked) -> tuple[list[Line], Place | None]:
    """What happened to tickets: kind, number, who, when. Their words stay with them."""
    found, more = _page(ticket_rows(asked), TicketEvent, asked)
    return [ticket_line(row) for row in found], more


def audit_rows(asked: Asked) -> Select[AuditRow]:
    """The same to its end, as rows."""
    rows = (
        select(AuditEvent, Ticket.number, User.display_name)
        .outerjoin(Ticket, Ticket.id == AuditEvent.ticket_id)
        .outerjoin(User, User.id == AuditEvent.actor_id)
    )
    return _narrowed(rows, AuditEvent, asked)


def ticket_rows(asked: Asked) -> Select[TicketRow]:
    """The same to its end, as rows."""
    rows = (
        select(TicketEvent, Ticket.number, User.display_name)
        .join(Ticket, Ticket.id == TicketEvent.ticket_id)
        .outerjoin(User, User.id == TicketEvent.actor_id)
        .options(contains_eager(TicketEvent.ticket))
    )
    return _narrowed(rows, TicketEvent, asked)


def audit_line(row: AuditRow) -> Line:
    e, number, actor = row
    return Line(e.at, e.kind, actor or "", number or "", e.subject, e.reason, e.address, e.data)


def ticket_line(row: TicketRow) -> Line:
    event, number, actor = row
    return Line(event.at, event.kind, actor or "", number, event=event)


def audit_kinds() -> list[str]:
    """Every kind that stands in the trail."""
    return list(db.session.scalars(select(AuditEvent.kind).distinct().order_by(AuditEvent.kind)))


def ticket_kinds() -> list[str]:
    """Every kind of event that happened to a ticket."""
    return list(db.session.scalars(select(TicketEvent.kind).distinct().order_by(TicketEvent.kind)))


def _narrowed(rows: Select[Any], event: type[Kind], asked: Asked) -> Select[Any]:
    """What was asked for, newest first."""
    if asked.actor_id is not None:
        rows = rows.where(event.actor_id == asked.actor_id)
    if asked.kind:
        rows = rows.where(event.kind == asked.kind)
    if asked.number:
        rows = rows.where(Ticket.number == asked.number)
    if asked.from_at is not None:
        rows = rows.where(event.at >= asked.from_at)
    if asked.until_at is not None:
        rows = rows.where(event.at < asked.until_at)
    return rows.order_by(event.at.desc(), event.id.desc())


def _page(
    rows: Select[tuple[Kind, str, str]], event: type[Kind], asked: Asked
) -> tuple[list[tuple[Kind, str, str]], Place | None]:
    if asked.before is not None:
        at, row_id = asked.before.at, asked.before.id
        rows = rows.where(or_(event.at < at, and_(event.at == at, event.id < row_id)))
    found = list(db.session.execute(rows.limit(PAGE + 1)).tuples())
    if len(found) <= PAGE:
        return found, None
    last = found[PAGE - 1][0]
    return found[:PAGE], Place(last.at, last.id)

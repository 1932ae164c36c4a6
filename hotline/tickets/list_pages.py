"""A list of tickets as its page shows it: each row in words, as its reader may read them."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from hotline import access
from hotline.template_filters import iso, local_datetime, name_of
from hotline.tickets import reading
from models import CallerKind, Resolution, Ticket, TicketStatus, Urgency, User


class Moment(NamedTuple):
    """An instant in words."""

    iso: str
    exactly: str
    words: str


class Together(NamedTuple):
    """The collective a ticket belongs to."""

    is_large: bool


class Marks(NamedTuple):
    """What changes, beside the status, how a ticket is handled: by the names of its columns."""

    urgency: Urgency
    is_supervised: bool
    is_confidential: bool
    chased_count: int
    collective: Together | None
    is_repeat: bool
    is_nameless: bool
    waiting_since_at: bool
    kept_since_at: bool
    consulting: bool


class Marked(Protocol):
    """What has these marks: a ticket, or a row about one."""

    @property
    def urgency(self) -> Urgency: ...
    @property
    def is_supervised(self) -> bool: ...
    @property
    def is_confidential(self) -> bool: ...
    @property
    def chased_count(self) -> int: ...
    @property
    def is_repeat(self) -> bool: ...
    @property
    def is_nameless(self) -> bool: ...
    @property
    def waiting_since_at(self) -> datetime | None: ...
    @property
    def kept_since_at(self) -> datetime | None: ...
    @property
    def consulting(self) -> str: ...


class Line(NamedTuple):
    """All that a row of the list shows, and nothing that it does not."""

    id: int
    number: str
    title: str
    category: str
    marks: Marks
    money_fen: int  # where it was asked for
    is_caller_known: bool
    caller: str
    caller_kind: CallerKind | None
    status: TicketStatus
    resolution: Resolution | None
    department: str
    owner: str
    opened: Moment


def lines_of(
    tickets: Sequence[Ticket], viewer: User, at: datetime, *, with_money: bool
) -> list[Line]:
    """The rows about `tickets` as `viewer` may read them at `at`."""
    return [_line(ticket, viewer, at, with_money) for ticket in tickets]


def _line(ticket: Ticket, viewer: User, at: datetime, with_money: bool) -> Line:
    is_known = access.may_know_caller(viewer, ticket)
    together = ticket.collective
    return Line(
        id=ticket.id,
        number=ticket.number,
        title=reading.title_for(viewer, ticket),
        category=name_of(ticket.category),
        marks=marks_of(ticket, Together(together.is_large) if together else None),
        money_fen=ticket.money_recovered_fen or 0 if with_money else 0,
        is_caller_known=is_known,
        caller=ticket.caller_name if is_known else "",
        caller_kind=ticket.caller.kind if is_known else None,
        status=ticket.status,
        resolution=ticket.resolution,
        department=name_of(ticket.department),
        owner=ticket.owner.display_name if ticket.owner else "",
        opened=moment(ticket.opened_at, at),
    )


def marks_of(ticket: Marked, together: Together | None) -> Marks:
    return Marks(
        urgency=ticket.urgency,
        is_supervised=ticket.is_supervised,
        is_confidential=ticket.is_confidential,
        chased_count=ticket.chased_count,
        collective=together,
        is_repeat=ticket.is_repeat,
        is_nameless=ticket.is_nameless,
        waiting_since_at=ticket.waiting_since_at is not None,
        kept_since_at=ticket.kept_since_at is not None,
        consulting=bool(ticket.consulting),
    )


def moment(then: datetime, at: datetime) -> Moment:
    exactly = local_datetime(then, at)
    return Moment(iso(then), exactly, exactly)

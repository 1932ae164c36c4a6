"""The rows of a department's queue, read by columns: what stands in them and no more.

Whole entities with what hangs on them are six times as much to compute as these rows.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from sqlalchemy import Select, bindparam, literal_column, select

from models import (
    Category,
    Collective,
    Department,
    Extension,
    Handoff,
    HandoffEnd,
    HandoffRole,
    Ticket,
    TicketStatus,
    Urgency,
    User,
    db,
)


class Passage(Protocol):
    """What says whether a department may still ask for something: a handoff, or its row."""

    @property
    def round(self) -> int: ...
    @property
    def handed_off_at(self) -> datetime: ...
    @property
    def handle_due_at(self) -> datetime: ...
    @property
    def paused_at(self) -> datetime | None: ...
    @property
    def ended_at(self) -> datetime | None: ...
    @property
    def return_asked_at(self) -> datetime | None: ...
    @property
    def is_final(self) -> bool: ...
    @property
    def department(self) -> Department: ...
    @property
    def extensions(self) -> Sequence[Extension]: ...


class QueueRow(NamedTuple):
    """One handoff as it stands in a queue: COLUMNS in their order, then what is known already."""

    id: int
    ticket_id: int
    department_id: int
    role: HandoffRole
    round: int
    note: str
    handed_off_at: datetime
    accept_due_at: datetime
    handle_due_at: datetime
    due_at: datetime
    accepted_at: datetime | None
    paused_at: datetime | None
    ended_at: datetime | None
    end: HandoffEnd | None
    return_asked_at: datetime | None
    return_decided_at: datetime | None
    return_refusal: str
    is_final: bool
    has_extensions: bool
    number: str
    version: int
    status: TicketStatus
    urgency: Urgency
    subject: str
    is_supervised: bool
    is_confidential: bool
    desk_department_id: int | None
    is_repeat: bool
    is_nameless: bool
    chased_count: int
    waiting_since_at: datetime | None
    kept_since_at: datetime | None
    consulting: str
    callers_count: int | None  # of the collective it belongs to
    category_zh: str | None
    category_en: str | None
    handler: str | None
    department: Department
    extensions: Sequence[Extension]

    @property
    def return_is_undecided(self) -> bool:
        is_asked = self.return_asked_at is not None and self.return_decided_at is None
        return is_asked and self.ended_at is None


# Looked up row by row: PostgreSQL would first read all extensions there ever were.
HAS_EXTENSIONS = (
    select(Extension.id)
    .where(Extension.handoff_id == Handoff.id)
    .offset(literal_column("0"))
    .correlate(Handoff)
    .exists()
    .label("has_extensions")
)
COLUMNS = (
    *(Handoff.id, Handoff.ticket_id, Handoff.department_id, Handoff.role, Handoff.round),
    *(Handoff.note, Handoff.handed_off_at, Handoff.accept_due_at, Handoff.handle_due_at),
    *(Handoff.due_at, Handoff.accepted_at, Handoff.paused_at, Handoff.ended_at, Handoff.end),
    *(Handoff.return_asked_at, Handoff.return_decided_at, Handoff.return_refusal),
    *(Handoff.is_final, HAS_EXTENSIONS),
    *(Ticket.number, Ticket.version, Ticket.status, Ticket.urgency, Ticket.subject),
    *(Ticket.is_supervised, Ticket.is_confidential, Ticket.desk_department_id),
    *(Ticket.is_repeat, Ticket.is_nameless, Ticket.chased_count, Ticket.waiting_since_at),
    *(Ticket.kept_since_at, Ticket.consulting),
    select(Collective.callers_count)
    .where(Collective.id == Ticket.collective_id)
    .scalar_subquery()
    .label("callers_count"),
    *(Category.name_zh, Category.name_en, User.display_name),
)

EXTENSIONS = (
    select(Extension)
    .where(Extension.handoff_id.in_(bindparam("ids", expanding=True)))
    .order_by(Extension.id)
)


def rows_of(found: Select[tuple[Handoff]], departments: Sequence[Department]) -> list[QueueRow]:
    """The rows that `found` finds among handoffs of these `departments`, in its order."""
    by_columns = (
        found.with_only_columns(*COLUMNS)
        .outerjoin(Category, Category.id == Ticket.category_id)
        .outerjoin(User, User.id == Handoff.handler_id)
    )
    rows = db.session.execute(by_columns).all()
    asked = _extensions_of([row.id for row in rows if row.has_extensions])
    known = {one.id: one for one in departments}
    return [QueueRow._make((*row, known[row.department_id], asked[row.id])) for row in rows]


def _extensions_of(ids: Sequence[int]) -> dict[int, list[Extension]]:
    asked: dict[int, list[Extension]] = defaultdict(list)
    if ids:
        for extension in db.session.scalars(EXTENSIONS, {"ids": ids}):
            asked[extension.handoff_id].append(extension)
    return asked

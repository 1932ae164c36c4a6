"""What the live board shows: the page of those who lead, and the screens on the walls.

Everything is read through the indexes of what is unfinished; nothing counts what is over. With a
viewer the figures are within what this person may see, so that each is its list; without one
(`None`, a wall) they are the whole house, and no row stands behind them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ColumnExpressionArgument,
    Row,
    Select,
    and_,
    func,
    select,
    true,
)
from sqlalchemy.orm import contains_eager

from hotline import access
from hotline.calls import came
from hotline.calls.came import Rates, Waiting
from hotline.sla import policies
from models import (
    Callback,
    Department,
    Handoff,
    HandoffRole,
    Seat,
    SeatState,
    Ticket,
    TicketStatus,
    User,
    db,
)

AT_THE_TELEPHONE = (SeatState.FREE, SeatState.ON_CALL, SeatState.AFTER_CALL)


@dataclass(frozen=True)
class DepartmentNow:
    """What a department holds now; of that, what it has not accepted, owes today, or is late."""

    department: Department
    held: int
    unaccepted: int
    due_today: int
    overdue: int


@dataclass(frozen=True)
class Oldest:
    """The caller who has waited longest for an answer: since when, and who has the ticket."""

    ticket_id: int
    number: str
    opened_at: datetime
    department: Department | None  # None: the hotline


@dataclass(frozen=True)
class Debts:
    """What callers are owed: an answer, a ring today, a ring that is late; open emergencies."""

    owed: int
    callback_due: int
    callback_overdue: int
    emergencies: int


@dataclass(frozen=True)
class Targets:
    """What the rates are measured against."""

    connect_percent: int
    pickup_seconds: int


@dataclass(frozen=True)
class Board:
    """What page and wall have in common, read at one instant."""

    at: datetime
    waiting: Waiting
    rates: Rates
    targets: Targets
    seats: dict[SeatState, list[Seat]]
    departments: list[DepartmentNow]
    oldest: Oldest | None

    @property
    def is_staffed(self) -> bool:
        """Whether anybody can take a call, now or as soon as the one before is written up."""
        return any(self.seats[state] for state in AT_THE_TELEPHONE)


def read(at: datetime, tomorrow: datetime, viewer: User | None) -> Board:
    """The board as of `at`; today ends at `tomorrow`."""
    return read_with((), at, tomorrow, viewer)[0]


def read_with(
    counts: Sequence[ColumnElement[int]], at: datetime, tomorrow: datetime, viewer: User | None
) -> tuple[Board, Sequence[int]]:
    """The board, and what `counts` count: whatever is one figure is asked in one query."""
    row = db.session.execute(_figures(counts, at, viewer)).one()
    rates, waiting = came.rates_and_waiting(row)
    board = Board(
        at=at,
        waiting=waiting,
        rates=rates,
        targets=Targets(policies.get("connect_percent"), policies.get("pickup_seconds")),
        seats=seats(),
        departments=by_department(at, tomorrow, viewer),
        oldest=_oldest_of(row),
    )
    return board, row[len(row) - len(counts) :]


def _figures(
    counts: Sequence[ColumnElement[int]], at: datetime, viewer: User | None
) -> Select[Any]:
    """One row: how the calls of a day went, the oldest debt, and last the `counts`."""
    calls = came.tally(at - came.A_DAY, viewer).subquery()
    oldest = _oldest(viewer).subquery()
    return (
        select(calls, oldest, Department, *counts)
        .select_from(calls)
        .outerjoin(oldest, true())
        .outerjoin(Department, Department.id == oldest.c.department_id)
    )


def _oldest(viewer: User | None) -> Select[Any]:
    """The debt that is owed longest; no row when everybody has their answer.

    What is only kept until its caller rings again is owed, but nobody can pay it now.
    """
    return (
        select(Ticket.id.label("ticket_id"), Ticket.number, Ticket.opened_at, Ticket.department_id)
        .where(Ticket.closed_at.is_(None), Ticket.kept_since_at.is_(None), _seen_by(viewer))
        .order_by(Ticket.opened_at, Ticket.id)
        .limit(1)
    )


def _oldest_of(row: Row[Any]) -> Oldest | None:
    if row.ticket_id is None:
        return None
    return Oldest(row.ticket_id, row.number, row.opened_at, row.Department)


def _seen_by(viewer: User | None) -> ColumnElement[bool]:
    return access.visible(viewer) if viewer else true()


def seats() -> dict[SeatState, list[Seat]]:
    """Who sits at which state, the longest in it first."""
    places: dict[SeatState, list[Seat]] = {state: [] for state in SeatState}
    found = (
        select(Seat)
        .join(Seat.user)
        .where(User.is_active)
        .options(contains_eager(Seat.user).lazyload(User.role_rows))
        .order_by(Seat.since_at, Seat.user_id)
    )
    for seat in db.session.scalars(found):
        places[seat.state].append(seat)
    return places


def by_department(at: datetime, tomorrow: datetime, viewer: User | None) -> list[DepartmentNow]:
    """Every department that holds something now, the most overdue first."""
    held, unaccepted, due_today, overdue = (
        func.count(),
        func.count().filter(Ticket.status == TicketStatus.QUEUED),
        func.count().filter(Handoff.is_due_before(tomorrow, at)),
        func.count().filter(Handoff.is_overdue(at)),
    )
    is_lead = and_(
        Handoff.ticket_id == Ticket.id,
        Handoff.role == HandoffRole.LEAD,
        Handoff.ended_at.is_(None),
    )
    counts = (
        select(
            Ticket.department_id.label("id"),
            held.label("held"),
            unaccepted.label("unaccepted"),
            due_today.label("due_today"),
            overdue.label("overdue"),
        )
        .join(Handoff, is_lead)
        .where(Ticket.closed_at.is_(None), Ticket.department_id.is_not(None), _seen_by(viewer))
        .group_by(Ticket.department_id)
        .subquery()
    )
    found = (
        select(Department, counts.c.held, counts.c.unaccepted, counts.c.due_today, counts.c.overdue)
        .join(counts, counts.c.id == Department.id)
        .order_by(counts.c.overdue.desc(), counts.c.due_today.desc(), counts.c.held.desc())
        .order_by(Department.id)
    )
    return [DepartmentNow(*row) for row in db.session.execute(found).tuples()]


def debts(at: datetime, tomorrow: datetime) -> Debts:
    """What the whole house owes to callers, counted in one query."""

    def counted(condition: ColumnExpressionArgument[bool]) -> ColumnElement[int]:
        return select(func.count()).select_from(Ticket).where(condition).scalar_subquery()

    def to_ring(condition: ColumnExpressionArgument[bool]) -> ColumnElement[bool]:
        return Ticket.id.in_(select(Callback.ticket_id).where(Callback.is_to_ring, condition))

    unclosed = Ticket.closed_at.is_(None)
    counts = select(
        counted(unclosed),
        counted(to_ring(Callback.is_due_before(tomorrow, at))),
        counted(to_ring(Callback.is_overdue(at))),
        counted(and_(unclosed, Ticket.is_emergency)),
    )
    return Debts(*db.session.execute(counts).one())

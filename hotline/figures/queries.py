"""The supervisor's first page: what is so right now, each figure with the list it counts."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import contains_eager

from hotline import access
from hotline.tickets import filters
from hotline.tickets.filters import Asked, Filter
from models import (
    Department,
    Seat,
    SeatState,
    Ticket,
    TicketStatus,
    User,
    db,
)


@dataclass(frozen=True)
class Figure:
    """A number and the filter whose list holds exactly those tickets."""

    name: str
    wanted: Filter
    number: int


@dataclass(frozen=True)
class DepartmentNow:
    """How many tickets a department holds, by status, and how many of them are overdue."""

    department: Department
    by_status: Counter[TicketStatus]
    overdue: int


@dataclass(frozen=True)
class Now:
    """Everything on the first page, read at one instant."""

    by_status: dict[TicketStatus, int]
    departments: list[DepartmentNow]
    seats: dict[SeatState, list[User]]
    figures: dict[str, Figure] = field(default_factory=dict)


FIGURES = {
    "ringing": Filter(state="ringing"),
    "owed": Filter(state="owed"),
    "overdue": Filter(state="overdue"),
    "due_today": Filter(state="due_today"),
    "unaccepted": Filter(state="unaccepted"),
    "unaccepted_overdue": Filter(state="unaccepted_overdue"),
    "return_asked": Filter(state="return_asked"),
    "callback_due": Filter(state="callback_due"),
    "callback_overdue": Filter(state="callback_overdue"),
    "exhausted": Filter(state="exhausted"),
    "explained": Filter(state="explained"),
    "review_due": Filter(state="review_due"),
    "kept": Filter(state="kept"),
    "outer_owed": Filter(state="outer_owed"),
    "supervised": Filter(mark="supervised", status=filters.UNCLOSED),
}


def now(asked: Asked) -> Now:
    """What the hotline and the departments hold at `asked.at`, within what the viewer may see."""
    return Now(
        by_status=by_status(asked),
        departments=by_department(asked),
        seats=seats(),
        figures=figures(asked),
    )


def figures(asked: Asked) -> dict[str, Figure]:
    """Every figure of the page, counted in one query."""
    counts = select(*(filters.counted(wanted, asked) for wanted in FIGURES.values()))
    numbers = db.session.execute(counts).one()
    return {
        name: Figure(name, wanted, number)
        for (name, wanted), number in zip(FIGURES.items(), numbers, strict=True)
    }


def by_status(asked: Asked) -> dict[TicketStatus, int]:
    """How many tickets are in each status; the closed ones do not count."""
    found = (
        select(Ticket.status, func.count())
        .where(Ticket.status != TicketStatus.CLOSED, access.visible(asked.viewer))
        .group_by(Ticket.status)
    )
    numbers = dict(db.session.execute(found).tuples().all())
    return {status: numbers.get(status, 0) for status in TicketStatus if status != "closed"}


def by_department(asked: Asked) -> list[DepartmentNow]:
    """Every department that holds something now, the most overdue first."""
    held: dict[int, Counter[TicketStatus]] = defaultdict(Counter)
    overdue: Counter[int] = Counter()
    is_late = and_(*filters.conditions(FIGURES["overdue"], asked))
    statuses = (
        select(Ticket.department_id, Ticket.status, func.count(), func.count(case((is_late, 1))))
        .where(Ticket.department_id.is_not(None), access.visible(asked.viewer))
        .group_by(Ticket.department_id, Ticket.status)
    )
    for department_id, status, number, late in db.session.execute(statuses):
        held[department_id][status] = number
        overdue[department_id] += late
    departments = select(Department).where(Department.id.in_(held))
    rows = [DepartmentNow(d, held[d.id], overdue[d.id]) for d in db.session.scalars(departments)]
    return sorted(rows, key=lambda row: (-row.overdue, -row.by_status.total(), row.department.id))


def seats() -> dict[SeatState, list[User]]:
    """Who sits at which state."""
    places: dict[SeatState, list[User]] = {state: [] for state in SeatState}
    found = (
        select(Seat)
        .join(Seat.user)
        .where(User.is_active)
        .options(contains_eager(Seat.user).lazyload(User.role_rows))
        .order_by(Seat.since_at)
    )
    for seat in db.session.scalars(found):
        places[seat.state].append(seat.user)
    return places

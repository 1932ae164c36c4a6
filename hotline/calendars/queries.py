"""The three calendars: when operators are rung, when deadlines run, when callers may be rung."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import cast as cast_type

from sqlalchemy import JSON, Integer, Table, cast, extract, null, select
from sqlalchemy.orm import joinedload

from hotline.calendars import listed, official
from hotline.calendars.chinese import ZONE, Override, chinese_calendar
from hotline.calendars.official import Days, OfficialDay, in_english
from hotline.errors import NotFound
from hotline.per_transaction import PerTransaction
from hotline.sla.business_time import BusinessCalendar, Intervals
from models import (
    CalendarKind,
    Department,
    ListedDay,
    OfficialList,
    OpeningHours,
    SpecialDay,
    db,
)

Week = tuple[Intervals, ...]  # Monday first

OFFICE_DAY: Intervals = ((510, 720), (810, 1050))  # 08:30–12:00, 13:30–17:30
# Until an administrator sets others.
DEFAULT_HOURS: dict[CalendarKind, Week] = {
    CalendarKind.DUTY: (((0, 1440),),) * 7,
    CalendarKind.BUSINESS: (OFFICE_DAY,) * 5 + ((), ()),
    CalendarKind.CONTACT: (((480, 1260),),) * 7,  # 08:00–21:00
}


NOVEMBER = 11  # when the State Council announces the next year


@dataclass(frozen=True)
class Calendars:
    """All hours, special days and imported lists as they stood at one moment."""

    hours: Mapping[tuple[CalendarKind, int | None], Week]
    special_days: Mapping[int | None, tuple[Override, ...]]
    imported: Mapping[int, Days] = field(default_factory=dict)
    _made: dict[int | None, BusinessCalendar] = field(default_factory=dict, init=False, repr=False)

    def weekly_hours(self, kind: CalendarKind, department_id: int | None) -> Week:
        own, house = self.hours.get((kind, department_id)), self.hours.get((kind, None))
        return own or house or DEFAULT_HOURS[kind]

    def business(self, department_id: int | None) -> BusinessCalendar:
        if department_id not in self._made:
            self._made[department_id] = self._make(department_id)
        return self._made[department_id]

    def with_list(self, year: int, days: Days | None) -> "Calendars":
        """The same with another list for a year; None: the one that is built in."""
        others = {number: kept for number, kept in self.imported.items() if number != year}
        return replace(self, imported=others if days is None else others | {year: days})

    def _make(self, department_id: int | None) -> BusinessCalendar:
        overrides = self.special_days.get(None, ())
        if department_id is not None:
            overrides += self.special_days.get(department_id, ())
        weekly = self.weekly_hours(CalendarKind.BUSINESS, department_id)
        return chinese_calendar(weekly, overrides, listed.frozen(self.imported))


# Read by columns: nothing is flushed for it, and no row becomes an object that somebody may edit.
_hours, _special, _listed = (
    cast_type(Table, model.__table__).c for model in (OpeningHours, SpecialDay, ListedDay)
)
HOURS = select(
    _hours.calendar,
    _hours.department_id,
    _hours.weekday,
    _hours.opens_minute,
    _hours.closes_minute,
).order_by(_hours.weekday, _hours.opens_minute)
DAYS = (
    select(
        _special.on,
        _special.is_working,
        _special.name,
        _special.intervals,
        _special.department_id,
        cast(null(), Integer).label("year"),
    )
    .union_all(
        select(
            _listed.on,
            _listed.is_working,
            _listed.name,
            cast(null(), JSON),
            cast(null(), Integer),
            _listed.year,
        )
    )
    .order_by("on")
)


def calendar_for(department: Department | None) -> BusinessCalendar:
    """The business calendar of a department, or of the house: official list, make-up days,
    lunch, special days. Deadlines run in it.
    """
    return current().business(department.id if department else None)


def contact_hours() -> BusinessCalendar:
    """When callers may be rung who did not choose a time themselves; holidays do not matter."""
    return BusinessCalendar(ZONE, weekly_hours(CalendarKind.CONTACT))


def duty_calendar() -> BusinessCalendar:
    """When operators are rung; outside of it a caller goes straight to voicemail."""
    return BusinessCalendar(ZONE, weekly_hours(CalendarKind.DUTY))


def weekly_hours(kind: CalendarKind, department_id: int | None = None) -> Week:
    """The hours of a department, or those of the house where it has none of its own."""
    return current().weekly_hours(kind, department_id)


def has_own_hours(department_id: int) -> bool:
    return (CalendarKind.BUSINESS, department_id) in current().hours


def special_days(year: int, department_id: int | None) -> list[SpecialDay]:
    """What an administrator said about days of a year, for the house or one department."""
    found = select(SpecialDay).where(
        extract("year", SpecialDay.on) == year, SpecialDay.department_id == department_id
    )
    return list(db.session.scalars(found.order_by(SpecialDay.on)))


def list_of(year: int) -> Days:
    """The official list of a year that holds: as imported, else as it is built in."""
    return listed.list_of(year, current().imported)


def is_year_known(year: int) -> bool:
    """Whether the make-up days of a year are known: its official list is built in or imported."""
    return listed.is_known(year, current().imported)


def missing_year(today: date) -> int | None:
    """The year whose official list should be here by now and is not: this one, or from November
    on the next."""
    due = [today.year] + ([today.year + 1] if today.month >= NOVEMBER else [])
    wanted = [year for year in due if not official.is_official(year)]
    if not wanted:
        return None
    imported = select(OfficialList.year).where(OfficialList.year.in_(wanted))
    return min({*wanted} - {*db.session.scalars(imported)}, default=None)


def imported_lists() -> dict[int, OfficialList]:
    """Which lists were imported, by whom and when."""
    found = select(OfficialList).options(joinedload(OfficialList.imported_by))
    return {one.year: one for one in db.session.scalars(found)}


def departments() -> list[Department]:
    """The departments that may have hours of their own, in the order of the tree."""
    active = select(Department).where(Department.is_active)
    return list(db.session.scalars(active.order_by(Department.position, Department.id)))


def department(department_id: int) -> Department:
    """One department. Raises NotFound."""
    found = db.session.get(Department, department_id)
    if found is None:
        raise NotFound
    return found


@PerTransaction
def current() -> Calendars:
    """Hours, special days and imported lists as this transaction sees them."""
    return Calendars(_read_hours(), *_read_days())


def _read_hours() -> dict[tuple[CalendarKind, int | None], Week]:
    weeks: dict[tuple[CalendarKind, int | None], list[list[tuple[int, int]]]]
    weeks = defaultdict(lambda: [[] for _ in range(7)])
    for row in db.session.execute(HOURS):
        day = weeks[row.calendar, row.department_id][row.weekday]
        day.append((row.opens_minute, row.closes_minute))
    return {key: tuple(map(tuple, week)) for key, week in weeks.items()}


def _read_days() -> tuple[dict[int | None, tuple[Override, ...]], dict[int, Days]]:
    """Special days by department, and imported lists by year: in one question to the database."""
    special: dict[int | None, tuple[Override, ...]] = defaultdict(tuple)
    imported: dict[int, dict[date, OfficialDay]] = defaultdict(dict)
    for row in db.session.execute(DAYS):
        if row.year is None:
            intervals = tuple((opens, closes) for opens, closes in row.intervals)
            special[row.department_id] += (Override(row.on, row.is_working, intervals, row.name),)
        else:
            imported[row.year][row.on] = OfficialDay(row.is_working, in_english(row.name))
    return dict(special), dict(imported)

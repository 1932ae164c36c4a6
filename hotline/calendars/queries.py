"""The three calendars: when operators are rung, when deadlines run, when callers may be rung."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import extract, select

from hotline.calendars.chinese import ZONE, Override, chinese_calendar
from hotline.calendars.official import is_official
from hotline.errors import NotFound
from hotline.per_transaction import PerTransaction
from hotline.sla.business_time import BusinessCalendar, Intervals
from models import CalendarKind, Department, OpeningHours, SpecialDay, db

Week = tuple[Intervals, ...]  # Monday first

OFFICE_DAY: Intervals = ((510, 720), (810, 1050))  # 08:30–12:00, 13:30–17:30
# Until an administrator sets others.
DEFAULT_HOURS: dict[CalendarKind, Week] = {
    CalendarKind.DUTY: (((0, 1440),),) * 7,
    CalendarKind.BUSINESS: (OFFICE_DAY,) * 5 + ((), ()),
    CalendarKind.CONTACT: (((480, 1260),),) * 7,  # 08:00–21:00
}


@dataclass(frozen=True)
class Calendars:
    """All hours and special days as they stood at one moment."""

    hours: Mapping[tuple[CalendarKind, int | None], Week]
    special_days: Mapping[int | None, tuple[Override, ...]]

    def weekly_hours(self, kind: CalendarKind, department_id: int | None) -> Week:
        own, house = self.hours.get((kind, department_id)), self.hours.get((kind, None))
        return own or house or DEFAULT_HOURS[kind]

    def business(self, department_id: int | None) -> BusinessCalendar:
        overrides = self.special_days.get(None, ())
        if department_id is not None:
            overrides += self.special_days.get(department_id, ())
        return chinese_calendar(self.weekly_hours(CalendarKind.BUSINESS, department_id), overrides)


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


def is_year_known(year: int) -> bool:
    """Whether the make-up days of a year are known: from the official list, or typed in by hand."""
    typed_in = any(day.is_working for day in special_days(year, None))
    return is_official(year) or typed_in


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
    """Hours and special days as this transaction sees them."""
    return Calendars(_read_hours(), _read_special_days())


def _read_hours() -> dict[tuple[CalendarKind, int | None], Week]:
    order = OpeningHours.weekday, OpeningHours.opens_minute
    weeks: dict[tuple[CalendarKind, int | None], list[list[tuple[int, int]]]]
    weeks = defaultdict(lambda: [[] for _ in range(7)])
    for row in db.session.scalars(select(OpeningHours).order_by(*order)):
        day = weeks[row.calendar, row.department_id][row.weekday]
        day.append((row.opens_minute, row.closes_minute))
    return {key: tuple(map(tuple, week)) for key, week in weeks.items()}


def _read_special_days() -> dict[int | None, tuple[Override, ...]]:
    days: dict[int | None, tuple[Override, ...]] = defaultdict(tuple)
    for row in db.session.scalars(select(SpecialDay).order_by(SpecialDay.on)):
        intervals = tuple((opens, closes) for opens, closes in row.intervals)
        days[row.department_id] += (Override(row.on, row.is_working, intervals, row.name),)
    return dict(days)

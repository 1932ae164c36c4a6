"""Changing when we are open. Each edit is written down with what stood there before."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select

from hotline import turns
from hotline.audit import service as audit
from hotline.calendars import queries
from hotline.calendars.queries import Week
from hotline.errors import Invalid, NotFound
from hotline.i18n import N_
from hotline.sla.business_time import Intervals, check_intervals
from models import CalendarKind, Department, OpeningHours, SpecialDay, User, db

TURN = "opening hours"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def set_opening_hours(
    kind: CalendarKind,
    week: Week,
    *,
    department: Department | None = None,
    actor: User,
    at: datetime,
) -> None:
    """Replace the weekly hours of one calendar, of the house or of one department.

    Raises Invalid when a day's hours overlap or the whole week is closed.
    """
    for weekday, intervals in enumerate(week):
        _check(intervals, field=WEEKDAYS[weekday])
    if not any(week):
        raise Invalid(N_("At least one day of the week must be open."), field=WEEKDAYS[0])
    department_id = department.id if department else None
    turns.take(TURN)
    before = queries.weekly_hours(kind, department_id)
    _delete_hours(kind, department_id)
    for weekday, intervals in enumerate(week):
        for opens, closes in intervals:
            row = OpeningHours(
                calendar=kind,
                department_id=department_id,
                weekday=weekday,
                opens_minute=opens,
                closes_minute=closes,
            )
            db.session.add(row)
    _written("set_opening_hours", department, actor, at, calendar=kind, before=before, after=week)


def use_default_hours(department: Department, *, actor: User, at: datetime) -> None:
    """Let a department keep the hours of the house again."""
    turns.take(TURN)
    before = queries.weekly_hours(CalendarKind.BUSINESS, department.id)
    _delete_hours(CalendarKind.BUSINESS, department.id)
    _written("use_default_hours", department, actor, at, before=before)


def set_special_day(
    on: date,
    *,
    is_working: bool,
    intervals: Intervals = (),
    name: str = "",
    department: Department | None = None,
    actor: User,
    at: datetime,
) -> SpecialDay:
    """Say that a date is open or closed whatever the official list says; a second word replaces
    the first. A working day without hours has the usual ones.

    Raises Invalid when the hours overlap.
    """
    _check(intervals, field="hours")
    department_id = department.id if department else None
    turns.take(TURN)
    day = _special_day(on, department_id)
    if day is None:
        day = SpecialDay(on=on, department_id=department_id)
        db.session.add(day)
    day.is_working = is_working
    day.intervals = [list(interval) for interval in intervals] if is_working else []
    day.name = name
    said = {"on": on.isoformat(), "is_working": is_working, "intervals": day.intervals}
    _written("set_special_day", department, actor, at, **said, name=name)
    return day


def remove_special_day(day_id: int, *, actor: User, at: datetime) -> SpecialDay:
    """Let the official list speak again. Raises NotFound."""
    turns.take(TURN)
    day = db.session.get(SpecialDay, day_id)
    if day is None:
        raise NotFound
    department = db.session.get(Department, day.department_id) if day.department_id else None
    db.session.delete(day)
    _written("remove_special_day", department, actor, at, on=day.on.isoformat(), name=day.name)
    return day


def _special_day(on: date, department_id: int | None) -> SpecialDay | None:
    found = select(SpecialDay).where(SpecialDay.on == on, SpecialDay.department_id == department_id)
    return db.session.scalars(found).first()


def _delete_hours(kind: CalendarKind, department_id: int | None) -> None:
    old = delete(OpeningHours).where(
        OpeningHours.calendar == kind, OpeningHours.department_id == department_id
    )
    db.session.execute(old)


def _check(intervals: Intervals, *, field: str) -> None:
    try:
        check_intervals(intervals)
    except ValueError as error:
        sentence = N_("Write the hours in order and apart, like 08:30-12:00, 13:30-17:30.")
        raise Invalid(sentence, field=field) from error


def _written(
    kind: str, department: Department | None, actor: User, at: datetime, **data: Any
) -> None:
    db.session.flush()
    queries.current.forget()
    subject = department.name_zh if department else ""
    department_id = department.id if department else None
    audit.record(kind, actor=actor, at=at, subject=subject, department_id=department_id, **data)

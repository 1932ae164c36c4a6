"""When a caller likes to be rung: noon, after work, in two minutes, as local stretches of time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from hotline.calendars import queries as calendars
from hotline.i18n import N_
from hotline.sla import policies
from hotline.sla.business_time import BusinessCalendar, DayKind

# The words people say. The values are stored with callers and callbacks.
WINDOWS: dict[str, str] = {
    "in_2_minutes": N_("In two minutes"),
    "in_1_hour": N_("In an hour"),
    "morning": N_("In the morning"),
    "noon": N_("At noon"),
    "afternoon": N_("In the afternoon"),
    "after_work": N_("After work"),
    "weekend": N_("At the weekend"),
}
# Said once, for this one time; they mean nothing as somebody's habit.
ONE_OFF = {
    "in_2_minutes": (timedelta(minutes=2), timedelta(minutes=5)),
    "in_1_hour": (timedelta(hours=1), timedelta(minutes=90)),
}
HABITS = tuple(window for window in WINDOWS if window not in ONE_OFF)

MORNING_FROM, EVENING_UNTIL = 9 * 60, 21 * 60
WEEKEND = (10 * 60, 20 * 60)
SATURDAY = 5
LONG_ENOUGH = timedelta(minutes=15)  # what is left of a window must be worth a promise
LOOK_AHEAD_DAYS = 60  # a weekend is always nearer, whatever days are made up


@dataclass(frozen=True)
class Span:
    """A stretch of time in UTC: not before, and due at its end."""

    begin: datetime
    end: datetime


def next_span(window: str, at: datetime, *, from_day: date | None = None) -> Span:
    """The next `window` that has still some time left after `at`, not before the local `from_day`.

    The caller's own time beats the contact hours. Raises KeyError for a word that is no window.
    """
    if window in ONE_OFF:
        soonest, latest = ONE_OFF[window]
        return Span(at + soonest, at + latest)
    calendar = calendars.calendar_for(None)
    for on in _days(from_day or calendar.local(at).date()):
        if window == "weekend" and not is_weekend(on, calendar):
            continue
        opens, closes = _minutes(window)
        begin, end = calendar.instant(on, opens), calendar.instant(on, closes)
        if end - max(begin, at) >= LONG_ENOUGH:
            return Span(max(begin, at), end)
    raise AssertionError(f"no {window} within {LOOK_AHEAD_DAYS} days")


def is_weekend(on: date, calendar: BusinessCalendar) -> bool:
    """Whether people are at home: Saturday or Sunday, unless it is worked in exchange (调休)."""
    return on.weekday() >= SATURDAY and calendar.day(on).kind is not DayKind.MAKE_UP


def off_hours() -> tuple[tuple[int, int], ...]:
    """Noon and evening in local minutes: when people at work can answer their own telephone."""
    noon = (policies.get("noon_from"), policies.get("noon_until"))
    return (noon, (policies.get("evening_from"), EVENING_UNTIL))


def is_off_hours(at: datetime) -> bool:
    """Whether `at` is noon or evening on the local clock."""
    local = calendars.contact_hours().local(at)
    minute = local.hour * 60 + local.minute
    noon, (evening, _) = off_hours()
    return noon[0] <= minute < noon[1] or minute >= evening


def _minutes(window: str) -> tuple[int, int]:
    noon, evening = off_hours()
    return {
        "morning": (MORNING_FROM, noon[0]),
        "noon": noon,
        "afternoon": (noon[1], evening[0]),
        "after_work": evening,
        "weekend": WEEKEND,
    }[window]


def _days(first: date) -> Iterator[date]:
    return (first + timedelta(offset) for offset in range(LOOK_AHEAD_DAYS))

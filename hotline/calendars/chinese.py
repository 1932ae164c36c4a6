"""A business calendar that follows the official Chinese list, except where we say otherwise."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from zoneinfo import ZoneInfo

from hotline.calendars.listed import Lists, said_of
from hotline.sla.business_time import BusinessCalendar, Day, DayKind, Intervals

ZONE = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Override:
    """A date on which we differ from the official list."""

    on: date
    is_working: bool
    intervals: Intervals = ()  # empty on a working day: the usual hours
    name: str = ""


@lru_cache(maxsize=256)
def chinese_calendar(
    weekly: tuple[Intervals, ...], overrides: tuple[Override, ...] = (), lists: Lists = ()
) -> BusinessCalendar:
    """The calendar with these weekly hours and overrides; of two for one date the later one holds.
    Imported `lists` hold instead of those that are built in.

    Kept by content: equal hours give the same calendar with its running totals, in any process,
    and an edit gives another one.
    """
    by_date = {override.on: override for override in overrides}
    imported = {year: dict(days) for year, days in lists}

    def special_day(on: date) -> Day | None:
        if override := by_date.get(on):
            hours = (override.intervals or usual_hours(weekly, on)) if override.is_working else ()
            return Day(hours, DayKind.SPECIAL, override.name)
        official = said_of(on, imported)
        if official is None:
            return None
        if official.is_working:
            return Day(usual_hours(weekly, on), DayKind.MAKE_UP, official.holiday)
        return Day((), DayKind.HOLIDAY, official.holiday)

    return BusinessCalendar(ZONE, weekly, special_day)


def usual_hours(weekly: tuple[Intervals, ...], on: date) -> Intervals:
    """What a working day has: the hours of its weekday, else those of the week's first open day."""
    return weekly[on.weekday()] or next(filter(None, weekly), ())

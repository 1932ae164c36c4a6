"""A year as twelve months of weeks, each day with what it is."""

from calendar import Calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from hotline.sla.business_time import BusinessCalendar, Day

Weeks = list[list["Cell | None"]]  # None: the day belongs to the month before or after


@dataclass(frozen=True)
class Cell:
    on: date
    day: Day

    @property
    def is_open(self) -> bool:
        return bool(self.day.intervals)


def months_of(year: int, calendar: BusinessCalendar) -> Iterator[tuple[date, Weeks]]:
    """Each month of a year by its first day, with its weeks from Monday to Sunday."""
    for number in range(1, 13):
        weeks = Calendar().monthdatescalendar(year, number)
        yield (
            date(year, number, 1),
            [
                [Cell(on, calendar.day(on)) if on.month == number else None for on in week]
                for week in weeks
            ],
        )

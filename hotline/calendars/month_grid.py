"""A year as twelve months of weeks, each day with what it is."""

from calendar import Calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from hotline.sla.business_time import BusinessCalendar, Day, DayKind


@dataclass(frozen=True)
class Cell:
    on: date
    day: Day

    @property
    def is_open(self) -> bool:
        return bool(self.day.intervals)

    @property
    def look(self) -> str:
        """The word by which the page colours and signs it."""
        if self.day.kind is DayKind.REGULAR:
            return "open" if self.is_open else "closed"
        if self.day.kind is DayKind.SPECIAL:
            return "special-open" if self.is_open else "special"
        return self.day.kind.value


@dataclass(frozen=True)
class Month:
    first: date
    weeks: list[list[Cell | None]]  # None: the day belongs to the month before or after

    @property
    def working_days(self) -> int:
        return sum(cell is not None and cell.is_open for week in self.weeks for cell in week)


def months_of(year: int, calendar: BusinessCalendar) -> Iterator[Month]:
    """Each month of a year with its weeks from Monday to Sunday."""
    for number in range(1, 13):
        weeks = Calendar().monthdatescalendar(year, number)
        yield Month(
            date(year, number, 1),
            [
                [Cell(on, calendar.day(on)) if on.month == number else None for on in week]
                for week in weeks
            ],
        )

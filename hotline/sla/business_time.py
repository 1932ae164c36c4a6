"""Time that counts: adding to it, measuring it, and the close of business of the n-th working day.

Pure: knows neither the database nor Flask. A calendar is local (weekly hours, special days); every
instant that goes in or comes out is aware, and what comes out is UTC.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from zoneinfo import ZoneInfo

Intervals = tuple[tuple[int, int], ...]  # local minutes since midnight, in order; 1440 is midnight

# No limit of the hotline reaches this far; a calendar that has not opened by then never will.
HORIZON_YEARS = 3
NOTHING = timedelta(0)
ONE_DAY = timedelta(days=1)
MINUTES_A_DAY = 1440


class CalendarError(ValueError):
    """The calendar is closed for so long that no due time can be reckoned."""


class DayKind(StrEnum):
    REGULAR = "regular"  # like every week, open or closed
    HOLIDAY = "holiday"  # official holiday
    MAKE_UP = "make_up"  # a Saturday or Sunday worked in exchange for a long holiday
    SPECIAL = "special"  # an administrator says so


@dataclass(frozen=True)
class Day:
    """One date: when it is open, and why."""

    intervals: Intervals
    kind: DayKind = DayKind.REGULAR
    name: str = ""


def no_special_days(_on: date) -> Day | None:
    """The lookup of a calendar in which every week is like the other."""
    return None


@dataclass(frozen=True)
class BusinessCalendar:
    """Weekly hours (Monday first) in a time zone, and the days that differ from them."""

    zone: ZoneInfo
    weekly: tuple[Intervals, ...]
    special_day: Callable[[date], Day | None] = no_special_days
    _years: dict[int, "_Year"] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.weekly) != 7:
            raise ValueError(f"a week has seven days, not {len(self.weekly)}")
        for intervals in self.weekly:
            check_intervals(intervals)

    def day(self, on: date) -> Day:
        """What this date is: its open intervals and the reason for them."""
        return self.special_day(on) or Day(self.weekly[on.weekday()])

    def local(self, at: datetime) -> datetime:
        """`at` on the clock of this calendar's wall. Raises ValueError when it is naive."""
        if at.tzinfo is None:
            raise ValueError(f"naive datetime: {at!r}")
        return at.astimezone(self.zone)

    def open_intervals(self, on: date) -> Iterator[tuple[datetime, datetime]]:
        """The open intervals of a date as UTC instants, without what a summer-time gap swallows."""
        last_end = self.instant(on, 0)
        for opens, closes in self.day(on).intervals:
            begin, end = max(self.instant(on, opens), last_end), self.instant(on, closes)
            if begin < end:
                yield begin, end
                last_end = end

    def instant(self, on: date, minute: int) -> datetime:
        """The UTC instant of a local minute of a date."""
        if minute == MINUTES_A_DAY:
            on, minute = on + ONE_DAY, 0
        return datetime.combine(on, time(*divmod(minute, 60)), self.zone).astimezone(UTC)

    def _year(self, number: int) -> "_Year":
        if number not in self._years:
            self._years[number] = _Year.of(number, self)
        return self._years[number]


def check_intervals(intervals: Intervals) -> None:
    """Raise ValueError unless the intervals of a day are in order, apart, and within the day."""
    last_end = 0
    for opens, closes in intervals:
        if not last_end <= opens < closes <= MINUTES_A_DAY:
            raise ValueError(f"not intervals of one day, in order: {intervals}")
        last_end = closes


@dataclass(frozen=True)
class _Year:
    """The open intervals of one local year with running totals: every question is a bisect."""

    begins: list[datetime]
    ends: list[datetime]
    totals: list[timedelta]  # open time from New Year to the end of each interval

    @classmethod
    def of(cls, number: int, calendar: BusinessCalendar) -> "_Year":
        first, days = date(number, 1, 1), (date(number + 1, 1, 1) - date(number, 1, 1)).days
        begins, ends, totals, total = [], [], [], NOTHING
        for offset in range(days):
            for begin, end in calendar.open_intervals(first + timedelta(offset)):
                total += end - begin
                begins.append(begin)
                ends.append(end)
                totals.append(total)
        return cls(begins, ends, totals)

    @property
    def total(self) -> timedelta:
        return self.totals[-1] if self.totals else NOTHING

    def elapsed(self, at: datetime) -> timedelta:
        """The open time of this year up to `at`."""
        index = bisect_right(self.begins, at) - 1
        if index < 0:
            return NOTHING
        return self.totals[index] - max(self.ends[index] - at, NOTHING)

    def reached(self, total: timedelta) -> datetime:
        """The first instant at which `total` (more than nothing) has elapsed."""
        index = bisect_left(self.totals, total)
        return self.ends[index] - (self.totals[index] - total)


def add(start: datetime, amount: timedelta, calendar: BusinessCalendar) -> datetime:
    """The instant when `amount` of business time has passed since `start`, in UTC.

    Closed time does not count: with closing at 17:30 and opening at 08:30, 30 minutes from Friday
    17:20 is Monday 08:50. What ends with the day ends at its close, not at the next opening.

    Raises ValueError when `amount` is negative, CalendarError when the calendar stays closed.
    """
    if amount < NOTHING:
        raise ValueError(f"cannot add negative business time: {amount}")
    local_year, start = calendar.local(start).year, start.astimezone(UTC)
    if not amount:
        return start
    amount += calendar._year(local_year).elapsed(start)
    for year in _years_from(local_year, calendar):
        if amount <= year.total:
            return year.reached(amount)
        amount -= year.total
    raise CalendarError(f"{amount} of business time do not pass within {HORIZON_YEARS} years")


def between(start: datetime, end: datetime, calendar: BusinessCalendar) -> timedelta:
    """The business time from `start` to `end`; negative when `end` is the earlier one."""
    if end < start:
        return -between(end, start, calendar)
    first, last = calendar.local(start).year, calendar.local(end).year
    whole_years = sum((calendar._year(year).total for year in range(first, last)), NOTHING)
    until = calendar._year(last).elapsed(end.astimezone(UTC))
    return whole_years + until - calendar._year(first).elapsed(start.astimezone(UTC))


def is_open(at: datetime, calendar: BusinessCalendar) -> bool:
    """Whether `at` is business time. The instant of closing is not."""
    today = calendar.open_intervals(calendar.local(at).date())  # no year is reckoned for this
    return any(opens <= at < closes for opens, closes in today)


def is_break(at: datetime, calendar: BusinessCalendar) -> bool:
    """Whether we are closed, but were open before on the same day and will be again: lunch."""
    around = pairwise(calendar.open_intervals(calendar.local(at).date()))
    return any(closed <= at < opens for (_, closed), (opens, _) in around)


def next_open(at: datetime, calendar: BusinessCalendar) -> datetime:
    """`at` itself while we are open, else the next opening, in UTC.

    Raises CalendarError when the calendar stays closed.
    """
    at = calendar.local(at).astimezone(UTC)
    if is_open(at, calendar):
        return at
    for year in _years_from(calendar.local(at).year, calendar):
        index = bisect_left(year.begins, at)
        if index < len(year.begins):
            return year.begins[index]
    raise CalendarError(f"closed for {HORIZON_YEARS} years")


def add_working_days(start: datetime, days: int, calendar: BusinessCalendar) -> datetime:
    """The close of business of the `days`-th working day after the day of `start`, in UTC.

    The day on which a limit begins does not count (期限开始当日不计入). A make-up Saturday is a
    working day, and so is a day that is open for an hour only.

    Raises ValueError when `days` is less than one, CalendarError when the calendar stays closed.
    """
    if days < 1:
        raise ValueError(f"a limit has at least one working day, not {days}")
    for number, close in enumerate(_closings(calendar.local(start).date(), calendar), start=1):
        if number == days:
            return close
    raise CalendarError(f"{days} working days do not pass within {HORIZON_YEARS} years")


def _closings(after: date, calendar: BusinessCalendar) -> Iterator[datetime]:
    """The close of business of each working day after a date, as far as the horizon."""
    for offset in range(1, HORIZON_YEARS * 366):
        intervals = list(calendar.open_intervals(after + timedelta(offset)))
        if intervals:
            yield intervals[-1][1]


def _years_from(number: int, calendar: BusinessCalendar) -> Iterator[_Year]:
    return (calendar._year(number + offset) for offset in range(HORIZON_YEARS + 1))

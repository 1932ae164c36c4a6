"""The stretch of days a report is about, and the ones it is compared with."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from hotline.calendars.chinese import ZONE
from hotline.errors import Invalid
from hotline.i18n import N_
from hotline.sla import months

ONE_DAY = timedelta(days=1)
LONGEST = timedelta(days=366 * 3)
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)  # as far as the years have names
MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")
YEAR = re.compile(r"20\d\d")


class Span(StrEnum):
    MONTH = "month"
    YEAR = "year"
    DAYS = "days"


@dataclass(frozen=True)
class Period:
    """Whole local days from `first` to `last`, both of them counted."""

    first: date
    last: date
    span: Span = Span.DAYS

    @property
    def since(self) -> datetime:
        """The first instant, in UTC."""
        return months.midnight(self.first)

    @property
    def until(self) -> datetime:
        """The first instant that is not in it any more, in UTC."""
        return months.midnight(self.last + ONE_DAY)

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def name(self) -> str:
        """How a link names it: 2026-11, 2026, or 2026-11-03..2026-11-09."""
        if self.span is Span.MONTH:
            return f"{self.last:%Y-%m}"
        if self.span is Span.YEAR:
            return f"{self.last:%Y}"
        return f"{self.first.isoformat()}..{self.last.isoformat()}"

    def before(self) -> "Period":
        """The one just before, as long: a month before a month, a year before a year."""
        if self.span is Span.MONTH:
            return month_of(self.first - ONE_DAY)
        if self.span is Span.YEAR:
            return year(self.last.year - 1)
        return Period(self.first - timedelta(self.days), self.first - ONE_DAY)

    def year_before(self) -> "Period":
        """The same a year earlier."""
        if self.span is Span.MONTH:
            return month(self.last.year - 1, self.last.month)
        if self.span is Span.YEAR:
            return year(self.last.year - 1)
        return Period(_year_earlier(self.first), _year_earlier(self.last))

    def cut(self, at: datetime) -> "Period":
        """As much of it as has begun at `at`, so that half a month is compared with half a one."""
        today = at.astimezone(ZONE).date()
        if not self.first <= today < self.last:
            return self
        return Period(self.first, today)

    def first_days(self, days: int) -> "Period":
        """Its first `days` days, or all of it when it is not so long."""
        return self if days >= self.days else Period(self.first, self.first + timedelta(days - 1))


def month(number_of_year: int, number: int) -> Period:
    """A reporting month, by the year and month in which it ends."""
    found = months.month(number_of_year, number)
    return Period(found.first, found.last, Span.MONTH)


def month_of(day: date) -> Period:
    """The reporting month in which `day` lies."""
    found = months.holding(day)
    return Period(found.first, found.last, Span.MONTH)


def year(number: int) -> Period:
    """Twelve reporting months."""
    return Period(month(number, 1).first, month(number, 12).last, Span.YEAR)


def months_until(last: Period, count: int) -> list[Period]:
    """`count` reporting months, the one that holds the last day of `last` at the end."""
    found = [month_of(last.last)]
    while len(found) < count:
        found.append(found[-1].before())
    return found[::-1]


def read(name: str, at: datetime) -> Period:
    """The period a link names; the month of `at` when it names none. Raises Invalid."""
    name = name.strip()
    try:
        if not name:
            return month_of(at.astimezone(ZONE).date())
        if found := MONTH.fullmatch(name):
            return month(int(found[1]), int(found[2]))
        if YEAR.fullmatch(name):
            return year(int(name))
        first, _, last = name.partition("..")
        return between(date.fromisoformat(first), date.fromisoformat(last or first))
    except ValueError:
        raise Invalid(N_("There is no such period."), field="period") from None


def between(first: date, last: date) -> Period:
    """Any days of this century. Raises Invalid when they end before they begin, or are more than
    three years."""
    if first < FIRST_DAY or last > LAST_DAY:
        raise Invalid(N_("There is no such period."), field="period")
    if not timedelta(0) <= last - first <= LONGEST:
        raise Invalid(
            N_("A period ends after it begins, and is no longer than three years."), field="period"
        )
    return Period(first, last)


def _year_earlier(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year - 1, day=28)

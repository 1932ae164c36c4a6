"""Reporting months: those of the calendar, or such as begin on a day that an administrator chose.

With the 19th, November is 19 October to 18 November (the assessment month of Beijing's 12345). Two
months never share a day, and no day lies between them.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from hotline.calendars.chinese import ZONE
from hotline.sla import policies

ONE_DAY = timedelta(days=1)
NAME = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Month:
    """Whole local days from `first` to `last`, named after the year and month in which it ends."""

    first: date
    last: date

    @property
    def name(self) -> str:
        """How a link names it: 2026-11."""
        return f"{self.last:%Y-%m}"

    @property
    def since(self) -> datetime:
        """The first instant, in UTC."""
        return midnight(self.first)

    @property
    def until(self) -> datetime:
        """The first instant that is not in it any more, in UTC."""
        return midnight(self.last + ONE_DAY)

    def before(self) -> "Month":
        """The one just before."""
        return holding(self.first - ONE_DAY)

    def after(self) -> "Month":
        """The next one."""
        return holding(self.last + ONE_DAY)


def month(year: int, number: int) -> Month:
    """The month that ends in this month of the calendar."""
    first, begins = date(year, number, 1), policies.get("month_begins_on")
    if begins == 1:
        return Month(first, _next_first(first) - ONE_DAY)
    return Month((first - ONE_DAY).replace(day=begins), first.replace(day=begins - 1))


def holding(day: date) -> Month:
    """The month in which `day` lies."""
    found = month(day.year, day.month)
    if day <= found.last:
        return found
    following = _next_first(day)
    return month(following.year, following.month)


def at(instant: datetime) -> Month:
    """The month that runs at `instant`."""
    return holding(instant.astimezone(ZONE).date())


def read(name: str) -> Month | None:
    """The month a link names; None where that is no month."""
    found = NAME.fullmatch(name.strip())
    return month(int(found[1]), int(found[2])) if found else None


def midnight(day: date) -> datetime:
    """The instant at which `day` begins here, in UTC."""
    return datetime.combine(day, time(), ZONE).astimezone(UTC)


def _next_first(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)

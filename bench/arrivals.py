"""When matters come in: more on working days, in the morning and afternoon, in January."""

from bisect import bisect
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import accumulate
from random import Random

from bench import seconds
from bench.seconds import DAY, HOUR
from hotline.sla.business_time import BusinessCalendar, DayKind

# By the hour of the day: on working days, and on all others.
WORKING = (3, 2, 1, 1, 1, 2, 4, 12, 48, 100, 104, 76, 38, 52, 92, 96, 84, 58, 30, 22, 18, 14, 9, 5)
OTHER = (4, 3, 2, 1, 1, 2, 5, 12, 32, 56, 60, 48, 36, 40, 50, 52, 46, 38, 30, 26, 22, 16, 10, 6)
# By the month: wages are settled before the Spring Festival.
SEASON = (1.45, 0.8, 1.05, 1.0, 1.0, 0.98, 1.02, 0.96, 0.95, 0.94, 1.02, 1.2)
ON_WEEKDAYS = (1.16, 1.06, 1.0, 0.98, 0.94, 0.46, 0.38)
ON_HOLIDAYS = 0.3
GROWTH = 0.35  # from the first day to the last


def instants(
    count: int, first: date, end: int, calendar: BusinessCalendar, rng: Random
) -> Iterator[int]:
    """`count` instants from the midnight of `first` until `end`, in their order."""
    days = [
        first + timedelta(number) for number in range((seconds.local_day(end - 1) - first).days + 1)
    ]
    weights = [
        _weight(day, calendar, rng) * (1 + GROWTH * number / len(days))
        for number, day in enumerate(days)
    ]
    weights[-1] *= _share_until(end, _hours(days[-1], calendar))
    bounds, whole, before = list(accumulate(weights)), sum(weights), 0
    for day, bound in zip(days, bounds, strict=True):
        until = round(count * bound / whole)
        yield from _of_a_day(day, until - before, end, _hours(day, calendar), rng)
        before = until


def _weight(day: date, calendar: BusinessCalendar, rng: Random) -> float:
    kind, worked = calendar.day(day).kind, calendar.day(day).intervals
    usual = ON_HOLIDAYS if kind is DayKind.HOLIDAY else ON_WEEKDAYS[day.weekday()]
    if worked and day.weekday() > 4:  # a make-up day
        usual = ON_WEEKDAYS[2]
    return usual * SEASON[day.month - 1] * rng.uniform(0.9, 1.1)


def _hours(day: date, calendar: BusinessCalendar) -> tuple[int, ...]:
    return WORKING if calendar.day(day).intervals else OTHER


def _share_until(end: int, hours: tuple[int, ...]) -> float:
    """How much of a day has passed by `end`."""
    hour, rest = divmod((end + seconds.OFFSET) % DAY or DAY, HOUR)
    passed = sum(hours[:hour]) + (hours[hour] * rest / HOUR if rest else 0)
    return passed / sum(hours)


def _of_a_day(
    day: date, count: int, end: int, hours: tuple[int, ...], rng: Random
) -> Iterator[int]:
    begins, bounds = seconds.midnight(day), list(accumulate(hours))
    room = min(end - begins, DAY)
    found: list[int] = []
    while len(found) < count:
        hour = bisect(bounds, rng.random() * bounds[-1])
        second = hour * HOUR + int(rng.random() * HOUR)
        if second < room:
            found.append(begins + second)
    return iter(sorted(found))

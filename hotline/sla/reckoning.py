"""How a due time was reckoned, step by step, so that a person can follow it and believe it.

The steps lie end to end from start to due, and what they count adds up to the limit.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from hotline.sla.business_time import (
    NOTHING,
    ONE_DAY,
    BusinessCalendar,
    Day,
    DayKind,
    is_open,
)


class StepKind(StrEnum):
    COUNTED = "counted"  # business time
    MAKE_UP = "make_up"  # business time of a make-up working day
    WALL_CLOCK = "wall_clock"  # everything counts, day and night
    FIRST_DAY = "first_day"  # the day on which a limit in working days begins does not count
    BREAK = "break"  # lunch
    NIGHT = "night"
    WEEKEND = "weekend"  # closed every week on this day
    HOLIDAY = "holiday"
    SPECIAL = "special"  # closed by an administrator


CLOSED_DAYS = frozenset({StepKind.WEEKEND, StepKind.HOLIDAY, StepKind.SPECIAL})


@dataclass(frozen=True)
class Step:
    """One stretch of the way from start to due (UTC), and how much of it counts."""

    kind: StepKind
    begin: datetime
    end: datetime
    counted: timedelta = NOTHING
    working_days: int = 0  # whole ones
    name: str = ""  # of the holiday or special day, English


@dataclass(frozen=True)
class Reckoning:
    start: datetime
    due: datetime
    steps: tuple[Step, ...]

    @property
    def counted(self) -> timedelta:
        return sum((step.counted for step in self.steps), NOTHING)

    @property
    def working_days(self) -> int:
        return sum(step.working_days for step in self.steps)


def explain(start: datetime, due: datetime, calendar: BusinessCalendar) -> Reckoning:
    """How `due` was reckoned, for a reader who knows only the two instants.

    A limit in working days ends at a later day's close of business, one in working hours while
    we are open; what ends while we are closed runs by the wall clock.
    """
    closes = [end for _, end in calendar.open_intervals(calendar.local(due).date())]
    if due in closes[-1:] and calendar.local(start).date() < calendar.local(due).date():
        return in_days(start, due, calendar)
    if due in closes or is_open(due, calendar):
        return in_hours(start, due, calendar)
    return by_wall_clock(start, due)


def in_hours(start: datetime, due: datetime, calendar: BusinessCalendar) -> Reckoning:
    """The reckoning of a limit in working hours. Whole days in a row are one step."""
    stretches = _stretches(start, due, calendar)
    return _reckoning(start, due, (step for part in stretches for step in _hours(part, calendar)))


def in_days(start: datetime, due: datetime, calendar: BusinessCalendar) -> Reckoning:
    """The reckoning of a limit in working days: the first day does not count, nights go untold."""
    first, *others = (_whole_day(part, calendar) for part in _stretches(start, due, calendar))
    if first.working_days:
        first = Step(StepKind.FIRST_DAY, first.begin, first.end)
    return _reckoning(start, due, (first, *others))


def by_wall_clock(start: datetime, due: datetime) -> Reckoning:
    """The reckoning of a limit that runs day and night."""
    return _reckoning(start, due, (Step(StepKind.WALL_CLOCK, start, due, counted=due - start),))


def _reckoning(start: datetime, due: datetime, steps: Iterable[Step]) -> Reckoning:
    return Reckoning(start, due, tuple(_told(steps)))


Stretch = tuple[date, datetime, datetime]  # a local date, and the part of it that we look at


def _stretches(start: datetime, due: datetime, calendar: BusinessCalendar) -> Iterator[Stretch]:
    on, last = calendar.local(start).date(), calendar.local(due).date()
    while on <= last:
        begin, end = (
            max(start, calendar.instant(on, 0)),
            min(due, calendar.instant(on + ONE_DAY, 0)),
        )
        if begin < end:
            yield on, begin, end
        on += ONE_DAY


def _hours(stretch: Stretch, calendar: BusinessCalendar) -> Iterator[Step]:
    """One date: what counts, lunch, and the night before and after. A whole day is one step."""
    on, here, until = stretch
    day, intervals = calendar.day(on), list(calendar.open_intervals(on))
    if not intervals:
        yield _closed(day, here, until)
        return
    opening, close = intervals[0][0], intervals[-1][1]
    if here <= opening and close <= until:
        parts = [_whole(day, opening, close, intervals)]
    else:
        clipped = [(max(begin, here), min(end, until)) for begin, end in intervals]
        parts = [_open(day, begin, end) for begin, end in clipped if begin < end]
    for part in parts:
        if here < part.begin:
            yield Step(StepKind.NIGHT if here < opening else StepKind.BREAK, here, part.begin)
        yield part
        here = part.end
    if here < until:
        yield Step(StepKind.BREAK if opening < until < close else StepKind.NIGHT, here, until)


def _whole_day(stretch: Stretch, calendar: BusinessCalendar) -> Step:
    """One date as a limit in working days sees it: a working day or none."""
    on, begin, end = stretch
    day, intervals = calendar.day(on), list(calendar.open_intervals(on))
    return _whole(day, begin, end, intervals) if intervals else _closed(day, begin, end)


def _open(day: Day, begin: datetime, end: datetime) -> Step:
    kind = StepKind.MAKE_UP if day.kind is DayKind.MAKE_UP else StepKind.COUNTED
    return Step(kind, begin, end, counted=end - begin, name=day.name)


def _whole(
    day: Day, begin: datetime, end: datetime, intervals: list[tuple[datetime, datetime]]
) -> Step:
    counted = sum((closes - opens for opens, closes in intervals), NOTHING)
    return replace(_open(day, begin, end), counted=counted, working_days=1)


def _closed(day: Day, begin: datetime, end: datetime) -> Step:
    kinds = {DayKind.HOLIDAY: StepKind.HOLIDAY, DayKind.SPECIAL: StepKind.SPECIAL}
    return Step(kinds.get(day.kind, StepKind.WEEKEND), begin, end, name=day.name)


def _told(steps: Iterable[Step]) -> list[Step]:
    """The steps as people tell them: a night is not told beside a closed day or between whole days,
    and what repeats is told once."""
    told: list[Step] = []
    for step in steps:
        if len(told) > 1 and told[-1].kind is StepKind.NIGHT and _alike(told[-2], step):
            told.pop()
        if told and _swallows(told[-1], step):
            told[-1] = replace(told[-1], end=step.end)
        elif told and _swallows(step, told[-1]):
            told[-1] = replace(step, begin=told[-1].begin)
        elif told and _alike(told[-1], step):
            told[-1] = _joined(told[-1], step)
        else:
            told.append(step)
    return told


def _swallows(step: Step, night: Step) -> bool:
    return night.kind is StepKind.NIGHT and step.kind in CLOSED_DAYS | {StepKind.NIGHT}


def _alike(one: Step, other: Step) -> bool:
    same = (one.kind, one.name) == (other.kind, other.name)
    return same and (one.kind in CLOSED_DAYS or bool(one.working_days and other.working_days))


def _joined(one: Step, other: Step) -> Step:
    return replace(
        one,
        end=other.end,
        counted=one.counted + other.counted,
        working_days=one.working_days + other.working_days,
    )

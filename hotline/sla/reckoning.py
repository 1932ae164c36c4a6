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
    """One stretch of the way from start to due (UTC), the local dates that people name for it,
    and how much of it counts."""

    kind: StepKind
    begin: datetime
    end: datetime
    first: date
    last: date
    counted: timedelta = NOTHING
    working_days: int = 0  # whole ones
    name: str = ""  # of the holiday or special day, English


@dataclass(frozen=True)
class Reckoning:
    start: datetime
    due: datetime
    steps: tuple[Step, ...]
    counts_days: bool = False  # a limit in working days: its hours do not matter

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
    return by_wall_clock(start, due, calendar)


def in_hours(start: datetime, due: datetime, calendar: BusinessCalendar) -> Reckoning:
    """The reckoning of a limit in working hours. Whole days in a row are one step."""
    stretches = _stretches(start, due, calendar)
    return _reckoning(start, due, (step for part in stretches for step in _hours(part, calendar)))


def in_days(start: datetime, due: datetime, calendar: BusinessCalendar) -> Reckoning:
    """The reckoning of a limit in working days: the first day does not count, nights go untold."""
    first, *others = (_whole_day(part, calendar) for part in _stretches(start, due, calendar))
    if first.working_days:
        first = replace(first, kind=StepKind.FIRST_DAY, counted=NOTHING, working_days=0)
    return replace(_reckoning(start, due, (first, *others)), counts_days=True)


def by_wall_clock(start: datetime, due: datetime, calendar: BusinessCalendar) -> Reckoning:
    """The reckoning of a limit that runs day and night."""
    first, last = calendar.local(start).date(), calendar.local(due).date()
    step = Step(StepKind.WALL_CLOCK, start, due, first, last, counted=due - start)
    return _reckoning(start, due, (step,))


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
        yield _closed(on, day, here, until)
        return
    opening, close = intervals[0][0], intervals[-1][1]
    if here <= opening and close <= until:
        counted = sum((end - begin for begin, end in intervals), NOTHING)
        parts = [_open(on, day, opening, close, counted=counted, working_days=1)]
    else:
        clipped = [(max(begin, here), min(end, until)) for begin, end in intervals]
        parts = [
            _open(on, day, begin, end, counted=end - begin) for begin, end in clipped if begin < end
        ]
    for part in parts:
        if here < part.begin:
            kind = StepKind.NIGHT if here < opening else StepKind.BREAK
            yield Step(kind, here, part.begin, on, on)
        yield part
        here = part.end
    if here < until:
        kind = StepKind.BREAK if opening < until < close else StepKind.NIGHT
        yield Step(kind, here, until, on, on)


def _whole_day(stretch: Stretch, calendar: BusinessCalendar) -> Step:
    """One date as a limit in working days sees it: a working day or none."""
    on, begin, end = stretch
    day, intervals = calendar.day(on), list(calendar.open_intervals(on))
    if not intervals:
        return _closed(on, day, begin, end)
    counted = sum((closes - opens for opens, closes in intervals), NOTHING)
    return _open(on, day, begin, end, counted=counted, working_days=1)


def _open(
    on: date,
    day: Day,
    begin: datetime,
    end: datetime,
    *,
    counted: timedelta,
    working_days: int = 0,
) -> Step:
    kind = StepKind.MAKE_UP if day.kind is DayKind.MAKE_UP else StepKind.COUNTED
    return Step(kind, begin, end, on, on, counted, working_days, day.name)


def _closed(on: date, day: Day, begin: datetime, end: datetime) -> Step:
    kinds = {DayKind.HOLIDAY: StepKind.HOLIDAY, DayKind.SPECIAL: StepKind.SPECIAL}
    return Step(kinds.get(day.kind, StepKind.WEEKEND), begin, end, on, on, name=day.name)


def _told(steps: Iterable[Step]) -> list[Step]:
    """The steps as people tell them: a night is not told beside a closed day or between whole days,
    and what repeats is told once."""
    told: list[Step] = []
    for step in steps:
        if len(told) > 1 and told[-1].kind is StepKind.NIGHT and _alike(told[-2], step):
            told.pop()
        if told and told[-1].kind is step.kind is StepKind.NIGHT:
            told[-1] = _joined(told[-1], step)
        elif told and _swallows(told[-1], step):
            told[-1] = replace(told[-1], end=step.end)
        elif told and _swallows(step, told[-1]):
            told[-1] = replace(step, begin=told[-1].begin)
        elif told and _alike(told[-1], step):
            told[-1] = _joined(told[-1], step)
        else:
            told.append(step)
    return told


def _swallows(step: Step, night: Step) -> bool:
    return night.kind is StepKind.NIGHT and step.kind in CLOSED_DAYS


def _alike(one: Step, other: Step) -> bool:
    same = (one.kind, one.name) == (other.kind, other.name)
    return same and (one.kind in CLOSED_DAYS or bool(one.working_days and other.working_days))


def _joined(one: Step, other: Step) -> Step:
    return replace(
        one,
        end=other.end,
        last=other.last,
        counted=one.counted + other.counted,
        working_days=one.working_days + other.working_days,
    )

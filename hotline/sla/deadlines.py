"""By when: each promise of the hotline as a due time, from the policies and the calendars."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from hotline.calendars import queries as calendars
from hotline.errors import HotlineError
from hotline.i18n import N_
from hotline.sla import business_time, limits, policies
from hotline.sla import reckoning as reckonings
from hotline.sla.business_time import NOTHING, BusinessCalendar, CalendarError
from hotline.sla.limits import Limit
from hotline.sla.policies import SPANS
from hotline.sla.policy_table import Unit
from hotline.sla.reckoning import Reckoning, StepKind
from models import Department, Level, Urgency


def after(at: datetime, limit: Limit, department: Department | None) -> datetime:
    """When `limit` is over that began `at`."""
    if limit.unit is Unit.WORKING_DAYS:
        return _after_days(at, limit.amount, department)
    amount = limit.amount * SPANS[limit.unit]
    if limit.unit is not Unit.WORKING_MINUTES:
        return at + amount
    with _spoken():
        return business_time.add(at, amount, calendars.calendar_for(department))


def accept_due(at: datetime, department: Department) -> datetime:
    """By when a department accepts what was handed to it `at`."""
    return _after_hours(at, "accept_minutes", department)


def handle_due(
    at: datetime, department: Department, level: Level, urgency: Urgency = Urgency.NORMAL
) -> datetime:
    """By when a department answers what was handed to it `at`, as long as nothing moves that."""
    return after(at, limits.to_handle(level, urgency), department)


def rework_due(at: datetime, department: Department) -> datetime:
    """By when a department answers again what was sent back to it `at`."""
    return _after_days(at, policies.get("rework_days"), department)


def ask_return_until(at: datetime, department: Department) -> datetime:
    """Until when a department may ask to return what was handed to it `at`."""
    return _after_hours(at, "ask_return_minutes", department)


def decide_return_due(at: datetime) -> datetime:
    """By when the hotline decides about a return asked for `at`; a supervisor hears of it then."""
    return _after_hours(at, "decide_return_minutes", None)


def extended_until_max(due_at: datetime, limit: Limit, department: Department) -> datetime:
    """The latest day, at its close, to which a `limit` may be extended that ends at `due_at`."""
    return after(due_at, limits.to_extend(limit), department)


def waiting_until_max(at: datetime, department: Department | None) -> datetime:
    """The latest end of a wait for the caller that begins `at`."""
    return _after_days(at, policies.get("waiting_days"), department)


def return_call_due(at: datetime) -> datetime:
    """By when we ring back who rang `at` and reached nobody.

    Who rang while the house was closed is rung back after the next opening; the night has a longer
    limit, because many rang in it. Lunch is no night.
    """
    calendar = calendars.calendar_for(None)
    night = not business_time.is_open(at, calendar) and not business_time.is_break(at, calendar)
    key = "return_call_night_minutes" if night else "return_call_minutes"
    return _after_hours(at, key, None)


def tell_due(at: datetime) -> datetime:
    """By when the caller hears the answer that came `at`."""
    return _after_days(at, policies.get("tell_days"), None)


def follow_up_due(at: datetime) -> datetime:
    """By when we ask the caller whom the department told `at`."""
    return _after_days(at, policies.get("follow_up_days"), None)


def appeal_until(at: datetime) -> datetime:
    """Until when whose work was scored `at` may appeal."""
    return _after_days(at, policies.get("appeal_days"), None)


def safety_due(at: datetime) -> datetime:
    """By when we make sure that a caller in an emergency is safe; day and night."""
    return at + policies.span("safety_minutes")


def warn_at(
    start: datetime,
    due_at: datetime,
    department: Department | None,
    *,
    paused: timedelta = NOTHING,
) -> datetime:
    """When most of the time from `start` to `due_at` has passed, in working time only."""
    part = policies.get("warn_percent") / 100
    return part_at(start, due_at, department, part, paused=paused)


def part_at(
    start: datetime,
    due_at: datetime,
    department: Department | None,
    part: float,
    *,
    paused: timedelta = NOTHING,
) -> datetime:
    """When `part` of the time from `start` to `due_at` has passed, in working time only.

    `paused` is how much of that time the clock has stood still; it is no part of it.
    """
    if runs_by_the_wall(start, due_at, department, paused=paused):
        return start + paused + (due_at - start - paused) * part
    calendar = calendars.calendar_for(department)
    counted = max(business_time.between(start, due_at, calendar) - paused, NOTHING)
    return business_time.add(start, paused + counted * part, calendar)


def escalate_at(
    start: datetime,
    due_at: datetime,
    department: Department | None,
    *,
    paused: timedelta = NOTHING,
) -> datetime:
    """When a limit has been over for so long that those above hear of it: a part of the limit
    again, or so many working days, whichever is first.
    """
    part = policies.get("escalate_percent") / 100
    if runs_by_the_wall(start, due_at, department, paused=paused):
        return due_at + (due_at - start - paused) * part
    calendar = calendars.calendar_for(department)
    counted = max(business_time.between(start, due_at, calendar) - paused, NOTHING)
    with _spoken():
        return min(
            business_time.add(due_at, counted * part, calendar),
            business_time.add_working_days(due_at, policies.get("escalate_days"), calendar),
        )


def runs_by_the_wall(
    start: datetime,
    due_at: datetime,
    department: Department | None,
    *,
    paused: timedelta = NOTHING,
) -> bool:
    """Whether a limit runs day and night: that of a critical matter, and what ends while we are
    closed.
    """
    calendar = calendars.calendar_for(department)
    if due_at - start - paused == policies.span("handle_critical_minutes"):
        return business_time.between(start, due_at, calendar) < due_at - start
    closes = [end for _, end in calendar.open_intervals(calendar.local(due_at).date())]
    return due_at not in closes and not business_time.is_open(due_at, calendar)


def spent(
    start: datetime, end: datetime, department: Department | None, *, by_the_wall: bool = False
) -> int:
    """The seconds that count from `start` to `end`: business time, or all of them."""
    if by_the_wall:
        return round((end - start).total_seconds())
    calendar = calendars.calendar_for(department)
    return round(business_time.between(start, end, calendar).total_seconds())


def moved_by_pause(
    due_at: datetime,
    paused_at: datetime,
    resumed_at: datetime,
    department: Department | None,
    *,
    by_the_wall: bool = False,
) -> datetime:
    """A due time after its clock stood still: later by the business time that passed meanwhile, or
    by all of it.
    """
    if by_the_wall:
        return due_at + (resumed_at - paused_at)
    calendar = calendars.calendar_for(department)
    with _spoken():
        paused = business_time.between(paused_at, resumed_at, calendar)
        return business_time.add(due_at, paused, calendar)


def moved_by_calendar(
    due_at: datetime, at: datetime, before: BusinessCalendar, after: BusinessCalendar
) -> datetime:
    """A due time after the calendar was changed `at`: what was left of it is left of it still,
    as many working days or hours. What is due already stays due, and so does the wall clock.
    """
    if due_at <= at or before is after:
        return due_at
    left = reckonings.explain(at, due_at, before)
    with _spoken():
        if left.counts_days:
            return business_time.add_working_days(at, left.working_days, after)
        if left.steps[0].kind is StepKind.WALL_CLOCK:
            return due_at
        return business_time.add(at, left.counted, after)


def reckoning(start: datetime, due_at: datetime, department: Department | None) -> Reckoning:
    """How a due time came about, step by step.

    The limit of a critical matter runs by the wall clock; as long as we are open all through, that
    is working time like any other.
    """
    calendar = calendars.calendar_for(department)
    if runs_by_the_wall(start, due_at, department):
        return reckonings.by_wall_clock(start, due_at, calendar)
    return reckonings.explain(start, due_at, calendar)


def reckon(
    start: datetime, due_at: datetime, department: Department | None, unit: Unit
) -> Reckoning:
    """How a due time came about, step by step, of a limit that is counted in `unit`."""
    calendar = calendars.calendar_for(department)
    if unit is Unit.WORKING_DAYS:
        return reckonings.in_days(start, due_at, calendar)
    if unit is Unit.WORKING_MINUTES:
        return reckonings.in_hours(start, due_at, calendar)
    return reckonings.by_wall_clock(start, due_at, calendar)


def _after_hours(at: datetime, key: str, department: Department | None) -> datetime:
    with _spoken():
        return business_time.add(at, policies.span(key), calendars.calendar_for(department))


def _after_days(at: datetime, days: int, department: Department | None) -> datetime:
    with _spoken():
        return business_time.add_working_days(at, days, calendars.calendar_for(department))


@contextmanager
def _spoken() -> Iterator[None]:
    """Say in a sentence what the calendar cannot reckon."""
    try:
        yield
    except CalendarError as error:
        sentence = N_("The calendar stays closed for years. An administrator must open it.")
        raise HotlineError(sentence) from error

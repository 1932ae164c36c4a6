"""How often, on how many days and at what hours a caller is tried before anybody may give up."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from hotline.calendars import queries as calendars
from hotline.callbacks import windows
from hotline.callbacks.windows import Span
from hotline.permissions import Permission, has
from hotline.sla import business_time, policies
from models import (
    Call,
    Callback,
    CallbackAttempt,
    CallbackKind,
    CallResult,
    Direction,
    Outcome,
    Ticket,
    User,
    db,
)

CONNECTED = frozenset({Outcome.REACHED, Outcome.DECLINED_SURVEY})
AGREED = frozenset({Outcome.LATER, Outcome.BY_MESSAGE})  # was reached, is told another time or way
SPOKE_WITH_NOBODY = frozenset(Outcome) - CONNECTED - AGREED  # the failed ones
DEAD_TWICE = 2

PAUSE = timedelta(hours=1)  # between two attempts
PAUSE_WHEN_BUSY = timedelta(minutes=10)
PAUSE_WHEN_IN_DANGER = timedelta(minutes=10)
SLOT = timedelta(hours=3)  # how long the next attempt may take to begin
SLOT_WHEN_IN_DANGER = timedelta(minutes=20)


@dataclass(frozen=True)
class AttemptPolicy:
    """What has to be tried; frozen on the callback when the promise is made."""

    max_attempts: int
    min_days: int = 1
    needs_off_hours: bool = False


def policy_for(kind: CallbackKind, ticket: Ticket) -> AttemptPolicy:
    """What is to be tried for a promise of `kind` made now about `ticket`."""
    if kind is CallbackKind.RETURN_CALL:
        early = _only_hung_up_early(ticket)
        return AttemptPolicy(policies.get("hung_up_early_attempts" if early else "missed_attempts"))
    if kind is CallbackKind.SAFETY:
        return AttemptPolicy(policies.get("result_attempts"))
    return AttemptPolicy(
        policies.get("result_attempts"),
        policies.get("result_attempt_days"),
        policies.is_on("result_off_hours"),
    )


def _only_hung_up_early(ticket: Ticket) -> bool:
    calls = select(Call.result).where(
        Call.ticket_id == ticket.id, Call.direction == Direction.INBOUND
    )
    return set(db.session.scalars(calls)) == {CallResult.HUNG_UP_EARLY}


def failed(attempts: Iterable[CallbackAttempt]) -> list[CallbackAttempt]:
    """The attempts in which nobody spoke with the caller; what was agreed is none of them."""
    return [attempt for attempt in attempts if attempt.outcome in SPOKE_WITH_NOBODY]


def is_exhausted(callback: Callback) -> bool:
    """Whether the frozen policy asks for nothing more: times, days, and hours."""
    tried = failed(callback.attempts)
    return not numbers_left(callback) or (
        len(tried) >= callback.max_attempts
        and len(_days_of(tried)) >= callback.min_days
        and not _lacks_off_hours(callback, tried)
    )


def numbers_left(callback: Callback) -> list[str]:
    """The numbers of the caller that were not found dead twice, the one to ring first."""
    known = [callback.number] + [one.number for one in callback.ticket.caller.numbers]
    dead = [a.number for a in callback.attempts if a.outcome is Outcome.DEAD_NUMBER]
    return [number for number in dict.fromkeys(known) if dead.count(number) < DEAD_TWICE]


def numbers_for(viewer: User, callback: Callback) -> list[str]:
    """Which of them `viewer` may ring: outside the hotline the callback's own, and no other."""
    left = numbers_left(callback)
    if has(viewer, Permission.HANDLE_CALLS):
        return left
    return [number for number in left if number == callback.number]


def next_slot(callback: Callback, at: datetime) -> Span:
    """When to try again after a failed attempt at `at`, so that days and hours get covered."""
    tried = failed(callback.attempts)
    if callback.kind is CallbackKind.SAFETY:
        begin = at + PAUSE_WHEN_IN_DANGER
        return Span(begin, begin + SLOT_WHEN_IN_DANGER)
    was_busy = callback.attempts[-1].outcome is Outcome.BUSY
    earliest = at + (PAUSE_WHEN_BUSY if was_busy else PAUSE)
    attempts_left = max(1, callback.max_attempts - len(tried))
    from_day = _local_day(earliest)
    if callback.min_days - len(_days_of(tried)) >= attempts_left:
        from_day = max(from_day, _local_day(at) + timedelta(days=1))
    lacks_off_hours = _lacks_off_hours(callback, tried)
    if callback.window in windows.HABITS and not (lacks_off_hours and attempts_left == 1):
        return windows.next_span(callback.window, earliest, from_day=from_day)
    if lacks_off_hours:
        spans = (
            windows.next_span(word, earliest, from_day=from_day) for word in ("noon", "after_work")
        )
        return min(spans, key=lambda span: span.begin)
    return contact_slot(earliest, from_day)


def contact_slot(at: datetime, from_day: date | None = None) -> Span:
    """The next contact time from `at` on: three hours, or what is left of the day."""
    calendar = calendars.contact_hours()
    if from_day is not None:
        at = max(at, calendar.instant(from_day, 0))
    begin = business_time.next_open(at, calendar)
    closes = [end for _, end in calendar.open_intervals(_local_day(begin))]
    return Span(begin, min(begin + SLOT, max(closes)))


def _lacks_off_hours(callback: Callback, tried: list[CallbackAttempt]) -> bool:
    at_off_hours = any(windows.is_off_hours(attempt.at) for attempt in tried)
    return callback.needs_off_hours and not at_off_hours


def _days_of(tried: Iterable[CallbackAttempt]) -> set[date]:
    return {_local_day(attempt.at) for attempt in tried}


def _local_day(at: datetime) -> date:
    return calendars.contact_hours().local(at).date()

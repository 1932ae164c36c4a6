"""Ringing: what one attempt means for the promise, and when it is to be tried again."""

from datetime import datetime, timedelta

from hotline.callbacks import attempts, promises, state, windows
from hotline.callbacks.windows import Span
from hotline.errors import Invalid
from hotline.i18n import N_
from hotline.live_updates import service as live_updates
from hotline.outbox import service as outbox
from hotline.tickets import service as tickets
from models import (
    Call,
    Callback,
    CallbackAttempt,
    CallbackEnd,
    CallbackKind,
    Ground,
    Outcome,
    User,
    db,
)

LATEST = timedelta(days=windows.LOOK_AHEAD_DAYS)


def record_attempt(
    callback: Callback,
    outcome: Outcome,
    *,
    actor: User,
    at: datetime,
    note: str = "",
    number: str | None = None,
    later: str | datetime | None = None,
    call: Call | None = None,
) -> CallbackAttempt:
    """Write down one ring and what follows: kept, tried again by the policy, or exhausted.

    `number` is the one that was rung when it is not the promised one; `later` (a window or an
    instant) is when the caller wants to be rung instead, and goes with that outcome only.
    Raises TransitionRefused when the promise is over, Invalid when `later` is missing or past.
    """
    state.check_open(callback)
    state.check_may_ring(callback, actor)
    asked_for = _span_of_later(outcome, later, at)
    attempt = CallbackAttempt(
        callback=callback,
        at=at,
        by_id=actor.id,
        number=number or callback.number,
        outcome=outcome,
        note=note.strip()[:500],
        call_id=call.id if call else None,
    )
    db.session.add(attempt)
    db.session.flush()
    state.stop_clock(callback, at)
    if callback.owner_id is None:
        callback.owner_id = actor.id
    if outcome in attempts.AGREED:
        callback.exhausted_at, callback.exhausted_by_id = None, None
    if outcome in attempts.CONNECTED:
        state.end(callback, CallbackEnd.KEPT, at)
        promises.settle(
            callback.ticket, at=at, end=CallbackEnd.KEPT, kinds=(CallbackKind.RETURN_CALL,)
        )
    elif asked_for is not None:
        callback.window = later if isinstance(later, str) else ""
        state.promise_instead(callback, asked_for)
    elif outcome not in attempts.AGREED:
        _try_again_or_give_up(callback, actor=actor, at=at)
    tickets.note_fact(
        callback.ticket,
        "attempt",
        at=at,
        actor=actor,
        callback=callback.id,
        callback_kind=callback.kind.value,
        outcome=outcome.value,
        note=attempt.note,
        next_at=_next_at(callback, at),
        exhausted=callback.exhausted_at is not None,
    )
    state.tell_browsers(callback, at)
    return attempt


def _next_at(callback: Callback, at: datetime) -> str | None:
    """When it is tried again, if it is: not what was reached, signed for, or read from now on."""
    is_over = callback.ended_at is not None or callback.exhausted_at is not None
    return None if is_over or callback.not_before_at <= at else callback.not_before_at.isoformat()


def _span_of_later(outcome: Outcome, later: str | datetime | None, at: datetime) -> Span | None:
    if outcome is not Outcome.LATER:
        return None
    if isinstance(later, datetime):
        if later <= at:
            raise Invalid(N_("Choose a time that is still to come."), field="later_at")
        if later > at + LATEST:  # nobody is put off for ever
            sentence = N_("Choose a time within the next %(days)d days.")
            raise Invalid(sentence, field="later_at", days=LATEST.days)
        return Span(later, later + attempts.PAUSE)
    if later not in windows.WINDOWS:
        raise Invalid(N_("Say when the caller wants to be rung."), field="later")
    return windows.next_span(later, at)


def _try_again_or_give_up(callback: Callback, *, actor: User, at: datetime) -> None:
    db.session.expire(callback, ["attempts"])
    callback.failed_attempts = len(attempts.failed(callback.attempts))
    if attempts.is_exhausted(callback):
        callback.exhausted_at = callback.exhausted_at or at
        callback.exhausted_by_id = callback.exhausted_by_id or actor.id
        _tell_supervisors(callback, at)
        return
    callback.number = attempts.numbers_left(callback)[0]
    state.move(callback, attempts.next_slot(callback, at), Ground.NEXT_SLOT)


def _tell_supervisors(callback: Callback, at: datetime) -> None:
    """It waits on their list; who may be in danger cannot wait there."""
    live_updates.post("supervisors", "callbacks", at, callback=callback.id)
    if callback.kind is CallbackKind.SAFETY:
        outbox.alarm(
            N_("Nobody reaches the caller of the emergency %(number)s: decide what to do."),
            at=at,
            dedupe_key=f"safety_unreached:{callback.id}",
            ticket=callback.ticket,
            number=callback.ticket.number,
        )

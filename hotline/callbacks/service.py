"""Promises to ring a caller: made, claimed, tried, kept, or tried in vain."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from hotline import access
from hotline.callbacks import attempts, windows
from hotline.callbacks.windows import Span
from hotline.errors import Forbidden, Invalid, TransitionRefused
from hotline.i18n import N_
from hotline.live_updates import service as live_updates
from hotline.outbox import service as outbox
from hotline.permissions import Permission, has
from hotline.sla import deadlines, policies
from hotline.tickets import service as tickets
from models import (
    Call,
    Callback,
    CallbackAttempt,
    CallbackEnd,
    CallbackKind,
    Outcome,
    Ticket,
    User,
    db,
)

DUE = {
    CallbackKind.RETURN_CALL: deadlines.return_call_due,
    CallbackKind.TELL: deadlines.tell_due,
    CallbackKind.FOLLOW_UP: deadlines.follow_up_due,
    CallbackKind.SAFETY: deadlines.safety_due,
}
# Somebody who missed us, or is in danger, is rung as soon as can be, whatever they like otherwise.
BY_HABIT = (CallbackKind.TELL, CallbackKind.FOLLOW_UP)


def promise(
    ticket: Ticket,
    kind: CallbackKind,
    *,
    at: datetime,
    owner: User | None = None,
    words: str = "",
    window: str = "",
    due_at: datetime | None = None,
) -> Callback | None:
    """Owe the caller of `ticket` a ring; None when there is no number.

    Due by the caller's window, else by `due_at`, else by the policy of the kind. A debt of the same
    kind that stands already is returned as it is: one per ticket, and one return call per number.
    """
    if not ticket.callback_number:
        return None
    standing = _standing(ticket, kind)
    if standing is not None:
        _widen(standing, ticket)
        return standing
    window = window or (ticket.caller.preferred_window if kind in BY_HABIT else "")
    span = _span(kind, window, at, due_at)
    policy = attempts.policy_for(kind, ticket)
    callback = Callback(
        ticket=ticket,
        kind=kind,
        number=ticket.callback_number,
        owner_id=owner.id if owner else None,
        words=words.strip(),
        window=window,
        promised_at=at,
        not_before_at=span.begin,
        due_at=span.end,
        max_attempts=policy.max_attempts,
        min_days=policy.min_days,
        needs_off_hours=policy.needs_off_hours,
    )
    db.session.add(callback)
    db.session.flush()
    tickets.note_fact(
        ticket,
        "promise",
        at=at,
        actor=owner,
        callback=callback.id,
        callback_kind=kind.value,
        due_at=span.end.isoformat(),
        window=window,
    )
    if kind is CallbackKind.RETURN_CALL and policies.is_on("missed_sms"):
        outbox.tell_missed_caller(callback, at=at)
    _tell_browsers(callback, at)
    return callback


def claim(callback: Callback, *, actor: User, at: datetime) -> None:
    """Take a callback out of the pool. Raises TransitionRefused when somebody has it already."""
    _check_open(callback)
    _check_hotline(callback, actor)
    if callback.owner_id not in (None, actor.id):
        raise TransitionRefused(N_("Somebody else has taken it."))
    callback.owner_id = actor.id
    _tell_browsers(callback, at)


def release(callback: Callback, *, actor: User, at: datetime) -> None:
    """Put a callback back into the pool; its owner may, or a supervisor."""
    _check_open(callback)
    if callback.owner_id != actor.id and not has(actor, Permission.SUPERVISE):
        raise Forbidden
    _tell_browsers(callback, at)
    callback.owner_id = None


def release_all_of(user: User, *, at: datetime) -> int:
    """Put what `user` still owes into the pool, as at the end of duty; return how many."""
    owed = select(Callback).where(Callback.owner_id == user.id, Callback.ended_at.is_(None))
    callbacks = db.session.scalars(owed).all()
    for callback in callbacks:
        _tell_browsers(callback, at)
        callback.owner_id = None
    return len(callbacks)


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
    _check_open(callback)
    _check_hotline(callback, actor)
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
    if callback.first_attempt_at is None:
        callback.first_attempt_at = at
    if callback.owner_id is None:
        callback.owner_id = actor.id
    if outcome in attempts.CONNECTED:
        _end(callback, CallbackEnd.KEPT, at)
    elif asked_for is not None:
        callback.window = later if isinstance(later, str) else ""
        callback.exhausted_at, callback.exhausted_by_id = None, None
        _move(callback, asked_for)
    else:
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
        next_at=None if callback.ended_at else callback.not_before_at.isoformat(),
        exhausted=callback.exhausted_at is not None,
    )
    _tell_browsers(callback, at)
    return attempt


def settle(
    ticket: Ticket,
    *,
    at: datetime,
    end: CallbackEnd,
    kinds: Collection[CallbackKind] | None = None,
) -> int:
    """End what is still promised about `ticket`, of `kinds` or of all; return how many."""
    owed = select(Callback).where(Callback.ticket_id == ticket.id, Callback.ended_at.is_(None))
    if kinds is not None:
        owed = owed.where(Callback.kind.in_(kinds))
    return _settle(db.session.scalars(owed).all(), end, at)


def settle_number(number: str, *, at: datetime) -> int:
    """A connected call with `number` keeps every promise to return its calls; return how many."""
    owed = select(Callback).where(
        Callback.number == number,
        Callback.kind == CallbackKind.RETURN_CALL,
        Callback.ended_at.is_(None),
    )
    return _settle(db.session.scalars(owed).all() if number else [], CallbackEnd.KEPT, at)


def open_debt_of(number: str) -> Callback | None:
    """The return call that `number` is still owed, if any."""
    if not number:
        return None
    owed = (
        select(Callback)
        .where(
            Callback.number == number,
            Callback.kind == CallbackKind.RETURN_CALL,
            Callback.ended_at.is_(None),
        )
        .order_by(Callback.id)
        .limit(1)
    )
    return db.session.scalar(owed)


def _standing(ticket: Ticket, kind: CallbackKind) -> Callback | None:
    same = select(Callback).where(
        Callback.ticket_id == ticket.id, Callback.kind == kind, Callback.ended_at.is_(None)
    )
    found = db.session.scalar(same.order_by(Callback.id).limit(1))
    if found is None and kind is CallbackKind.RETURN_CALL:
        return open_debt_of(ticket.callback_number)
    return found


def _widen(callback: Callback, ticket: Ticket) -> None:
    """Who first hung up early and then really waited is tried as often as any missed caller."""
    policy = attempts.policy_for(callback.kind, ticket)
    if policy.max_attempts > callback.max_attempts:
        callback.max_attempts = policy.max_attempts
        callback.exhausted_at, callback.exhausted_by_id = None, None


def _span(kind: CallbackKind, window: str, at: datetime, due_at: datetime | None) -> Span:
    """When a promise made at `at` may be kept first, and by when."""
    if window:
        return windows.next_span(window, at)
    due_at = due_at or DUE[kind](at)
    if kind is CallbackKind.SAFETY:
        return Span(at, due_at)
    first = attempts.contact_slot(at)
    return Span(first.begin, due_at if due_at > first.begin else first.end)


def _span_of_later(outcome: Outcome, later: str | datetime | None, at: datetime) -> Span | None:
    if outcome is not Outcome.LATER:
        return None
    if isinstance(later, datetime):
        if later <= at:
            raise Invalid(N_("Choose a time that is still to come."), field="later_at")
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
        live_updates.post("supervisors", "callbacks", at, callback=callback.id)
        return
    callback.number = attempts.numbers_left(callback)[0]
    _move(callback, attempts.next_slot(callback, at))


def _move(callback: Callback, span: Span) -> None:
    callback.not_before_at, callback.due_at = span.begin, span.end
    callback.reminded_at, callback.overdue_reminded_at = None, None


def _settle(owed: Collection[Callback], end: CallbackEnd, at: datetime) -> int:
    for callback in owed:
        _end(callback, end, at)
        tickets.note_fact(
            callback.ticket,
            "settle",
            at=at,
            callback=callback.id,
            callback_kind=callback.kind.value,
            end=end.value,
        )
        _tell_browsers(callback, at)
    return len(owed)


def _end(callback: Callback, end: CallbackEnd, at: datetime) -> None:
    callback.ended_at, callback.end = at, end
    db.session.flush()


def _check_open(callback: Callback) -> None:
    if callback.ended_at is not None:
        raise TransitionRefused(N_("This callback is over already."))


def _check_hotline(callback: Callback, actor: User) -> None:
    """Callers are rung by the hotline, and by who promised it at a department's own desk."""
    may_ring = has(actor, Permission.HANDLE_CALLS) or callback.owner_id == actor.id
    if not may_ring or not access.can_see(actor, callback.ticket):
        raise Forbidden


def _tell_browsers(callback: Callback, at: datetime) -> None:
    live_updates.post("hotline", "callbacks", at, callback=callback.id)
    if callback.owner_id is not None:
        live_updates.post(f"user:{callback.owner_id}", "callbacks", at, callback=callback.id)

"""Promises to ring a caller: made once, and ended when kept or no longer needed."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import bindparam, select

from hotline import turns
from hotline.callbacks import attempts, state, windows
from hotline.callbacks.windows import Span
from hotline.outbox import service as outbox
from hotline.sla import deadlines, policies
from hotline.tickets import service as tickets
from models import Callback, CallbackEnd, CallbackKind, Ground, Ticket, User, db

DUE = {
    CallbackKind.RETURN_CALL: deadlines.return_call_due,
    CallbackKind.TELL: deadlines.tell_due,
    CallbackKind.FOLLOW_UP: deadlines.follow_up_due,
    CallbackKind.SAFETY: deadlines.safety_due,
}
OPEN_DEBT = (
    select(Callback)
    .where(
        Callback.number == bindparam("number"),
        Callback.kind == CallbackKind.RETURN_CALL,
        Callback.ended_at.is_(None),
    )
    .order_by(Callback.id)
    .limit(1)
)
# Somebody who missed us, or is in danger, is rung as soon as can be, whatever they like otherwise.
ABOUT_THE_RESULT = (CallbackKind.TELL, CallbackKind.FOLLOW_UP)


def promise(
    ticket: Ticket,
    kind: CallbackKind,
    *,
    at: datetime,
    owner: User | None = None,
    words: str = "",
    new_date: datetime | None = None,
    window: str = "",
    due_at: datetime | None = None,
) -> Callback | None:
    """Owe the caller of `ticket` a ring; None when there is no number.

    Due by the caller's window, else by `due_at`, else by the policy of the kind. A debt of the same
    kind that stands already is kept by saying these `words` instead: one per ticket, and one return
    call per number; but if it was tried in vain, these words begin with all their attempts.
    `new_date` is the date of answer that is told: the ticket's from then on.
    """
    if not ticket.callback_number:
        return None
    turns.take(f"debts of {ticket.callback_number}")
    standing = _standing(ticket, kind)
    if standing is not None and words and _was_tried_in_vain(standing):
        _settle([standing], CallbackEnd.NOT_NEEDED, at)  # nobody has tried to tell these words
        standing = None
    if standing is not None:
        _widen(standing, ticket)
        if words:
            standing.words, standing.new_date = words.strip(), new_date
        if kind in ABOUT_THE_RESULT:
            _promise_again(standing, at)
        return standing
    window = window or (ticket.caller.preferred_window if kind in ABOUT_THE_RESULT else "")
    span = span_of(kind, window, at, due_at)
    policy = attempts.policy_for(kind, ticket)
    callback = Callback(
        ticket=ticket,
        kind=kind,
        number=ticket.callback_number,
        owner_id=owner.id if owner else None,
        words=words.strip(),
        new_date=new_date,
        window=window,
        promised_at=at,
        not_before_at=span.begin,
        due_at=span.end,
        first_due_at=span.end,
        ground=_ground(span, kind, window, at, due_at),
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
    state.tell_browsers(callback, at)
    return callback


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
    return db.session.scalar(OPEN_DEBT, {"number": number})


def _standing(ticket: Ticket, kind: CallbackKind) -> Callback | None:
    same = select(Callback).where(
        Callback.ticket_id == ticket.id, Callback.kind == kind, Callback.ended_at.is_(None)
    )
    found = db.session.scalar(same.order_by(Callback.id).limit(1))
    if found is None and kind is CallbackKind.RETURN_CALL:
        return open_debt_of(ticket.callback_number)
    return found


def _was_tried_in_vain(callback: Callback) -> bool:
    """Whether somebody rang without reaching the caller, who has named no other time since."""
    last = callback.attempts[-1].outcome if callback.attempts else None
    return last in attempts.SPOKE_WITH_NOBODY


def _promise_again(callback: Callback, at: datetime) -> None:
    """There is something new to tell: a message that was written before does not keep it."""
    callback.receipt_due_at = None
    tickets.note_fact(callback.ticket, "promise_again", at=at, callback=callback.id)
    state.tell_browsers(callback, at)


def _widen(callback: Callback, ticket: Ticket) -> None:
    """Who first hung up early and then really waited is tried as often as any missed caller."""
    policy = attempts.policy_for(callback.kind, ticket)
    if policy.max_attempts > callback.max_attempts:
        callback.max_attempts = policy.max_attempts
        callback.exhausted_at, callback.exhausted_by_id = None, None


def span_of(kind: CallbackKind, window: str, at: datetime, due_at: datetime | None = None) -> Span:
    """When a promise made at `at` may be kept first, and by when."""
    if window:
        return windows.next_span(window, at)
    due_at = due_at or DUE[kind](at)
    if kind is CallbackKind.SAFETY:
        return Span(at, due_at)
    first = attempts.contact_slot(at)
    return Span(first.begin, due_at if due_at > first.begin else first.end)


def _ground(
    span: Span, kind: CallbackKind, window: str, at: datetime, due_at: datetime | None
) -> Ground:
    """What the end of `span` rests on, which is that of a new promise."""
    if window:
        return Ground.WINDOW
    return Ground.LIMIT if span.end == (due_at or DUE[kind](at)) else Ground.CONTACT_HOURS


def _settle(owed: Collection[Callback], end: CallbackEnd, at: datetime) -> int:
    for callback in owed:
        state.end(callback, end, at)
        tickets.note_fact(
            callback.ticket,
            "settle",
            at=at,
            callback=callback.id,
            callback_kind=callback.kind.value,
            end=end.value,
        )
        state.tell_browsers(callback, at)
    return len(owed)

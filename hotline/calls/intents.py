"""Callers rung back through the telephone company, which rings the operator's telephone first.

The intent is committed before the company is asked. It is asked once: where no answer comes, the
intent is looked up over there, and expires when it is not found. Nobody is rung out of the blue;
the operator reads what became of it, and may press again.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select

from hotline import turns
from hotline.audit import service as audit
from hotline.calendars import queries as calendars
from hotline.callbacks import attempts, state
from hotline.calls import outgoing, seats
from hotline.errors import Forbidden, Invalid, TransitionRefused
from hotline.i18n import N_
from hotline.phone_numbers import mask
from hotline.sla import policies
from models import Call, Callback, CallIntent, IntentStatus, SeatState, User, db

PLACED_WITHIN = timedelta(seconds=30)  # of being written; later nobody expects to be rung
LEASE = timedelta(seconds=45)  # longer than the company is waited for
LOOKS = (timedelta(seconds=20), timedelta(seconds=60))  # from the beginning of the asking
APART = timedelta(seconds=20)  # two looks, also when the first one came late
CLOCKS_DIFFER = timedelta(minutes=1)
OPEN = (IntentStatus.PENDING, IntentStatus.ASKING, IntentStatus.UNKNOWN)


def intend(callback: Callback, number: str, line: str, *, actor: User, at: datetime) -> CallIntent:
    """Write down that `number` is to be rung for `actor`, whose telephone is `line`.

    Raises Forbidden, Invalid for a number that is not the caller's, TransitionRefused while another
    one is open, on a call, or when today's calls are used up.
    """
    turns.take(f"calls by {actor.id}")
    state.check_open(callback)
    state.check_may_ring(callback, actor)
    if callback.owner_id != actor.id:
        raise Forbidden
    if number not in attempts.numbers_for(actor, callback):
        raise Invalid(N_("Choose one of the caller's numbers."), field="number")
    if not line:
        raise TransitionRefused(N_("This call cannot be placed from here: dial on any telephone."))
    _check_free(actor)
    _check_cap(actor, at)
    before = select(func.count()).where(CallIntent.callback_id == callback.id)
    intent = CallIntent(
        dedupe_key=f"callback:{callback.id}:{db.session.scalar(before)}",
        callback_id=callback.id,
        user_id=actor.id,
        line=line,
        number=number,
        status=IntentStatus.PENDING,
        created_at=at,
    )
    db.session.add(intent)
    audit.record(
        "place_call", actor=actor, at=at, ticket_id=callback.ticket_id, subject=mask(number)
    )
    db.session.flush()
    return intent


def claim(intent_id: int, *, at: datetime) -> CallIntent | None:
    """Take an intent to ask the company for it, for this process alone; None when it is too late
    or another one has it."""
    intent = _held(CallIntent.id == intent_id)
    if intent is None or intent.status is not IntentStatus.PENDING:
        return None
    if at >= intent.created_at + PLACED_WITHIN:
        _end(intent, IntentStatus.EXPIRED, N_("nobody asked in time"), at)
        return None
    intent.status, intent.begun_at = IntentStatus.ASKING, at
    intent.lease_until_at = at + LEASE
    return intent


def mark_placed(intent_id: int, call_ref: str, *, provider: str, at: datetime) -> Call | None:
    """The company rings, under this reference; safe to repeat. None for an intent we do not have.

    One that expired before stays so: its call is known from here on, and connected with nobody.
    """
    intent = _held(CallIntent.id == intent_id)
    if intent is None:
        return None
    if intent.call is None:
        intent.call = outgoing.open_placed(
            intent.callback.ticket,
            intent.number,
            db.session.get_one(User, intent.user_id),
            provider=provider,
            call_ref=call_ref,
            at=at,
        )
        if intent.status in OPEN:
            _end(intent, IntentStatus.PLACED, "", at)
    return intent.call if intent.call.call_ref == call_ref else None


def mark_failed(intent_id: int, why: str, *, at: datetime) -> None:
    """The company certainly does not ring."""
    intent = _held(CallIntent.id == intent_id)
    if intent is not None and intent.status is IntentStatus.ASKING:
        _end(intent, IntentStatus.FAILED, why, at)


def mark_unknown(intent_id: int, why: str, *, at: datetime) -> None:
    """No answer came: the company may ring or not. It is looked up, and not asked again."""
    intent = _held(CallIntent.id == intent_id)
    if intent is not None and intent.status is IntentStatus.ASKING:  # else its webhook was quicker
        _end(intent, IntentStatus.UNKNOWN, why, at)


def settle(*, at: datetime) -> int:
    """End what nobody asked for in time, and flag what was cut off; return how many."""
    late = (CallIntent.status == IntentStatus.PENDING) & (
        CallIntent.created_at <= at - PLACED_WITHIN
    )
    lost = (CallIntent.status == IntentStatus.ASKING) & (CallIntent.lease_until_at <= at)
    found = db.session.scalars(
        select(CallIntent).where(late | lost).with_for_update(skip_locked=True)
    ).all()
    for intent in found:
        if intent.status is IntentStatus.PENDING:
            _end(intent, IntentStatus.EXPIRED, N_("nobody asked in time"), at)
        else:
            _end(intent, IntentStatus.UNKNOWN, N_("the asking was interrupted"), at)
    return len(found)


def doubtful(at: datetime) -> list[int]:
    """Ids of the intents about which the company is to be asked now."""
    found = select(CallIntent).where(CallIntent.status == IntentStatus.UNKNOWN)
    return [one.id for one in db.session.scalars(found) if _is_due(one, at)]


def since(intent: CallIntent) -> datetime:
    """From when on the company may have placed it."""
    return (intent.begun_at or intent.created_at) - CLOCKS_DIFFER


def note(intent_id: int, refs: Collection[str], *, provider: str, at: datetime) -> bool:
    """Take in which calls to that telephone the company knows; whether the intent is among them.

    Twice nothing, and it expires: the operator may press again.
    """
    intent = _held(CallIntent.id == intent_id)
    if intent is None or intent.status is not IntentStatus.UNKNOWN:
        return False
    known = set(db.session.scalars(select(Call.call_ref).where(Call.call_ref.in_(refs))))
    news = [ref for ref in refs if ref not in known]
    if news:
        mark_placed(intent.id, news[0], provider=provider, at=at)
        return True
    intent.looks, intent.looked_at = intent.looks + 1, at
    if intent.looks >= len(LOOKS):
        _end(intent, IntentStatus.EXPIRED, intent.error, at)
    return False


def of_call(call: Call) -> CallIntent | None:
    """The intent for which a call was placed."""
    return db.session.scalar(select(CallIntent).where(CallIntent.call_id == call.id))


def _check_free(actor: User) -> None:
    seat = seats.seat_of(actor)
    if seat is not None and seat.state is SeatState.ON_CALL:
        raise TransitionRefused(N_("You are on a call."))
    running = (
        select(CallIntent.id)
        .outerjoin(CallIntent.call)
        .where(
            CallIntent.user_id == actor.id,
            CallIntent.status.in_(OPEN)
            | ((CallIntent.status == IntentStatus.PLACED) & Call.ended_at.is_(None)),
        )
    )
    if db.session.scalar(running.limit(1)) is not None:
        raise TransitionRefused(N_("Your telephone is being rung already: do not press again."))


def _check_cap(actor: User, at: datetime) -> None:
    calendar = calendars.contact_hours()
    today = calendar.instant(calendar.local(at).date(), 0)
    placed = select(func.count()).where(
        CallIntent.user_id == actor.id, CallIntent.created_at >= today
    )
    if (db.session.scalar(placed) or 0) >= policies.get("calls_per_person"):
        sentence = N_("No more calls are placed for you today: dial on any telephone.")
        raise TransitionRefused(sentence)


def _is_due(intent: CallIntent, at: datetime) -> bool:
    is_apart = intent.looked_at is None or at >= intent.looked_at + APART
    return is_apart and at >= (intent.begun_at or intent.created_at) + LOOKS[intent.looks]


def _held(condition: ColumnElement[bool]) -> CallIntent | None:
    found = select(CallIntent).where(condition).with_for_update()
    return db.session.scalar(found.execution_options(populate_existing=True))


def _end(intent: CallIntent, status: IntentStatus, why: str, at: datetime) -> None:
    intent.status, intent.error, intent.lease_until_at = status, why[:500], None
    state.tell_browsers(intent.callback, at)

"""What we owe for a call that nobody answered, and when an answered one pays it."""

from datetime import datetime

from sqlalchemy import select

from hotline.accounts import roster
from hotline.callbacks import service as callbacks
from hotline.i18n import N_
from hotline.outbox import recipients
from hotline.outbox import service as outbox
from hotline.phone_numbers import PhoneNumber
from models import Call, Callback, CallbackKind, CallResult, CallState, Ticket, db


def ticket_of(number: PhoneNumber) -> Ticket | None:
    """The ticket about which this number is still owed a ring: a further call belongs to it."""
    debt = callbacks.open_debt_of(number.normalised or "")
    return debt.ticket if debt else None


def review(call: Call, *, at: datetime) -> None:
    """Make or end the promise to return `call`; safe to repeat, however late.

    Calls of one number until it is reached are one debt. Who withholds the number cannot be rung:
    no promise, the ticket itself stays open.
    """
    if call.answered_at is not None:
        _pay(call, call.answered_at, at)
    elif call.state is CallState.ENDED and not _was_returned(call):
        debt = callbacks.promise(call.ticket, CallbackKind.RETURN_CALL, at=at)
        _tell_who_is_there(call, debt, at)


def _tell_who_is_there(call: Call, debt: Callback | None, at: datetime) -> None:
    """Everybody on duty hears of it once, and of a message once it is there; else supervisors."""
    if call.result is CallResult.VOICEMAIL:
        key, text = "voicemail", N_("A caller left a message: ring back by %(due)s.")
    else:
        key, text = "missed_call", N_("Nobody answered a call: ring back by %(due)s.")
    if debt is None:
        text = N_("Nobody answered a call without a number: see if there is a message.")
    outbox.notify_all(
        roster.on_duty(at) or recipients.supervisors(),
        text,
        at=at,
        dedupe_key=f"{key}:{call.id}",
        ticket=call.ticket,
        callback=debt,
        channels=(),
        **({"due": debt.due_at} if debt else {}),
    )


def _pay(call: Call, answered_at: datetime, at: datetime) -> None:
    """The caller was spoken with: what stood before is kept, what came after is not."""
    debt = callbacks.open_debt_of(call.number)
    if debt and (debt.ticket_id == call.ticket_id or debt.promised_at <= answered_at):
        callbacks.settle_number(call.number, at=at)


def _was_returned(call: Call) -> bool:
    """Whether a promise to return this call has been over already when news of it came."""
    over = select(Callback.id).where(
        Callback.kind == CallbackKind.RETURN_CALL,
        Callback.number == call.ticket.callback_number,
        Callback.ended_at >= call.started_at,
    )
    return db.session.scalar(over.limit(1)) is not None

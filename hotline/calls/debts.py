"""What we owe for a call that nobody answered, and when an answered one pays it."""

from datetime import datetime

from sqlalchemy import select

from hotline.callbacks import service as callbacks
from hotline.phone_numbers import PhoneNumber
from models import Call, Callback, CallbackKind, CallState, Ticket, db


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
        callbacks.promise(call.ticket, CallbackKind.RETURN_CALL, at=at)


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

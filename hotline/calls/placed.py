"""What became of the calls that the telephone company was to place, as pages tell of it."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload

from hotline import access
from models import Call, Callback, CallbackAttempt, CallIntent, IntentStatus, User, db

SHOWN_FOR = timedelta(minutes=15)
NOT_PLACED = (IntentStatus.UNKNOWN, IntentStatus.FAILED, IntentStatus.EXPIRED)


def latest(callback: Callback, at: datetime) -> CallIntent | None:
    """What the card tells of: the last call placed for this callback, for some minutes."""
    found = select(CallIntent).where(
        CallIntent.callback_id == callback.id, CallIntent.created_at > at - SHOWN_FOR
    )
    return db.session.scalar(found.order_by(CallIntent.id.desc()).limit(1))


def conversation(callback: Callback, number: str, *, actor: User) -> Call | None:
    """The last placed call in which `actor` was connected with `number`, unless an attempt tells of
    it already."""
    told = select(CallbackAttempt.call_id).where(CallbackAttempt.call_id.is_not(None))
    found = (
        select(Call)
        .join(CallIntent, CallIntent.call_id == Call.id)
        .where(
            CallIntent.callback_id == callback.id,
            CallIntent.user_id == actor.id,
            CallIntent.number == number,
            Call.ticket_id == callback.ticket_id,
            Call.answered_at.is_not(None),
            Call.id.not_in(told),
        )
    )
    return db.session.scalar(found.order_by(Call.id.desc()).limit(1))


def not_placed(viewer: User, since: datetime) -> list[CallIntent]:
    """What became of nothing since then, or is still in doubt, the newest first; nothing of a
    ticket that concerns `viewer`."""
    found = (
        select(CallIntent)
        .join(CallIntent.callback)
        .where(
            CallIntent.created_at >= since,
            CallIntent.status.in_(NOT_PLACED),
            Callback.ticket_id.not_in(access.hidden_from(viewer)),
        )
    )
    found = found.options(
        contains_eager(CallIntent.callback).joinedload(Callback.ticket), joinedload(CallIntent.user)
    )
    return list(db.session.scalars(found.order_by(CallIntent.id.desc())))

"""What happens to callbacks by themselves: people are reminded, messages to callers are followed.

What is due is a fact in the table, not an alarm in memory: every sweep may run late or twice.
"""

from datetime import datetime
from functools import partial

from sqlalchemy import ColumnElement, or_, select

from hotline import clock, turns
from hotline.callbacks import messages, reminders
from hotline.sweeps import for_each
from models import Callback, MessageStatus, OutboxMessage, db


def remind_of_callbacks_due_soon() -> int:
    """Tell who rings that a callback is due in a few minutes; return how many were told of."""
    now = clock.now()
    soon = Callback.due_at <= now + reminders.SOON, Callback.due_at > now
    ids = _open(now, *soon, Callback.reminded_at.is_(None))
    return for_each(ids, partial(_due_soon, now))


def remind_of_overdue_callbacks() -> int:
    """Tell the owner and the shift leader of a callback past its time; return how many."""
    now = clock.now()
    ids = _open(now, Callback.due_at <= now, Callback.overdue_reminded_at.is_(None))
    return for_each(ids, partial(_overdue, now))


def follow_messages_to_callers() -> int:
    """Ring whoever got no message in time, or never will; keep what was kept. Return how many."""
    now = clock.now()
    settled = select(OutboxMessage.callback_id).where(
        OutboxMessage.status.in_((MessageStatus.DELIVERED, *messages.LOST)),
        OutboxMessage.callback_id.is_not(None),
    )
    waiting = select(Callback.id).where(
        Callback.receipt_due_at.is_not(None),
        or_(Callback.receipt_due_at <= now, Callback.id.in_(settled)),
    )
    ids = db.session.scalars(waiting.order_by(Callback.id)).all()
    db.session.rollback()
    return for_each(ids, partial(_follow, now))


def _open(now: datetime, *conditions: ColumnElement[bool]) -> list[int]:
    """The callbacks in question for which it is time to ring; at night that is hardly any."""
    found = select(Callback).where(Callback.is_to_ring, *conditions)
    owed = db.session.scalars(found.order_by(Callback.due_at))
    ids = [callback.id for callback in owed if reminders.may_ring(callback, now)]
    db.session.rollback()
    return ids


def _callback(callback_id: int) -> Callback:
    turns.hold_about(Callback, callback_id)
    return db.session.get_one(Callback, callback_id)


def _follow(now: datetime, callback_id: int) -> bool:
    return messages.follow(_callback(callback_id), at=now)


def _due_soon(now: datetime, callback_id: int) -> bool:
    return reminders.due_soon(_callback(callback_id), at=now)


def _overdue(now: datetime, callback_id: int) -> bool:
    return reminders.overdue(_callback(callback_id), at=now)

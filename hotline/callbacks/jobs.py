"""What happens to callbacks by themselves: people are reminded, messages to callers are followed.

What is due is a fact in the table, not an alarm in memory: every sweep may run late or twice.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import joinedload, selectinload

from hotline import clock, turns
from hotline.callbacks import messages, reminders
from hotline.sweeps import for_each, in_portions
from models import Callback, MessageStatus, OutboxMessage, db

AT_ONCE = 200  # callbacks of one transaction: about an eighth of a second
WITH_THEM = (joinedload(Callback.ticket), selectinload(Callback.owner))


def remind_of_callbacks() -> int:
    """Tell of callbacks that are due soon, due, or long overdue; return how many were told of."""
    now = clock.now()
    untold = or_(
        and_(Callback.due_at > now, Callback.reminded_at.is_(None)),
        and_(Callback.due_at <= now, Callback.escalated_at.is_(None)),
    )
    owed = db.session.scalars(
        select(Callback).where(Callback.is_to_ring, untold).order_by(Callback.due_at)
    )
    ids = [callback.id for callback in owed if reminders.step_of(callback, at=now)]
    db.session.rollback()
    return in_portions(ids, partial(_remind, now), size=AT_ONCE)


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


def _callback(callback_id: int) -> Callback:
    turns.hold_about(Callback, callback_id)
    return db.session.get_one(Callback, callback_id)


def _follow(now: datetime, callback_id: int) -> bool:
    return messages.follow(_callback(callback_id), at=now)


def _remind(now: datetime, ids: Sequence[int]) -> int:
    turns.hold_all_about(Callback, ids)
    found = select(Callback).where(Callback.id.in_(ids)).order_by(Callback.due_at, Callback.id)
    owed = db.session.scalars(turns.anew(found.options(*WITH_THEM)))
    return reminders.remind(owed.all(), at=now)

"""What is late of all that happens by itself, and what was, when the ticker had slept.

Late is what could have been told or sent some time ago. What waits for the hours in which callers
may be rung, or because a supervisor let no message leave, is not late.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

import sqlalchemy as sa

from hotline.callbacks import reminders
from hotline.handoffs import untold
from hotline.operations import vital_signs
from hotline.outbox import delivery
from models import Callback, Handoff, MessageStatus, OutboxMessage, db

# Ticks come every 15 seconds and callbacks are looked at every 30: within the minute in which a
# reminder has to leave somebody must hear that it does not.
LATE_AFTER = timedelta(seconds=45)
DEPARTMENTS_LATE_AFTER = timedelta(seconds=75)  # their limits are looked at once a minute
A_MINUTE, JUST_NOW = timedelta(minutes=1), timedelta(seconds=5)
KINDS = ("ticker", "reminders", "messages")


def late(at: datetime) -> list[str]:
    """Which of KINDS are late."""
    earlier = at - LATE_AFTER
    ticked = vital_signs.since_mark("tick", at)
    is_late = {
        "ticker": ticked is not None and ticked > LATE_AFTER,
        "reminders": reminders.oldest_untold(earlier) is not None
        or _untold_to_departments(at) is not None,
        "messages": delivery.oldest_waiting(earlier) is not None,
    }
    return [kind for kind in KINDS if is_late[kind]]


def oldest_due(at: datetime) -> timedelta:
    """How long the oldest reminder or message has waited that could have left by now."""
    callback = reminders.oldest_untold(at)
    moments = [
        callback.due_at if callback else None,
        _untold_to_departments(at),
        delivery.oldest_waiting(at),
    ]
    return max((at - moment for moment in moments if moment), default=timedelta(0))


def _untold_to_departments(at: datetime) -> datetime | None:
    return untold.oldest_untold(at - DEPARTMENTS_LATE_AFTER)


def missed(since: datetime, at: datetime) -> int:
    """How much fell due after `since`, when nothing happened by itself, and was not done in time.

    The first tick after the pause asks; other sweeps may have begun to make up for it already.
    """
    return sum(db.session.scalar(one) or 0 for one in _missed(since, at))


def _missed(since: datetime, at: datetime) -> Iterator[sa.Select[tuple[int]]]:
    count, until, just_now = sa.select(sa.func.count()), at - A_MINUTE, at - JUST_NOW
    told_at = Callback.overdue_reminded_at
    yield count.where(
        Callback.is_to_ring,
        Callback.due_at.between(since, until),
        told_at.is_(None) | (told_at >= just_now),
    )
    yield count.where(
        OutboxMessage.due_at.between(since, until),
        (OutboxMessage.status == MessageStatus.PENDING) | (OutboxMessage.sent_at >= just_now),
    )
    for due_at in (Handoff.accept_due_at, Handoff.handle_due_at):
        is_open = Handoff.ended_at.is_(None) & Handoff.paused_at.is_(None)
        if due_at is Handoff.accept_due_at:
            is_open &= Handoff.accepted_at.is_(None)
        yield count.where(is_open, due_at.between(since, until))

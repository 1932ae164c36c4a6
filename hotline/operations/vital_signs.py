"""What tells whether the hotline is alive: read by /readyz, `flask doctor` and /metrics alike."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from alembic.migration import MigrationContext
from sqlalchemy.orm import InstrumentedAttribute

from models import (
    Call,
    Callback,
    CallIntent,
    CallState,
    IntentStatus,
    Mark,
    MessageStatus,
    OutboxDoubt,
    OutboxMessage,
    Reconciliation,
    Ticket,
    TicketStatus,
    Webhook,
    db,
)

A_DAY = timedelta(days=1)
UNFINISHED = (MessageStatus.PENDING, MessageStatus.SENDING, MessageStatus.UNKNOWN)
FINISHED = tuple(status for status in MessageStatus if status not in UNFINISHED)


def since_mark(name: str, at: datetime) -> timedelta | None:
    """How long ago something last happened, such as the ticker's tick; None for never."""
    marked = db.session.scalar(sa.select(Mark.at).where(Mark.name == name))
    return at - marked if marked else None


def since_provider_answered(at: datetime) -> timedelta | None:
    """How long ago the provider last told us what it knows; None for never."""
    latest = sa.select(sa.func.max(Reconciliation.asked_at)).where(Reconciliation.succeeded)
    answered_at = db.session.scalar(latest)
    return at - answered_at if answered_at else None


def heads() -> set[str]:
    """The migrations that made the schema."""
    return set(MigrationContext.configure(db.session.connection()).get_current_heads())


def unread_webhooks() -> int:
    """How many webhooks are kept that nobody could interpret yet."""
    unread = sa.select(sa.func.count()).where(Webhook.interpreted_at.is_(None))
    return db.session.scalar(unread) or 0


def calls(at: datetime) -> dict[str, int]:
    """Calls by state: those that go on, and those that began within a day."""
    going_on = Call.state.in_([state for state in CallState if state is not CallState.ENDED])
    of_today = (Call.state == CallState.ENDED) & (Call.started_at >= at - A_DAY)
    return _count_by(CallState, Call.state, going_on, of_today)


def messages(at: datetime) -> dict[str, int]:
    """Messages by status: those that are not finished, and those that were due within a day."""
    unfinished = OutboxMessage.status.in_(UNFINISHED)
    of_today = OutboxMessage.status.in_(FINISHED) & (OutboxMessage.due_at >= at - A_DAY)
    return _count_by(MessageStatus, OutboxMessage.status, unfinished, of_today)


def call_intents(at: datetime) -> dict[str, int]:
    """Calls to be placed for us by status: those of a day."""
    of_today = CallIntent.created_at >= at - A_DAY
    return _count_by(IntentStatus, CallIntent.status, of_today)


def doubts(at: datetime) -> dict[str, int]:
    """Messages that were sent again after doubt within a day, and those of them that left twice."""
    of_today = OutboxDoubt.sent_again_at >= at - A_DAY
    again = sa.select(sa.func.count()).select_from(OutboxDoubt).where(of_today)
    twice = again.where(OutboxDoubt.provider_ref != "")
    return {"sent_again": db.session.scalar(again) or 0, "twice": db.session.scalar(twice) or 0}


def unclosed_tickets() -> dict[str, int]:
    """Unclosed tickets by status."""
    unclosed = [status for status in TicketStatus if status is not TicketStatus.CLOSED]
    return _count_by(unclosed, Ticket.status, Ticket.status.in_(unclosed))


def overdue_callbacks(at: datetime) -> int:
    """How many callers should have been rung by now: as `Right now` counts them."""
    overdue = sa.select(sa.func.count()).where(Callback.is_to_ring, Callback.is_overdue(at))
    return db.session.scalar(overdue) or 0


def _count_by(
    words: Iterable[StrEnum], column: InstrumentedAttribute[Any], *which: sa.ColumnElement[bool]
) -> dict[str, int]:
    """Rows by word; 0 for a word that no row has, so that no line is missing.

    Each of `which` names its words and is asked alone: so an index leads to what is recent or open,
    past a million others.
    """
    found: Counter[str] = Counter()
    for rows in which:
        counted = sa.select(column, sa.func.count()).where(rows).group_by(column)
        found.update(dict(db.session.execute(counted).tuples().all()))
    return {word.value: found[word] for word in words}

"""Rows of the outbox: a message is written in the transaction of the fact that asks for it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from hotline import many_rows
from hotline.outbox import queue
from models import Callback, Channel, MessageStatus, OutboxMessage, Ticket, User, db


def message(
    key: str,
    channel: Channel,
    address: str,
    *,
    body: str,
    at: datetime,
    subject: str = "",
    user: User | None = None,
    ticket: Ticket | None = None,
    callback: Callback | None = None,
    not_at_night: bool = False,
    due_at: datetime | None = None,
) -> dict[str, Any]:
    """A message as a row that is still to be written; due at once unless it is said when."""
    return {
        "dedupe_key": key,
        "channel": channel,
        "kind": key.partition(":")[0],
        "user_id": user.id if user else None,
        "ticket_id": ticket.id if ticket else None,
        "callback_id": callback.id if callback else None,
        "not_at_night": not_at_night,
        "address": address,
        "subject": subject,
        "body": body,
        "status": MessageStatus.PENDING,
        "due_at": due_at or at,
        "created_at": at,
    }


def add(key: str, channel: Channel, address: str, **what: Any) -> OutboxMessage:
    """Write one `message`, and let a worker hear of it."""
    written = OutboxMessage(**message(key, channel, address, **what))
    db.session.add(written)
    queue.put(written)
    return written


def add_all(rows: Sequence[dict[str, Any]]) -> None:
    """The same for many."""
    queue.put_all(many_rows.numbered(OutboxMessage, rows))

"""Messages of which nobody knows whether they were sent: what the carrier says when it is asked."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import select

from hotline.outbox import delivery
from models import MessageStatus, OutboxMessage, db

CLOCKS_DIFFER = timedelta(minutes=1)
ASKED_FOR = timedelta(days=2)  # older ones are a person's alone


def doubtful(at: datetime) -> list[int]:
    """Ids of the messages about which the carrier has not been asked yet."""
    found = select(OutboxMessage.id).where(
        OutboxMessage.status == MessageStatus.UNKNOWN,
        OutboxMessage.not_found_at.is_(None),
        OutboxMessage.due_at > at - ASKED_FOR,
    )
    return list(db.session.scalars(found.order_by(OutboxMessage.id)))


def since(message: OutboxMessage) -> datetime:
    """From when on the carrier may have got it."""
    return message.due_at - CLOCKS_DIFFER


def note(message: OutboxMessage, refs: Collection[str], *, at: datetime) -> bool:
    """Take in what the carrier knows of `message`; whether it was sent, then it is `sent`.

    A reference that belongs to another message of ours proves nothing.
    """
    if message.status is not MessageStatus.UNKNOWN:
        return message.status in (MessageStatus.SENT, MessageStatus.DELIVERED)
    taken = set(
        db.session.scalars(
            select(OutboxMessage.provider_ref).where(OutboxMessage.provider_ref.in_(refs))
        )
    )
    ref = next((one for one in refs if one not in taken), "")
    if ref:
        delivery.mark_sent(message, ref, at=at)
    else:
        message.not_found_at = at
    return bool(ref)

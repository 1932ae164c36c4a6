"""Telling people: a line under the bell at once, mail and short messages through the outbox.

Everything here is written in the transaction of the fact; nothing is sent. hotline.outbox.delivery
and the sweep in hotline.outbox.jobs do that.
"""

from datetime import datetime

from sqlalchemy import select

from hotline.errors import NotFound
from hotline.outbox import texts, writing
from hotline.outbox.attachment import Attachment
from hotline.outbox.notices import CALLERS_READ as CALLERS_READ
from hotline.outbox.notices import Telling as Telling
from hotline.outbox.notices import alarm as alarm
from hotline.outbox.notices import notify as notify
from hotline.outbox.notices import notify_all as notify_all
from hotline.outbox.notices import tell as tell
from hotline.phone_numbers import normalise
from hotline.telephony.inbound import MessageProgress
from models import (
    Callback,
    Channel,
    MessageStatus,
    NumberKind,
    OutboxAttachment,
    OutboxDoubt,
    OutboxMessage,
    Ticket,
    User,
    db,
)

CALLER_TOLD = "caller_told"
SLOT = "\ufffc"  # where the words go; nobody types it
# How far a receipt says that a message has come; what is not here tells us nothing new.
RECEIPTS = {
    MessageProgress.SENT: MessageStatus.SENT,
    MessageProgress.DELIVERED: MessageStatus.DELIVERED,
    MessageProgress.READ: MessageStatus.DELIVERED,
    MessageProgress.UNDELIVERED: MessageStatus.FAILED,
    MessageProgress.FAILED: MessageStatus.FAILED,
    MessageProgress.CANCELED: MessageStatus.FAILED,
}
RANK = {status: rank for rank, status in enumerate(MessageStatus)}
FINAL = (MessageStatus.DELIVERED, MessageStatus.FAILED)


def send_file(
    user: User, *, subject: str, body: str, file: Attachment, at: datetime, dedupe_key: str
) -> OutboxMessage | None:
    """A letter with a file to one of us; None to who has no address, or has it already."""
    key = f"{dedupe_key}:{user.id}"
    sent = select(OutboxMessage.id).where(OutboxMessage.dedupe_key == key)
    if not user.is_active or not user.email or db.session.scalar(sent) is not None:
        return None
    message = writing.add(
        key, Channel.EMAIL, user.email, body=body, subject=subject, user=user, at=at
    )
    db.session.flush()
    db.session.add(
        OutboxAttachment(
            message_id=message.id,
            name=file.name,
            content_type=file.content_type,
            content=file.content,
        )
    )
    return message


def attachments_of(message_id: int) -> tuple[Attachment, ...]:
    """The files that go with a message."""
    found = select(OutboxAttachment).where(OutboxAttachment.message_id == message_id)
    return tuple(
        Attachment(row.name, row.content_type, row.content)
        for row in db.session.scalars(found.order_by(OutboxAttachment.id))
    )


def tell_missed_caller(callback: Callback, *, at: datetime) -> OutboxMessage | None:
    """A short message to a caller we missed, once; None for a telephone that shows none."""
    if normalise(callback.number).kind is not NumberKind.MOBILE:
        return None
    return writing.add(
        f"caller_missed:{callback.id}",
        Channel.SMS,
        callback.number,
        body=texts.render("caller_missed.txt", CALLERS_READ),
        ticket=callback.ticket,
        at=at,
    )


def tell_result(
    callback: Callback,
    number: str,
    words: str,
    *,
    key: str,
    at: datetime,
    leaves_at: datetime,
    not_at_night: bool,
) -> OutboxMessage:
    """A short message that tells a caller the result; the database refuses a second with `key`."""
    before, after = result_frame(callback.ticket)
    return writing.add(
        f"{CALLER_TOLD}:{callback.id}:{key}",
        Channel.SMS,
        number,
        body=f"{before}{words}{after}",
        ticket=callback.ticket,
        callback=callback,
        not_at_night=not_at_night,
        at=at,
        due_at=leaves_at,
    )


def result_frame(ticket: Ticket) -> tuple[str, str]:
    """What stands before and after the words of a result: the approved template, nothing else."""
    text = texts.render("caller_told.txt", CALLERS_READ, number=ticket.number, words=SLOT)
    before, _slot, after = text.partition(SLOT)
    return before, after


def receive_receipt(
    message_ref: str, progress: MessageProgress, error_code: str, *, at: datetime
) -> OutboxMessage | None:
    """Take in how far the provider says that a message has come; it never goes back.

    Returns the message when that is news, so that the edge may do what follows.
    Raises NotFound when we do not know the message yet: receipts may overtake our own commit, and
    the webhook is interpreted again later.
    """
    status = RECEIPTS.get(progress)
    if status is None:
        return None
    message = db.session.scalar(
        select(OutboxMessage).where(OutboxMessage.provider_ref == message_ref)
    )
    if message is None and _is_of_a_doubt(message_ref):  # of the other one of two that left
        return None
    if message is None:
        raise NotFound
    if message.status in FINAL or RANK[status] <= RANK[message.status]:
        return None
    message.status = status
    message.error = error_code[:500] if status is MessageStatus.FAILED else ""
    message.sent_at = message.sent_at or at
    return message


def _is_of_a_doubt(message_ref: str) -> bool:
    found = select(OutboxDoubt.id).where(OutboxDoubt.provider_ref == message_ref)
    return db.session.scalar(found.limit(1)) is not None

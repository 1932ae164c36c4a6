"""Telling people: a line under the bell at once, mail and short messages through the outbox.

Everything here is written in the transaction of the fact; nothing is sent. hotline.outbox.delivery
and the sweep in hotline.outbox.jobs do that.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select

from hotline.errors import NotFound
from hotline.live_updates import service as live_updates
from hotline.outbox import queue, recipients, texts
from hotline.outbox.attachment import Attachment
from hotline.phone_numbers import normalise
from hotline.telephony.inbound import MessageProgress
from models import (
    Callback,
    Channel,
    MessageStatus,
    Notification,
    NumberKind,
    OutboxAttachment,
    OutboxDoubt,
    OutboxMessage,
    Ticket,
    User,
    db,
)

SUBJECT_LENGTH = 60
CALLERS_READ = "zh"
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


def notify(
    user: User,
    text: str,
    *,
    at: datetime,
    dedupe_key: str,
    ticket: Ticket | None = None,
    callback: Callback | None = None,
    urgent: bool = False,
    channels: Iterable[Channel] | None = None,
    **params: object,
) -> Notification | None:
    """Tell one of us `text`, a marked sentence; None when they were told already or have left, and
    to whom the ticket is about: of that they hear nothing.

    `dedupe_key` says what is told, kind first: "callback_due:17:…". Instants and departments among
    `params` are told in the reader's language. Without `channels`: mail to whoever has an address,
    a short message too when it is urgent. Names and numbers of callers have no place here.
    """
    if ticket is not None and ticket.about_user_id == user.id:
        return None
    key = f"{dedupe_key}:{user.id}"
    told = select(Notification.id).where(Notification.dedupe_key == key)
    if not user.is_active or db.session.scalar(told) is not None:
        return None
    notice = Notification(
        user_id=user.id,
        dedupe_key=key,
        text=text,
        params=texts.packed(params),
        is_urgent=urgent,
        ticket_id=ticket.id if ticket else None,
        callback_id=callback.id if callback else None,
        at=at,
    )
    db.session.add(notice)
    for channel in _channels_of(user, urgent) if channels is None else channels:
        _write_to(user, notice, channel, ticket)
    db.session.flush()
    live_updates.post(f"user:{user.id}", "bell", at, notification=notice.id, urgent=urgent)
    return notice


def notify_all(users: Iterable[User], text: str, **what: object) -> list[Notification]:
    """`notify` each of `users`; return the notices that were new."""
    told = (notify(user, text, **what) for user in users)  # type: ignore[arg-type]
    return [notice for notice in told if notice is not None]


def send_file(
    user: User, *, subject: str, body: str, file: Attachment, at: datetime, dedupe_key: str
) -> OutboxMessage | None:
    """A letter with a file to one of us; None to who has no address, or has it already."""
    key = f"{dedupe_key}:{user.id}"
    sent = select(OutboxMessage.id).where(OutboxMessage.dedupe_key == key)
    if not user.is_active or not user.email or db.session.scalar(sent) is not None:
        return None
    message = _write(key, Channel.EMAIL, user.email, body=body, subject=subject, user=user, at=at)
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


def alarm(
    text: str, *, at: datetime, dedupe_key: str, ticket: Ticket | None = None, **params: object
) -> list[Notification]:
    """Tell the shift leader and every supervisor at once: something cannot wait."""
    if ticket is None:
        those = recipients.leaders(at) + recipients.supervisors()
    else:
        those = recipients.leaders_of(ticket, at) + recipients.supervisors_of(ticket, at)
    people = {user.id: user for user in those}
    what = {"at": at, "dedupe_key": dedupe_key, "ticket": ticket, "urgent": True}
    return notify_all(people.values(), text, **what, **params)


def tell_missed_caller(callback: Callback, *, at: datetime) -> OutboxMessage | None:
    """A short message to a caller we missed, once; None for a telephone that shows none."""
    if normalise(callback.number).kind is not NumberKind.MOBILE:
        return None
    return _write(
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
    return _write(
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


def _channels_of(user: User, urgent: bool) -> list[Channel]:
    by_mail = [Channel.EMAIL] if user.email else []
    return by_mail + ([Channel.SMS] if user.phone_number and urgent else [])


def _write_to(user: User, notice: Notification, channel: Channel, ticket: Ticket | None) -> None:
    locale = user.locale or CALLERS_READ
    sentence = texts.say(notice.text, notice.params, locale)
    address = user.email if channel is Channel.EMAIL else user.phone_number
    if not address:
        return
    if channel is Channel.SMS:
        body = texts.render("notice_sms.txt", locale, sentence=sentence)
    else:
        body = texts.render(
            "notice_mail.txt",
            locale,
            name=user.display_name,
            sentence=sentence,
            ticket=ticket.number if ticket else "",
        )
    _write(
        f"{notice.dedupe_key}:{channel.value}",
        channel,
        address,
        body=body,
        subject=" ".join(sentence.split())[:SUBJECT_LENGTH],
        user=user,
        ticket=ticket,
        at=notice.at,
    )


def _write(
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
) -> OutboxMessage:
    message = OutboxMessage(
        dedupe_key=key,
        channel=channel,
        kind=key.partition(":")[0],
        user_id=user.id if user else None,
        ticket_id=ticket.id if ticket else None,
        callback_id=callback.id if callback else None,
        not_at_night=not_at_night,
        address=address,
        subject=subject,
        body=body,
        status=MessageStatus.PENDING,
        due_at=due_at or at,
        created_at=at,
    )
    db.session.add(message)
    queue.put(message)
    return message

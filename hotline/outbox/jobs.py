"""Sending what is due, outside any transaction."""

from sqlalchemy import select

from hotline import clock
from hotline.callbacks import messages
from hotline.outbox import delivery, queue
from hotline.outbox import service as outbox
from hotline.outbox.adapter import senders
from hotline.outbox.senders import Envelope, Sender
from hotline.sweeps import each_alone
from hotline.telephony.provider import Permanent, ProviderError, Retryable
from hotline.unit_of_work import unit_of_work
from models import OutboxMessage, db


def deliver_due_messages() -> int:
    """Send every message that is due; return how many left the house.

    Safe to run late, twice, or in two processes: who claims a message sends it, nobody else.
    """
    with unit_of_work():
        delivery.end_leases(at=clock.now())
    sent = 0
    while ids := _claim():
        sent += each_alone(ids, _deliver, name="deliver_due_messages")
    return sent


def deliver_message(message_id: int) -> int:
    """Send this message if it is due and nobody else has taken it; return how many left."""
    return each_alone(_claim(only=message_id), _deliver, name="deliver_message")


def forget_old_jobs() -> int:
    """Forget the jobs of messages that the sweep above has sent meanwhile; return how many."""
    with unit_of_work():
        return queue.forget_old(clock.now())


def _claim(only: int | None = None) -> list[int]:
    with unit_of_work():
        return delivery.claim(at=clock.now(), only=only)


def _deliver(message_id: int) -> bool:
    """Send one claimed message and mark what became of it; whether it left the house."""
    message = db.session.get_one(OutboxMessage, message_id)
    sender = senders()[message.channel]
    envelope = Envelope(
        message.id,
        message.address,
        message.subject,
        message.body,
        is_to_caller=message.user_id is None,
        attachments=outbox.attachments_of(message.id),
    )
    why_not = _reason_to_skip(message, sender)
    db.session.rollback()  # no transaction is open while we wait for the network
    ref, error = "", None
    if not why_not:
        try:
            ref = sender.send(envelope)
        except ProviderError as failure:
            error = failure
    with unit_of_work():
        _mark(message_id, ref, error, why_not)
    return not why_not and error is None


def _mark(message_id: int, ref: str, error: ProviderError | None, why_not: str) -> None:
    at = clock.now()
    claimed = select(OutboxMessage).where(OutboxMessage.id == message_id).with_for_update()
    message = db.session.scalars(claimed).one()
    if why_not:
        delivery.skip(message, why_not)
    elif error is None:
        delivery.mark_sent(message, ref, at=at)
    elif isinstance(error, Retryable):
        delivery.try_later(message, str(error), at=at)
    elif isinstance(error, Permanent):
        delivery.mark_failed(message, str(error), at=at)
    else:
        delivery.mark_unknown(message, str(error), at=at)


def _reason_to_skip(message: OutboxMessage, sender: Sender) -> str:
    began_at = delivery.began_at()
    if began_at is not None and message.created_at < began_at:
        return "was due before the beginning"
    if message.user_id is None and not sender.reaches_callers:
        return "nothing here reaches callers"
    if not messages.is_wanted(message):
        return "the caller is told another way"
    return ""

"""Sending what is due, outside any transaction."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from sqlalchemy import select

from hotline import clock
from hotline.callbacks import messages
from hotline.outbox import delivery, queue, terms
from hotline.outbox import service as outbox
from hotline.outbox.adapter import senders
from hotline.outbox.senders import Envelope, Sender
from hotline.outbox.terms import Terms
from hotline.telephony.provider import Permanent, ProviderError, Retryable
from hotline.unit_of_work import unit_of_work
from models import Channel, MessageStatus, OutboxMessage, db

log = structlog.get_logger()


def deliver_due_messages() -> int:
    """Send every message that is due; return how many left the house.

    Safe to run late, twice, or in two processes: who claims a message sends it, nobody else.
    """
    with unit_of_work():
        delivery.end_leases(at=clock.now())
    return _deliver()


def deliver_messages(ids: Collection[int]) -> int:
    """Send those of these messages that are due and nobody else has taken; return how many left."""
    return _deliver(ids)


def forget_old_jobs() -> int:
    """Forget the jobs of messages that the sweep above has sent meanwhile; return how many."""
    with unit_of_work():
        return queue.forget_old(clock.now())


def envelope_of(message: OutboxMessage) -> Envelope:
    """What a carrier has to know of `message`."""
    return Envelope(
        message.id,
        message.address,
        message.subject,
        message.body,
        is_to_caller=message.user_id is None,
        attachments=outbox.attachments_of(message.id) if message.channel is Channel.EMAIL else (),
    )


@dataclass(frozen=True)
class Try:
    """One claimed message on its way, and what became of it."""

    envelope: Envelope
    sender: Sender
    begun_at: datetime | None
    ends_at: datetime | None  # from then on others may think that we are dead
    why_not: str = ""
    ref: str = ""
    error: ProviderError | None = None

    @property
    def is_sent(self) -> bool:
        return not self.why_not and self.error is None


class Row:
    """The messages that wait, one behind the other; with `only` nothing but those of these ids."""

    def __init__(self, only: Collection[int] | None) -> None:
        self._only = only
        self._terms: Terms | None = None
        self._behind: delivery.Place | None = None
        self.is_more = True

    def claim(self, at: datetime) -> OutboxMessage | None:
        known = self.terms(at)
        message = delivery.claim(at=at, known=known, only=self._only, behind=self._behind)
        self.is_more = message is not None
        if message is not None:
            self._behind = message.due_at, message.id
        return message

    def terms(self, at: datetime) -> Terms:
        if self._terms is None or not self._terms.hold(at):
            self._terms = terms.read(at)
        return self._terms


def _deliver(only: Collection[int] | None = None) -> int:
    """One message after the other. What became of one is written down together with the claim of
    the next: one transaction for each, and who dies leaves one in doubt.
    """
    sent, last, row = 0, None, Row(only)
    while row.is_more:
        last = _next(last, row)
        if last is not None:
            last = _send(last)
            sent += last is not None and last.is_sent
    return sent


def _next(last: Try | None, row: Row) -> Try | None:
    """Write down what became of the last one, and claim another; what is to be done with it."""
    try:
        with unit_of_work():
            at = clock.now()
            if last is not None:
                _mark(last, at)
            claimed = row.claim(at)
            return _begin(claimed, row.terms(at)) if claimed else None
    except Exception:
        if last is None:
            raise
        _skip(last.envelope.id)
        return None


def _begin(message: OutboxMessage, known: Terms) -> Try | None:
    """Everything that must be known to send a message; None when that cannot be found out: then it
    stays claimed, and is looked into when its lease ends.
    """
    try:
        sender = senders()[message.channel]
        begun_at, ends_at = message.begun_at, message.lease_until_at
        why_not = _reason_to_skip(message, sender, known)
        return Try(envelope_of(message), sender, begun_at, ends_at, why_not)
    except Exception:
        _skip(message.id)
        return None


def _send(one: Try) -> Try | None:
    """Send it, outside any transaction; None when nobody can say what became of it.

    Who was stopped since the claim and goes on now does not send: others have taken over.
    """
    if one.why_not:
        return one
    if one.ends_at is None or clock.now() >= one.ends_at:
        return None
    try:
        return replace(one, ref=one.sender.send(one.envelope))
    except ProviderError as failure:
        return replace(one, error=failure)
    except Exception:
        _skip(one.envelope.id)
        return None


def _skip(message_id: int) -> None:
    log.exception("a row was skipped", sweep="deliver_due_messages", row=message_id)


def _mark(done: Try, at: datetime) -> None:
    """What became of it is so, unless others have thought us dead and taken it up meanwhile; only
    that it has left is so in any case.
    """
    message_id, is_sent = done.envelope.id, done.is_sent
    if is_sent and delivery.mark_at_once(message_id, done.ref, begun_at=done.begun_at, at=at):
        return
    held = select(OutboxMessage).where(OutboxMessage.id == message_id).with_for_update()
    message = db.session.scalars(held.execution_options(populate_existing=True)).one()
    is_ours = message.status is MessageStatus.SENDING and message.begun_at == done.begun_at
    if is_sent and message.status in (MessageStatus.PENDING, MessageStatus.UNKNOWN):
        delivery.mark_sent(message, done.ref, at=at)
    elif not is_ours:
        return
    elif done.why_not:
        delivery.skip(message, done.why_not)
    elif isinstance(done.error, Retryable):
        delivery.try_later(message, str(done.error), at=at)
    elif isinstance(done.error, Permanent):
        delivery.mark_failed(message, str(done.error), at=at)
    else:
        delivery.mark_unknown(message, str(done.error), at=at)


def _reason_to_skip(message: OutboxMessage, sender: Sender, known: Terms) -> str:
    if known.demo_began_at is not None and message.created_at < known.demo_began_at:
        return "was due before the beginning"
    if message.user_id is None and not sender.reaches_callers:
        return "nothing here reaches callers"
    if not messages.is_wanted(message):
        return "the caller is told another way"
    return ""

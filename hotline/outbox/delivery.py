"""The way of a message out of the house: claimed under a lease, sent by the edge, then marked.

Who dies between claim and mark leaves the message claimed. When the lease ends it is `unknown`: the
try becomes a doubt, which is looked into (hotline.outbox.looking) before anything is sent again.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import ColumnElement, and_, func, literal, select, tuple_, update

from hotline.i18n import N_
from hotline.outbox import queue, recipients, terms
from hotline.outbox import service as outbox
from hotline.sla import policies
from models import Channel, MessageStatus, OutboxDoubt, OutboxMessage, db
from models.base import UtcDateTime

LEASE = timedelta(minutes=3)  # longer than any sender waits for an answer
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240))
SPREAD = 0.2  # of a pause, more or less
Place = tuple[datetime, int]  # when a message is due, and its id


def claim(
    *,
    at: datetime,
    known: terms.Terms | None = None,
    only: Collection[int] | None = None,
    behind: Place | None = None,
) -> OutboxMessage | None:
    """Take what has been due for longest, for this process alone; None when nothing is due.

    One message: who dies between claim and mark leaves one in doubt, not many. With `only` nothing
    but those of these ids, with `behind` none that was due before that one.
    """
    known = known or terms.read(at)
    if not known.may_leave:
        return None
    of_these: list[ColumnElement[bool]] = []
    if only is not None:
        of_these.append(OutboxMessage.id.in_(only))
    if behind is not None:
        place = tuple_(OutboxMessage.due_at, OutboxMessage.id)
        due_at, message_id = behind
        of_these.append(place > tuple_(literal(due_at, UtcDateTime()), literal(message_id)))
    due = (
        select(OutboxMessage.id)
        .where(_is_due(at, is_night=known.is_night), *of_these)
        .order_by(OutboxMessage.due_at, OutboxMessage.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        # Asked once. What stands in IN (…) PostgreSQL may ask for every row, and lock one each.
        .scalar_subquery()
    )
    taken = (
        update(OutboxMessage)
        .where(OutboxMessage.id == due)
        .values(
            status=MessageStatus.SENDING,
            begun_at=at,
            lease_until_at=at + LEASE,
            attempts=OutboxMessage.attempts + 1,
        )
        .returning(OutboxMessage)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return db.session.scalar(taken)


def is_due(at: datetime) -> ColumnElement[bool]:
    """The condition that a message waits for nothing but somebody who sends it."""
    return _is_due(at, is_night=terms.is_night(at))


def _is_due(at: datetime, *, is_night: bool) -> ColumnElement[bool]:
    return and_(
        OutboxMessage.status == MessageStatus.PENDING,
        OutboxMessage.due_at <= at,
        *([OutboxMessage.not_at_night.is_(False)] if is_night else []),
    )


def oldest_waiting(at: datetime) -> datetime | None:
    """Since when the oldest message is due that could have left by `at`."""
    if not policies.is_on("messages_leave"):
        return None
    return db.session.scalar(select(func.min(OutboxMessage.due_at)).where(is_due(at)))


def mark_at_once(
    message_id: int, provider_ref: str, *, begun_at: datetime | None, at: datetime
) -> bool:
    """`mark_sent` in one statement; False when the try that began then is not the last one."""
    sent = (
        update(OutboxMessage)
        .where(
            OutboxMessage.id == message_id,
            OutboxMessage.status == MessageStatus.SENDING,
            OutboxMessage.begun_at == begun_at,
        )
        .values(
            status=MessageStatus.SENT,
            sent_at=at,
            provider_ref=provider_ref,
            lease_until_at=None,
            error="",
        )
        .execution_options(synchronize_session=False)
    )
    return bool(db.session.execute(sent).rowcount)  # type: ignore[attr-defined]


def mark_sent(message: OutboxMessage, provider_ref: str, *, at: datetime) -> None:
    """It left the house. `provider_ref` is how the provider will speak of it."""
    message.status, message.sent_at = MessageStatus.SENT, at
    message.provider_ref, message.lease_until_at, message.error = provider_ref, None, ""


def try_later(message: OutboxMessage, why: str, *, at: datetime) -> None:
    """It was certainly not sent: pending again after a pause, failed after the last one."""
    if message.attempts > len(PAUSES):
        mark_failed(message, why, at=at)
        return
    message.status, message.lease_until_at = MessageStatus.PENDING, None
    message.due_at, message.error = at + _pause(message), why[:500]


def _pause(message: OutboxMessage) -> timedelta:
    """Longer after every try, and for each message a little different: after an outage they do not
    all come back in the same second.
    """
    by_chance = Random(f"{message.id}:{message.attempts}").uniform(-1, 1)  # noqa: S311
    return PAUSES[message.attempts - 1] * (1 + SPREAD * by_chance)


def mark_failed(message: OutboxMessage, why: str, *, at: datetime) -> None:
    """It will never be sent; the supervisors hear of it."""
    message.status, message.lease_until_at, message.error = MessageStatus.FAILED, None, why[:500]
    sentence = N_("A message could not be sent: look at the outbox.")
    _tell(message, sentence, at, what=f"failed:{message.attempts}", urgent=True)


def mark_unknown(message: OutboxMessage, why: str, *, at: datetime) -> None:
    """It may have been sent or not: this try is in doubt from now on, and the supervisors hear."""
    message.status, message.lease_until_at, message.error = MessageStatus.UNKNOWN, None, why[:500]
    message.doubts.append(OutboxDoubt(begun_at=message.begun_at or at, error=message.error))
    sentence = N_("Nobody knows whether a message was sent: look at the outbox.")
    _tell(message, sentence, at, what=f"unknown:{len(message.doubts)}")


def send_again(doubt: OutboxDoubt, *, at: datetime) -> None:
    """Nobody has it, as far as can be known: it is due once more, and flagged for good."""
    doubt.sent_again_at = at
    message = doubt.message
    message.status, message.due_at, message.provider_ref = MessageStatus.PENDING, at, ""
    queue.put(message)


def leave_to_a_person(message: OutboxMessage, *, at: datetime) -> None:
    """It was cut off too often for chance: it stays in doubt, and the supervisors hear of it."""
    sentence = N_("A message was cut off again and again: look at the outbox.")
    _tell(message, sentence, at, what="cut_off", urgent=True)


def found_twice(message: OutboxMessage, *, at: datetime) -> None:
    """The first try had left after all; the supervisors hear of it."""
    _tell(message, N_("A message was sent twice: look at the outbox."), at, what="twice")


def skip(message: OutboxMessage, why: str) -> None:
    """It is not sent, and that is right."""
    message.status, message.lease_until_at, message.error = MessageStatus.SKIPPED, None, why


def end_leases(*, at: datetime) -> int:
    """Flag what a process claimed and never finished; return how many."""
    lost = select(OutboxMessage).where(
        OutboxMessage.status == MessageStatus.SENDING, OutboxMessage.lease_until_at <= at
    )
    messages = db.session.scalars(lost.with_for_update(skip_locked=True)).all()
    for message in messages:
        mark_unknown(message, N_("the sender was interrupted"), at=at)
    return len(messages)


def _tell(
    message: OutboxMessage, text: str, at: datetime, *, what: str, urgent: bool = False
) -> None:
    """In the application only: the other ways are what does not work."""
    people = recipients.supervisors()
    no_channels: tuple[Channel, ...] = ()
    key = f"message_lost:{message.id}:{what}"
    outbox.notify_all(people, text, at=at, dedupe_key=key, channels=no_channels, urgent=urgent)

"""Tries of which nobody knows whether the message left: what the carrier says when it is asked.

It is asked when it may be believed to have written down what it took. Twice nothing, and the
message is sent again and flagged; it is asked some times more, in case the first try had left.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased, contains_eager

from hotline.outbox import delivery
from models import MessageStatus, OutboxDoubt, OutboxMessage, db

# When the carrier is asked, from the beginning of the try; what it has taken it lists in seconds.
LOOKS = (
    timedelta(minutes=2),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(days=1),
)
APART = timedelta(minutes=2)  # two looks, also when the first one came late
NOTHING_FOUND = 2  # looks after which it is sent again
MOST_TRIES = 3  # cut off so often, it is a person's alone
CLOCKS_DIFFER = timedelta(minutes=1)
LEAVES_WITHIN = timedelta(minutes=15)  # most do; what waits longer over there is searched for
ASKED_FOR = timedelta(days=2)


def doubtful(at: datetime) -> list[int]:
    """Ids of the messages about which the carrier is to be asked now."""
    found = (
        select(OutboxDoubt)
        .join(OutboxDoubt.message)
        .options(contains_eager(OutboxDoubt.message))
        .where(
            OutboxDoubt.provider_ref == "",
            OutboxDoubt.looks < len(LOOKS),
            OutboxDoubt.begun_at > at - ASKED_FOR,
        )
    )
    due = {one.message_id for one in db.session.scalars(found) if _is_due(one, at)}
    return sorted(due)


def window(message: OutboxMessage) -> tuple[datetime, datetime]:
    """From when until when the carrier may have got it, and passed it on at once."""
    begun = [doubt.begun_at for doubt in message.doubts] + [message.begun_at or message.due_at]
    return min(begun) - CLOCKS_DIFFER, max(begun) + LEAVES_WITHIN


def known(message: OutboxMessage) -> set[str]:
    """The references by which the carrier speaks of this message, as far as we know."""
    return {message.provider_ref, *(doubt.provider_ref for doubt in message.doubts)} - {""}


def note(message: OutboxMessage, refs: Collection[str], *, at: datetime) -> bool:
    """Take in what the carrier knows of `message`, the newest first; whether it has left.

    A reference that belongs to another message of ours proves nothing.
    """
    if _is_twin_under_way(message):
        return False
    news = [ref for ref in refs if ref not in known(message) | _taken(refs)]
    for doubt in reversed(message.doubts):  # the last try is the last they heard of
        if doubt.provider_ref or not _is_watched(doubt):
            continue
        if news:
            _found(doubt, news.pop(0), at)
        else:
            _not_found(doubt, at)
    return message.status in (MessageStatus.SENT, MessageStatus.DELIVERED)


def _found(doubt: OutboxDoubt, ref: str, at: datetime) -> None:
    doubt.provider_ref, doubt.looked_at = ref, at
    if doubt.sent_again_at is None:
        delivery.mark_sent(doubt.message, ref, at=at)
    else:
        delivery.found_twice(doubt.message, at=at)


def _not_found(doubt: OutboxDoubt, at: datetime) -> None:
    """Once more nothing: sent again after the second time, unless the caller is rung instead."""
    message = doubt.message
    if not _is_due(doubt, at):
        return
    doubt.looks, doubt.looked_at = doubt.looks + 1, at
    is_kept = message.callback_id is not None or doubt.sent_again_at is not None
    if doubt.looks != NOTHING_FOUND or is_kept:
        return
    if len(message.doubts) < MOST_TRIES:
        delivery.send_again(doubt, at=at)
    else:
        delivery.leave_to_a_person(message, at=at)


def _is_due(doubt: OutboxDoubt, at: datetime) -> bool:
    is_late_enough = doubt.looked_at is None or at >= doubt.looked_at + APART
    return _is_watched(doubt) and is_late_enough and at >= doubt.begun_at + LOOKS[doubt.looks]


def _is_watched(doubt: OutboxDoubt) -> bool:
    """Whether something is still to be learnt of it: it is open, or was sent again and has left."""
    status = doubt.message.status
    if doubt.sent_again_at is None:
        return status is MessageStatus.UNKNOWN
    return status not in (MessageStatus.PENDING, MessageStatus.SENDING)


def _taken(refs: Collection[str]) -> set[str]:
    messages = select(OutboxMessage.provider_ref).where(OutboxMessage.provider_ref.in_(refs))
    doubts = select(OutboxDoubt.provider_ref).where(OutboxDoubt.provider_ref.in_(refs))
    return {*db.session.scalars(messages), *db.session.scalars(doubts)}


def _is_twin_under_way(message: OutboxMessage) -> bool:
    """Whether the same words leave for the same telephone right now: whose they are over there
    nobody can tell."""
    twin = aliased(OutboxMessage)
    same = exists().where(
        twin.id != message.id,
        twin.status == MessageStatus.SENDING,
        twin.address == message.address,
        twin.body == message.body,
    )
    return bool(db.session.scalar(select(same)))

"""What a supervisor decides about messages that failed, or that nobody knows about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import contains_eager, selectinload

from hotline import access
from hotline.audit import service as audit
from hotline.errors import NotFound, TransitionRefused
from hotline.i18n import N_
from hotline.permissions import Permission, require
from hotline.sla import policies
from models import MessageStatus, OutboxDoubt, OutboxMessage, User, db

UNDER_WAY = (MessageStatus.PENDING, MessageStatus.SENDING)
DOUBTFUL = (MessageStatus.UNKNOWN, MessageStatus.FAILED)
AT_MOST = 100
Row = TypeVar("Row", OutboxMessage, OutboxDoubt)


@dataclass(frozen=True)
class Some(Generic[Row]):
    """As many rows as a page shows, and how many there are."""

    rows: Sequence[Row]
    total: int


def to_judge(viewer: User) -> Some[OutboxMessage]:
    """The messages nobody has judged yet, the newest first."""
    found = (
        select(OutboxMessage)
        .options(selectinload(OutboxMessage.doubts))
        .where(OutboxMessage.status.in_(DOUBTFUL), _may_be_seen(viewer))
    )
    return _some(found.order_by(OutboxMessage.id.desc()))


def sent_again(viewer: User, since: datetime) -> Some[OutboxDoubt]:
    """The tries in doubt after which a message was sent once more since then, the newest first."""
    found = (
        select(OutboxDoubt)
        .join(OutboxDoubt.message)
        .options(contains_eager(OutboxDoubt.message))
        .where(OutboxDoubt.sent_again_at >= since, _may_be_seen(viewer))
        .order_by(OutboxDoubt.sent_again_at.desc(), OutboxDoubt.id.desc())
    )
    return _some(found)


def send_again(message_id: int, *, actor: User, at: datetime) -> None:
    """A person knows that it did not arrive: it is due again, with all its tries."""
    message = _doubtful(message_id, actor)
    if message.callback_id is not None:
        raise TransitionRefused(N_("This caller is rung instead."))
    message.status, message.due_at = MessageStatus.PENDING, at
    message.attempts, message.provider_ref, message.error = 0, "", ""
    for doubt in message.doubts:
        doubt.sent_again_at = doubt.sent_again_at or at
    audit.record("send_again", actor=actor, at=at, subject=message.dedupe_key)


def let_be(message_id: int, *, actor: User, at: datetime) -> None:
    """A person knows that it arrived, or that it does not matter any more."""
    message = _doubtful(message_id, actor)
    message.status = MessageStatus.SKIPPED
    audit.record("let_be", actor=actor, at=at, subject=message.dedupe_key)


def waiting(viewer: User) -> Some[OutboxMessage]:
    """The messages that are still to leave, the next one first."""
    found = select(OutboxMessage).where(OutboxMessage.status.in_(UNDER_WAY), _may_be_seen(viewer))
    return _some(found.order_by(OutboxMessage.due_at))


def counts(since: datetime) -> dict[MessageStatus, int]:
    """How many messages written since then stand where."""
    found = (
        select(OutboxMessage.status, func.count())
        .where(OutboxMessage.created_at >= since)
        .group_by(OutboxMessage.status)
    )
    return dict.fromkeys(MessageStatus, 0) | dict(db.session.execute(found).tuples().all())


def let_leave(leave: bool, *, actor: User, at: datetime) -> None:
    """Stop everything that would leave the house, or let it go again; nothing is lost meanwhile."""
    require(actor, Permission.SUPERVISE)
    policies.set_value("messages_leave", int(leave), actor=actor, at=at)


def get(message_id: int, *, viewer: User) -> OutboxMessage:
    """A message as far as `viewer` may see it. Raises NotFound."""
    wanted = select(OutboxMessage).where(OutboxMessage.id == message_id, _may_be_seen(viewer))
    message = db.session.scalar(wanted)
    if message is None:
        raise NotFound
    return message


def _some(found: Select[tuple[Row]]) -> Some[Row]:
    rows, total = db.session.scalars(found.limit(AT_MOST)).all(), None
    if len(rows) == AT_MOST:
        counted = found.with_only_columns(func.count(), maintain_column_froms=True).order_by(None)
        total = db.session.scalar(counted)
    return Some(rows, total or len(rows))


def _may_be_seen(viewer: User) -> ColumnElement[bool]:
    """Whom a ticket is about reads and decides nothing of what is sent for it."""
    hidden = access.hidden_from(viewer)
    return or_(OutboxMessage.ticket_id.is_(None), OutboxMessage.ticket_id.not_in(hidden))


def _doubtful(message_id: int, actor: User) -> OutboxMessage:
    require(actor, Permission.SUPERVISE)
    message = get(message_id, viewer=actor)
    if message.status not in DOUBTFUL:
        raise TransitionRefused(N_("Somebody has decided about this message already."))
    return message

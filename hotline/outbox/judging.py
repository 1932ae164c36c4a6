"""What a supervisor decides about messages that failed, or that nobody knows about."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from hotline.audit import service as audit
from hotline.errors import NotFound, TransitionRefused
from hotline.i18n import N_
from hotline.permissions import Permission, require
from models import MessageStatus, OutboxMessage, User, db

DOUBTFUL = (MessageStatus.UNKNOWN, MessageStatus.FAILED)
AT_MOST = 100


def to_judge() -> Sequence[OutboxMessage]:
    """The messages nobody has judged yet, the newest first."""
    found = select(OutboxMessage).where(OutboxMessage.status.in_(DOUBTFUL))
    return db.session.scalars(found.order_by(OutboxMessage.id.desc()).limit(AT_MOST)).all()


def send_again(message_id: int, *, actor: User, at: datetime) -> None:
    """A person knows that it did not arrive: it is due again, with all its tries."""
    message = _doubtful(message_id, actor)
    if message.callback_id is not None:
        raise TransitionRefused(N_("This caller is rung instead."))
    message.status, message.due_at = MessageStatus.PENDING, at
    message.attempts, message.provider_ref, message.error = 0, "", ""
    audit.record("send_again", actor=actor, at=at, subject=message.dedupe_key)


def let_be(message_id: int, *, actor: User, at: datetime) -> None:
    """A person knows that it arrived, or that it does not matter any more."""
    message = _doubtful(message_id, actor)
    message.status = MessageStatus.SKIPPED
    audit.record("let_be", actor=actor, at=at, subject=message.dedupe_key)


def _doubtful(message_id: int, actor: User) -> OutboxMessage:
    require(actor, Permission.SUPERVISE)
    message = db.session.get(OutboxMessage, message_id)
    if message is None:
        raise NotFound
    if message.status not in DOUBTFUL:
        raise TransitionRefused(N_("Somebody has decided about this message already."))
    return message

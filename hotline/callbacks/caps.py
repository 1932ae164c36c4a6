"""How many short messages one person may send to callers in a day, and one telephone may get."""

from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from hotline import turns
from hotline.audit import service as audit
from hotline.calendars import queries as calendars
from hotline.errors import TransitionRefused
from hotline.i18n import N_
from hotline.outbox import service as outbox
from hotline.phone_numbers import mask
from hotline.sla import policies
from models import AuditEvent, MessageStatus, OutboxMessage, User, db

SENT = "send_message"


def take_turns(number: str, actor: User) -> None:
    """Nobody else sends to `number`, nor `actor` elsewhere, until this transaction ends."""
    turns.take(f"messages by {actor.id}")
    turns.take(f"messages to {number}")


def check(number: str, *, actor: User, at: datetime) -> None:
    """Raise TransitionRefused when today is full for `actor`, or for the telephone `number`."""
    today = _midnight(at)
    by_actor = _count(
        AuditEvent.kind == SENT, AuditEvent.actor_id == actor.id, AuditEvent.at >= today
    )
    if by_actor >= policies.get("messages_per_person"):
        sentence = N_("You have sent as many messages today as one person may: ring instead.")
        raise TransitionRefused(sentence)
    to_number = _count(
        OutboxMessage.kind == outbox.CALLER_TOLD,
        OutboxMessage.address == number,
        OutboxMessage.created_at >= today,
        OutboxMessage.status != MessageStatus.SKIPPED,
    )
    if to_number >= policies.get("messages_per_number"):
        sentence = N_("This telephone has got as many messages today as one may: ring instead.")
        raise TransitionRefused(sentence)


def note(message: OutboxMessage, *, actor: User, at: datetime) -> None:
    """Let the trail say who sent it, about which ticket, to which telephone; never the words."""
    audit.record(
        SENT, actor=actor, at=at, ticket_id=message.ticket_id, subject=mask(message.address)
    )


def _count(*conditions: ColumnElement[bool]) -> int:
    return db.session.scalar(select(func.count()).where(*conditions)) or 0


def _midnight(at: datetime) -> datetime:
    calendar = calendars.contact_hours()
    return calendar.instant(calendar.local(at).date(), 0)

"""Who is told, and when, that a caller waits to be rung."""

from datetime import datetime, timedelta

from hotline.calendars import queries as calendars
from hotline.i18n import N_
from hotline.outbox import delivery, recipients
from hotline.outbox import service as outbox
from hotline.sla import business_time
from hotline.tickets import service as tickets
from models import Callback, CallbackKind, User, db

SOON = timedelta(minutes=10)


def due_soon(callback: Callback, *, at: datetime) -> bool:
    """Tell who rings that `callback` is due in a few minutes; False when it is not the time."""
    if not _is_to_ring(callback) or callback.reminded_at or not may_ring(callback, at):
        return False
    callback.reminded_at = at
    if _was_due_before_the_beginning(callback):
        return False
    outbox.notify_all(
        ringers(callback, at),
        N_("Ring the caller of ticket %(number)s by %(due)s."),
        at=at,
        dedupe_key=f"callback_due:{callback.id}:{callback.due_at:%Y%m%d%H%M}",
        ticket=callback.ticket,
        callback=callback,
        number=callback.ticket.number,
        due=callback.due_at,
    )
    return True


def overdue(callback: Callback, *, at: datetime) -> bool:
    """Tell the owner and the shift leader that a caller waits longer than was promised."""
    is_time = callback.due_at <= at and may_ring(callback, at)
    if not _is_to_ring(callback) or callback.overdue_reminded_at or not is_time:
        return False
    callback.overdue_reminded_at = at
    if _was_due_before_the_beginning(callback):
        return False
    owner = [callback.owner] if callback.owner else []
    people = {user.id: user for user in owner + recipients.leaders(at)}
    outbox.notify_all(
        people.values(),
        N_("The caller of ticket %(number)s was to be rung by %(due)s and still waits."),
        at=at,
        dedupe_key=f"callback_overdue:{callback.id}:{callback.due_at:%Y%m%d%H%M}",
        ticket=callback.ticket,
        callback=callback,
        urgent=True,
        number=callback.ticket.number,
        due=callback.due_at,
    )
    tickets.note_fact(
        callback.ticket, "overdue", at=at, callback=callback.id, due_at=callback.due_at.isoformat()
    )
    return True


def may_ring(callback: Callback, at: datetime) -> bool:
    """Nobody is reminded of what they may not do yet: the caller's own time, or contact hours."""
    if callback.kind is CallbackKind.SAFETY or callback.window:
        return True
    return business_time.is_open(at, calendars.contact_hours())


def ringers(callback: Callback, at: datetime) -> list[User]:
    """Who rings, or who answers for the pool."""
    if callback.owner is not None and callback.owner.is_active:
        return [callback.owner]
    return recipients.leaders(at)


def _is_to_ring(callback: Callback) -> bool:
    """Looked at again inside the transaction: somebody may have rung meanwhile."""
    db.session.refresh(callback)
    return callback.is_to_ring


def _was_due_before_the_beginning(callback: Callback) -> bool:
    began_at = delivery.began_at()
    return began_at is not None and callback.due_at < began_at

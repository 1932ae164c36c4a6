"""What every verb about a callback has in common: whether it may be done, and who hears of it."""

from datetime import datetime

from hotline import access
from hotline.callbacks.windows import Span
from hotline.errors import Forbidden, TransitionRefused
from hotline.i18n import N_
from hotline.live_updates import service as live_updates
from hotline.permissions import Permission, has
from hotline.sla import deadlines
from models import Callback, CallbackEnd, CallbackKind, Ground, User, db


def check_open(callback: Callback) -> None:
    """Raise TransitionRefused when the promise is over."""
    if callback.ended_at is not None:
        raise TransitionRefused(N_("This callback is over already."))


def check_may_ring(callback: Callback, actor: User) -> None:
    """Raise Forbidden: the hotline rings, and who promised it at a department's own desk."""
    may_ring = has(actor, Permission.HANDLE_CALLS) or callback.owner_id == actor.id
    if not may_ring or not access.can_see(actor, callback.ticket):
        raise Forbidden


def end(callback: Callback, end: CallbackEnd, at: datetime) -> None:
    """Say how the promise ended. A date that was told in it is the ticket's promise now."""
    callback.ended_at, callback.end, callback.receipt_due_at = at, end, None
    if end is CallbackEnd.KEPT:
        callback.told_seconds = _measured(callback, at)
    if end is CallbackEnd.KEPT and callback.new_date is not None:
        callback.ticket.promised_at = callback.new_date
    db.session.flush()


def stop_clock(callback: Callback, at: datetime) -> None:
    """Somebody tries to keep it, by telephone or message: the first try is what counts."""
    callback.first_attempt_at = callback.first_attempt_at or at
    if callback.ring_seconds is None:
        callback.ring_seconds = _measured(callback, at)


def _measured(callback: Callback, at: datetime) -> int:
    day_and_night = callback.kind is CallbackKind.SAFETY
    return deadlines.spent(callback.promised_at, at, None, by_the_wall=day_and_night)


def move(callback: Callback, span: Span, ground: Ground) -> None:
    """Let it be rung in `span` next, because of `ground`; reminders are given anew. The promise
    itself stays."""
    callback.not_before_at, callback.due_at, callback.ground = span.begin, span.end, ground
    callback.reminded_at = callback.overdue_reminded_at = callback.escalated_at = None


def promise_instead(callback: Callback, span: Span) -> None:
    """The caller wants to be rung in `span`: a new promise, whose clock has not been stopped."""
    move(callback, span, Ground.AGREED)
    callback.first_due_at, callback.first_attempt_at = span.end, None


def tell_browsers(callback: Callback, at: datetime) -> None:
    """Let the lists of the hotline and of the owner follow."""
    live_updates.post("hotline", "callbacks", at, callback=callback.id)
    if callback.owner_id is not None:
        live_updates.post(f"user:{callback.owner_id}", "callbacks", at, callback=callback.id)

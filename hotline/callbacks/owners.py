"""Who rings: taken from the pool, put back, left behind at the end of duty."""

from datetime import datetime

from sqlalchemy import or_, select

from hotline.callbacks import messages, state
from hotline.errors import Forbidden, TransitionRefused
from hotline.i18n import N_
from hotline.permissions import Permission, has
from models import Callback, User, db


def claim(callback: Callback, *, actor: User, at: datetime) -> None:
    """Take a callback out of the pool. Raises TransitionRefused when somebody has it already."""
    state.check_open(callback)
    state.check_may_ring(callback, actor)
    if callback.owner_id not in (None, actor.id):
        raise TransitionRefused(N_("Somebody else has taken it."))
    callback.owner_id = actor.id
    state.tell_browsers(callback, at)


def release(callback: Callback, *, actor: User, at: datetime) -> None:
    """Put a callback back into the pool; its owner may, or a supervisor."""
    state.check_open(callback)
    if callback.owner_id != actor.id and not has(actor, Permission.SUPERVISE):
        raise Forbidden
    state.tell_browsers(callback, at)
    callback.owner_id = None


def release_all_of(user: User, *, at: datetime) -> int:
    """Put what `user` still owes into the pool, as at the end of duty; return how many.

    A ticket whose message has arrived is closed by somebody else then.
    """
    is_left = or_(Callback.ended_at.is_(None), messages.waits_to_be_closed())
    owed = select(Callback).where(Callback.owner_id == user.id, is_left)
    callbacks = db.session.scalars(owed).all()
    for callback in callbacks:
        state.tell_browsers(callback, at)
        callback.owner_id = None
    return len(callbacks)

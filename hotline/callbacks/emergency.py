"""Danger on the line (紧急求助): one key, a second person rings for help, we ring again today."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from hotline.accounts import roster, sessions
from hotline.callbacks import service as callbacks
from hotline.i18n import N_
from hotline.live_updates import service as live_updates
from hotline.outbox import recipients
from hotline.outbox import service as outbox
from hotline.tickets import lifecycle
from hotline.tickets.lifecycle import Action
from models import CallbackKind, Notification, Ticket, Urgency, User, db

ALARM = "emergency"  # the kind of notice that stands on every page until it is read
WORDS = "您好，这里是工会热线，我想确认您现在是否安全。"


def raise_alarm(ticket: Ticket, *, actor: User, at: datetime) -> None:
    """Make `ticket` critical and supervised, alarm the shift leader, owe a safety callback.

    No field is required. A second press changes nothing and alarms nobody again.
    """
    if ticket.is_emergency:
        return
    lifecycle.apply(ticket, Action.MARK, actor=actor, at=at, emergency=True)
    ticket.is_emergency = ticket.is_supervised = True
    ticket.urgency = Urgency.CRITICAL
    callbacks.promise(ticket, CallbackKind.SAFETY, at=at, owner=actor, words=WORDS)
    for person in _second_persons(actor, at):
        outbox.notify(
            person,
            text=N_("Emergency on the line of %(name)s: call for help from a second telephone."),
            at=at,
            dedupe_key=f"{ALARM}:{ticket.id}",
            ticket=ticket,
            urgent=True,
            name=actor.display_name,
        )
    live_updates.post("hotline", "ticket", at, ticket=ticket.id)


def alarms_of(user: User) -> Sequence[Notification]:
    """The emergencies that `user` was called to and has not looked at yet, the newest first."""
    unseen = select(Notification).where(
        Notification.user_id == user.id,
        Notification.read_at.is_(None),
        Notification.dedupe_key.startswith(f"{ALARM}:"),
    )
    return db.session.scalars(unseen.order_by(Notification.id.desc())).all()


def _second_persons(actor: User, at: datetime) -> list[User]:
    """The shift leader, and every supervisor unless the leader is signed in and not on that call.

    Who is on the roster may be away from the desk: danger does not wait for them.
    """
    leader = roster.shift_leader(at)
    if leader is not None and leader.id != actor.id and sessions.is_here(leader, at):
        return [leader]
    called = [*([leader] if leader else []), *recipients.supervisors()]
    return [one for one in dict.fromkeys(called) if one.id != actor.id]

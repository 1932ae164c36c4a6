"""Danger on the line (紧急求助): one key, a second person rings for help, we ring again today."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, select, update

from hotline import access
from hotline.accounts import roster, sessions
from hotline.callbacks import service as callbacks
from hotline.errors import TransitionRefused
from hotline.i18n import N_
from hotline.live_updates import service as live_updates
from hotline.outbox import recipients
from hotline.outbox import service as outbox
from hotline.tickets import lifecycle, supervision
from hotline.tickets import service as tickets
from hotline.tickets.lifecycle import Action
from models import (
    Call,
    CallbackKind,
    CallState,
    Notification,
    Ticket,
    TicketEvent,
    TicketStatus,
    Urgency,
    User,
    db,
)

ALARM = "emergency"  # the kind of notice that stands on every page until somebody sees to it
TAKEN = "take_emergency"  # the kind of event that says who does
AFTER_THE_CALL = timedelta(minutes=10)  # so long an alarm stands when nobody is on the line
WORDS = "您好，这里是工会热线，我想确认您现在是否安全。"


@dataclass(frozen=True)
class Alarm:
    """An emergency as it stands: who raised it, who was called to it, who sees to it."""

    ticket: Ticket
    raised_at: datetime
    raised_by: User | None
    called: Sequence[User]
    taken_at: datetime | None
    taken_by: User | None
    is_on_line: bool


def raise_alarm(ticket: Ticket, *, actor: User, at: datetime) -> None:
    """Make `ticket` critical and supervised, alarm the shift leader, owe a safety callback.

    No field is required. A second press changes nothing and alarms nobody again.
    """
    if ticket.is_emergency:
        return
    lifecycle.apply(ticket, Action.MARK, actor=actor, at=at, emergency=True)
    ticket.is_emergency = True
    ticket.urgency = Urgency.CRITICAL
    callbacks.promise(ticket, CallbackKind.SAFETY, at=at, owner=actor, words=WORDS)
    called = _second_persons(ticket, actor, at)
    informed = {actor.id, *(person.id for person in called)}
    supervision.raise_by_itself(ticket, at=at, because="emergency", but=informed)
    for person in called:
        outbox.notify(
            person,
            text=N_("Emergency on the line of %(name)s: call for help from a second telephone."),
            at=at,
            dedupe_key=_key(ticket),
            ticket=ticket,
            urgent=True,
            name=actor.display_name,
        )


def take(ticket: Ticket, *, actor: User, at: datetime) -> None:
    """`actor` sees to the emergency: the operator and everybody who was called learn of it at once.

    Raises TransitionRefused when somebody else does already, and for who has the caller.
    """
    alarm = of(ticket)
    if alarm is None or ticket.status is TicketStatus.CLOSED:
        raise TransitionRefused(N_("There is no emergency to see to."))
    if alarm.raised_by is not None and alarm.raised_by.id == actor.id:
        raise TransitionRefused(N_("You have the caller: somebody else sees to the emergency."))
    if alarm.taken_by is not None:
        if alarm.taken_by.id != actor.id:
            name = alarm.taken_by.display_name
            raise TransitionRefused(N_("%(name)s sees to it already."), name=name)
        return
    tickets.note_fact(ticket, TAKEN, at=at, actor=actor)
    seen = update(Notification).where(_is_about(ticket), Notification.read_at.is_(None))
    db.session.execute(seen.values(read_at=at).execution_options(synchronize_session=False))
    for person in alarm.called:
        live_updates.post(f"user:{person.id}", "bell", at)
    live_updates.post("hotline", "emergency", at, ticket=ticket.id)


def of(ticket: Ticket) -> Alarm | None:
    """The emergency of `ticket`; None when there was none."""
    kinds = (Action.MARK.value, TAKEN)
    told = select(TicketEvent).where(
        TicketEvent.ticket_id == ticket.id, TicketEvent.kind.in_(kinds)
    )
    events = db.session.scalars(told.order_by(TicketEvent.at, TicketEvent.id)).all()
    raised = [event for event in events if event.data.get("emergency")]
    if not raised:
        return None
    taken = [event for event in events if event.kind == TAKEN]
    called = select(User).join(Notification, Notification.user_id == User.id)
    return Alarm(
        ticket=ticket,
        raised_at=raised[0].at,
        raised_by=raised[0].actor,
        called=db.session.scalars(called.where(_is_about(ticket)).order_by(User.id)).all(),
        taken_at=taken[0].at if taken else None,
        taken_by=taken[0].actor if taken else None,
        is_on_line=_is_on_line(ticket),
    )


def alarms_for(user: User, *, at: datetime) -> list[Alarm]:
    """The emergencies that `user` was called to and that still stand, the newest first.

    One stands while its caller is on the line; one that nobody has taken also some minutes more.
    """
    called = select(Notification.ticket_id).where(
        Notification.user_id == user.id,
        Notification.is_urgent,
        Notification.at > at - sessions.ABSOLUTE_LIMIT,
        Notification.dedupe_key.startswith(f"{ALARM}:"),
    )
    found = select(Ticket).where(Ticket.id.in_(called), Ticket.status != TicketStatus.CLOSED)
    alarms = [of(ticket) for ticket in db.session.scalars(found.order_by(Ticket.id.desc()))]
    return [alarm for alarm in alarms if alarm is not None and _stands(alarm, at)]


def _stands(alarm: Alarm, at: datetime) -> bool:
    is_fresh = alarm.taken_at is None and at < alarm.raised_at + AFTER_THE_CALL
    return alarm.is_on_line or is_fresh


def _is_on_line(ticket: Ticket) -> bool:
    talking = select(Call.id).where(Call.ticket_id == ticket.id, Call.state == CallState.TALKING)
    return db.session.scalar(talking.limit(1)) is not None


def _key(ticket: Ticket) -> str:
    return f"{ALARM}:{ticket.id}"


def _is_about(ticket: Ticket) -> ColumnElement[bool]:
    return and_(
        Notification.ticket_id == ticket.id,
        Notification.dedupe_key.startswith(f"{_key(ticket)}:"),
    )


def _second_persons(ticket: Ticket, actor: User, at: datetime) -> list[User]:
    """The shift leader, and every supervisor unless the leader is signed in and not on that call.

    Who is on the roster may be away from the desk: danger does not wait for them.
    """
    leader = roster.shift_leader(at)
    if leader is not None and not access.can_see(leader, ticket):
        leader = None  # it is about them
    if leader is not None and leader.id != actor.id and sessions.is_here(leader, at):
        return [leader]
    called = [*([leader] if leader else []), *recipients.supervisors_of(ticket, at)]
    return [one for one in dict.fromkeys(called) if one.id != actor.id]

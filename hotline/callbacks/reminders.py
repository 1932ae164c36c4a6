"""Who is told, and when, that a caller waits to be rung: by the ladder of hotline.sla.ladder.

The owner first, then the shift leader, then the supervisors. Nobody is reminded of what they may
not do yet: in contact hours, or in the caller's own time.
"""

from datetime import datetime

from hotline import access
from hotline.accounts import roster
from hotline.calendars import queries as calendars
from hotline.outbox import delivery, recipients
from hotline.outbox import service as outbox
from hotline.sla import business_time
from hotline.sla.ladder import CLOCK_OF, Hours, Rung, Running, Stage, Step, climb, step_due
from hotline.tickets import service as tickets
from models import Callback, CallbackKind, Urgency, User, db


def step_of(callback: Callback, *, at: datetime) -> Step | None:
    """What is to be told of `callback` now."""
    if not callback.is_to_ring:
        return None
    running = Running(
        CLOCK_OF[callback.kind],
        max(callback.promised_at, callback.not_before_at),
        callback.due_at,
    )
    return step_due(
        running,
        told=_told(callback),
        at=at,
        may_be_told=lambda step: _may_be_told(step, callback, at),
    )


def remind(callback: Callback, *, at: datetime) -> bool:
    """Tell whose turn it is that the caller of `callback` waits; whether it was time for that.

    Looked at again inside the transaction: somebody may have rung meanwhile.
    """
    db.session.refresh(callback)
    step = step_of(callback, at=at)
    if step is None:
        return False
    if step.stage is Stage.SOON:
        callback.reminded_at = at
    else:
        callback.overdue_reminded_at = callback.overdue_reminded_at or at
    if step.stage is Stage.LATE:
        callback.escalated_at = at
    if _was_due_before_the_beginning(callback):
        return False
    return _tell(step, callback, at)


def may_ring(callback: Callback, at: datetime) -> bool:
    """Whether it is the caller's own time, or a time for ringing anybody."""
    if callback.kind is CallbackKind.SAFETY or callback.window:
        return True
    return business_time.is_open(at, calendars.contact_hours())


def ringers(callback: Callback, at: datetime) -> list[User]:
    """Who rings, or who answers for the pool."""
    if callback.owner is not None and callback.owner.is_active:
        return [callback.owner]
    return recipients.leaders_of(callback.ticket, at)


def _told(callback: Callback) -> Stage | None:
    """The highest stage of which somebody was told."""
    said = {
        Stage.SOON: callback.reminded_at,
        Stage.OVERDUE: callback.overdue_reminded_at,
        Stage.LATE: callback.escalated_at,
    }
    return next((stage for stage in reversed(said) if said[stage] is not None), None)


def _may_be_told(step: Step, callback: Callback, at: datetime) -> bool:
    if step.hours is Hours.HOUSE:
        return business_time.is_open(at, calendars.calendar_for(None))
    return step.hours is Hours.ALWAYS or may_ring(callback, at)


def _tell(step: Step, callback: Callback, at: datetime) -> bool:
    """Tell those on the rungs of `step`, and write down who they were; False when they knew."""
    ticket = callback.ticket
    is_critical = ticket.urgency is Urgency.CRITICAL
    whom = climb(step, lambda rung: _on(rung, callback, at), is_critical=is_critical)
    told = outbox.notify_all(
        whom,
        step.sentence,
        at=at,
        dedupe_key=f"{step.kind}:{callback.id}:{callback.due_at:%Y%m%d%H%M}",
        ticket=ticket,
        callback=callback,
        urgent=step.is_urgent or is_critical,
        number=ticket.number,
        due=callback.due_at,
    )
    if whom and not told:
        return False
    tickets.note_fact(
        ticket,
        step.kind,
        at=at,
        callback=callback.id,
        callback_kind=callback.kind.value,
        due_at=callback.due_at.isoformat(),
        told=[notice.user_id for notice in told],
    )
    return True


def _on(rung: Rung, callback: Callback, at: datetime) -> list[User]:
    """Who stands on `rung` and may read the ticket."""
    return [
        one for one in _everybody_on(rung, callback, at) if access.can_see(one, callback.ticket)
    ]


def _everybody_on(rung: Rung, callback: Callback, at: datetime) -> list[User]:
    owner = callback.owner
    if rung is Rung.OPERATOR:
        return [owner] if owner is not None and owner.is_active else []
    if rung is Rung.LEADER:
        leader = roster.shift_leader(at)
        return [leader] if leader is not None else []
    return recipients.supervisors_of(callback.ticket, at)


def _was_due_before_the_beginning(callback: Callback) -> bool:
    began_at = delivery.began_at()
    return began_at is not None and callback.due_at < began_at

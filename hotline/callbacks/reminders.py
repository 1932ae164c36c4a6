"""Who is told, and when, that a caller waits to be rung: by the ladder of hotline.sla.ladder.

The owner first, then the shift leader, then the supervisors. Nobody is reminded of what they may
not do yet: in contact hours, or in the caller's own time.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from hotline.calendars import queries as calendars
from hotline.outbox import recipients, terms
from hotline.outbox import service as outbox
from hotline.outbox.notices import Notice
from hotline.outbox.recipients import Circle
from hotline.sla import business_time
from hotline.sla.ladder import CLOCK_OF, Hours, Rung, Running, Stage, Step, climb, step_due
from hotline.tickets.facts import Fact, note_all
from models import Callback, CallbackKind, Urgency, User, db

LOOKED_AT = 200  # callbacks; nearly all that wait are told of at once


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


def remind(owed: Sequence[Callback], *, at: datetime) -> int:
    """Tell whose turn it is that the callers of these callbacks wait, as far as it is time for
    that; return of how many somebody was told.

    Looked at again inside the transaction: somebody may have rung meanwhile.
    """
    circle = Circle([callback.ticket for callback in owed], at)
    began_at = terms.demo_began_at()
    due = [(callback, step) for callback in owed if (step := step_of(callback, at=at))]
    for callback, step in due:
        _write_down(callback, step, at)
    due = [(one, step) for one, step in due if began_at is None or one.due_at >= began_at]
    tellings = [_telling(step, callback, circle) for callback, step in due]
    told = outbox.tell(tellings, at=at)
    facts = [
        _fact(callback, step, notices)
        for (callback, step), telling, notices in zip(due, tellings, told, strict=True)
        if notices or not telling.users  # else they knew
    ]
    note_all(facts, at=at)
    return len(facts)


def oldest_untold(at: datetime) -> Callback | None:
    """The callback that had been due the longest of those of which somebody could be told by `at`
    and nobody was.
    """
    untold = select(Callback).where(
        Callback.is_to_ring, Callback.due_at <= at, Callback.overdue_reminded_at.is_(None)
    )
    oldest = db.session.scalars(untold.order_by(Callback.due_at).limit(LOOKED_AT))
    return next((callback for callback in oldest if step_of(callback, at=at)), None)


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


def _write_down(callback: Callback, step: Step, at: datetime) -> None:
    """How far it has been told."""
    if step.stage is Stage.SOON:
        callback.reminded_at = at
    else:
        callback.overdue_reminded_at = callback.overdue_reminded_at or at
    if step.stage is Stage.LATE:
        callback.escalated_at = at


def _telling(step: Step, callback: Callback, circle: Circle) -> outbox.Telling:
    """What is told to those on the rungs of `step`."""
    ticket = callback.ticket
    is_critical = ticket.urgency is Urgency.CRITICAL
    return outbox.Telling(
        climb(step, lambda rung: _on(rung, callback, circle), is_critical=is_critical),
        step.sentence,
        f"{step.kind}:{callback.id}:{callback.due_at:%Y%m%d%H%M}",
        ticket=ticket,
        callback=callback,
        urgent=step.is_urgent or is_critical,
        params={"number": ticket.number, "due": callback.due_at},
    )


def _fact(callback: Callback, step: Step, told: Sequence[Notice]) -> Fact:
    """What the ticket keeps of it: who heard."""
    return Fact(
        callback.ticket,
        step.kind,
        {
            "callback": callback.id,
            "callback_kind": callback.kind.value,
            "due_at": callback.due_at.isoformat(),
            "told": [notice.user_id for notice in told],
        },
    )


def _on(rung: Rung, callback: Callback, circle: Circle) -> list[User]:
    """Who stands on `rung` and may read the ticket."""
    people = _everybody_on(rung, callback, circle)
    return [one for one in people if circle.can_read(one, callback.ticket)]


def _everybody_on(rung: Rung, callback: Callback, circle: Circle) -> list[User]:
    owner = callback.owner
    if rung is Rung.OPERATOR:
        return [owner] if owner is not None and owner.is_active else []
    if rung is Rung.LEADER:
        return [circle.leader] if circle.leader is not None else []
    return circle.supervisors_of(callback.ticket)

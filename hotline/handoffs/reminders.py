"""What somebody must hear of because time passes: each limit of a handoff by its ladder.

The table is in hotline.sla.ladder. A department hears of it in its working time only; a critical
matter knows no such hours. The rows say what was told, the keys of the notices that it was.
"""

from datetime import datetime, timedelta
from typing import Any

from hotline import access
from hotline.accounts import roster
from hotline.calendars import queries as calendars
from hotline.handoffs import people
from hotline.i18n import N_
from hotline.outbox import recipients
from hotline.outbox import service as outbox
from hotline.sla import business_time
from hotline.sla.ladder import Clock, Hours, Rung, Running, Step, climb, step_due
from hotline.tickets import service as tickets
from models import Extension, Handoff, Ticket, TicketStatus, Urgency, User


def accept_step(handoff: Handoff, *, at: datetime) -> Step | None:
    """What is to be told now of the limit to accept.

    Where it ends no earlier than the limit to answer, that one speaks for both.
    """
    if handoff.accepted_at is not None or handoff.accept_due_at >= handoff.handle_due_at:
        return None
    if at >= handoff.handle_due_at:
        return None
    running = Running(
        Clock.ACCEPT, handoff.handed_off_at, handoff.accept_due_at, handoff.department
    )
    return _due(handoff, running, handoff.accept_reminded_at, at)


def answer_step(handoff: Handoff, *, at: datetime) -> Step | None:
    """What is to be told now of the limit to answer."""
    running = Running(
        Clock.ANSWER,
        handoff.handed_off_at,
        handoff.handle_due_at,
        handoff.department,
        timedelta(seconds=handoff.paused_seconds),
    )
    return _due(handoff, running, handoff.handle_reminded_at, at)


def return_step(handoff: Handoff, *, at: datetime) -> Step | None:
    """What is to be told now of the limit to decide about a return."""
    asked_at, due_at = handoff.return_asked_at, handoff.return_due_at
    if not handoff.return_is_undecided or asked_at is None or due_at is None:
        return None
    return _due(handoff, Running(Clock.RETURN, asked_at, due_at), handoff.return_reminded_at, at)


def extension_step(asked: Extension, *, at: datetime) -> Step | None:
    """What is to be told now of the limit to decide about more time."""
    if asked.decided_at is not None:
        return None
    running = Running(Clock.EXTENSION, asked.asked_at, asked.due_at)
    return _due(asked.handoff, running, asked.reminded_at, at)


def remind_to_accept(handoff: Handoff, *, at: datetime) -> bool:
    """Tell whose turn it is that nobody has accepted; return whether it was time for that."""
    step = accept_step(handoff, at=at)
    if step is None:
        return False
    handoff.accept_reminded_at = at
    return _tell(step, handoff, handoff.accept_due_at, at)


def remind_to_answer(handoff: Handoff, *, at: datetime) -> bool:
    """Tell whose turn it is that nobody has answered; return whether it was time for that."""
    step = answer_step(handoff, at=at)
    if step is None:
        return False
    handoff.handle_reminded_at = at
    return _tell(step, handoff, handoff.handle_due_at, at)


def remind_to_decide(handoff: Handoff, *, at: datetime) -> bool:
    """Tell the hotline that a department waits for the decision about a return."""
    step = return_step(handoff, at=at)
    if step is None or handoff.return_due_at is None:
        return False
    handoff.return_reminded_at = at
    return _tell(step, handoff, handoff.return_due_at, at)


def remind_to_decide_extension(asked: Extension, *, at: datetime) -> bool:
    """Tell the supervisors that nobody has decided about more time."""
    step = extension_step(asked, at=at)
    if step is None:
        return False
    asked.reminded_at = at
    return _tell(step, asked.handoff, asked.due_at, at, asked)


def remind_of_review(ticket: Ticket, *, at: datetime) -> bool:
    """Tell owner and supervisors that a suspended matter is to be looked at again."""
    if ticket.status is not TicketStatus.SUSPENDED or ticket.review_on is None:
        return False
    owner = [ticket.owner] if ticket.owner is not None else []
    everybody = {person.id: person for person in owner + recipients.supervisors_of(ticket, at)}
    people.tell(
        list(everybody.values()),
        N_("Review day: %(number)s is suspended until today."),
        ticket,
        at=at,
        key=f"review_due:{ticket.id}:{ticket.review_on.isoformat()}",
    )
    tickets.note_fact(ticket, "review_due", at=at, review_on=ticket.review_on.isoformat())
    return True


def _due(handoff: Handoff, running: Running, told_at: datetime | None, at: datetime) -> Step | None:
    if handoff.ended_at is not None or handoff.paused_at is not None:
        return None
    return step_due(
        running,
        told=None if told_at is None else running.stage_at(told_at),
        at=at,
        may_be_told=lambda step: _may_be_told(step, handoff, at),
    )


def _may_be_told(step: Step, handoff: Handoff, at: datetime) -> bool:
    if handoff.ticket.urgency is Urgency.CRITICAL:
        return True
    whose = handoff.department if step.hours is Hours.DEPARTMENT else None
    return business_time.is_open(at, calendars.calendar_for(whose))


def _tell(
    step: Step, handoff: Handoff, due_at: datetime, at: datetime, asked: Extension | None = None
) -> bool:
    """Tell those on the rungs of `step`, and write down who they were; False when they knew.

    Who `asked` for something is not told to decide it.
    """
    ticket = handoff.ticket
    is_critical = ticket.urgency is Urgency.CRITICAL
    but = asked.asked_by_id if asked is not None else None
    whom = climb(step, lambda rung: _on(rung, handoff, at, but), is_critical=is_critical)
    row = f"{handoff.id}" if asked is None else f"{handoff.id}.{asked.id}"
    which: dict[str, Any] = {} if asked is None else {"extension": asked.id}
    told = outbox.notify_all(
        whom,
        step.sentence,
        at=at,
        dedupe_key=f"{step.kind}:{row}:{due_at:%Y%m%d%H%M}",
        ticket=ticket,
        urgent=step.is_urgent or is_critical,
        number=ticket.number,
        due=due_at,
        department=handoff.department,
    )
    if whom and not told:
        return False
    tickets.note_fact(
        ticket,
        step.kind,
        at=at,
        department=handoff.department_id,
        handoff=handoff.id,
        due_at=due_at.isoformat(),
        told=[notice.user_id for notice in told],
        **which,
    )
    return True


def _on(rung: Rung, handoff: Handoff, at: datetime, but: int | None) -> list[User]:
    """Who stands on `rung` and may read the ticket, `but` not the person with this id."""
    people_there = [one for one in _everybody_on(rung, handoff, at) if one.id != but]
    return [one for one in people_there if access.can_see(one, handoff.ticket)]


def _everybody_on(rung: Rung, handoff: Handoff, at: datetime) -> list[User]:
    match rung:
        case Rung.HANDLER:
            return people.handler_of(handoff)
        case Rung.HEAD:
            return people.heads_of(handoff.department)
        case Rung.OPERATOR:
            operator = people.operator_of(handoff.ticket, at)
            return [operator] if operator is not None else []
        case Rung.LEADER:
            leader = roster.shift_leader(at)
            return [leader] if leader is not None else []
        case Rung.SUPERVISOR:
            return recipients.supervisors_of(handoff.ticket, at)

"""What somebody must hear of because time passes: each handoff soon due and overdue, once each.

Reminders go out in the department's working time only; a critical matter knows no such hours.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from hotline.calendars import queries as calendars
from hotline.handoffs import people
from hotline.i18n import N_
from hotline.outbox import recipients
from hotline.sla import business_time, deadlines
from hotline.tickets import service as tickets
from models import Handoff, Ticket, TicketStatus, Urgency


class Stage(StrEnum):
    """How far a limit has come that somebody must hear of."""

    SOON = "soon"
    OVERDUE = "overdue"


def accept_reminder(handoff: Handoff, *, at: datetime) -> Stage | None:
    """Which reminder to accept is due now: when most of the time has passed, and at the limit."""
    if handoff.accepted_at is not None:
        return None
    return _stage(handoff, handoff.accept_due_at, handoff.accept_reminded_at, at)


def answer_reminder(handoff: Handoff, *, at: datetime) -> Stage | None:
    """Which reminder to answer is due now."""
    return _stage(handoff, handoff.handle_due_at, handoff.handle_reminded_at, at)


def remind_to_accept(handoff: Handoff, *, at: datetime) -> bool:
    """Remind the department that nobody has accepted; return whether it was time for that."""
    stage = accept_reminder(handoff, at=at)
    if stage is Stage.SOON:
        sentence = N_("Please accept %(number)s by %(due)s.")
        _say(handoff, "accept_soon", sentence, at, due=handoff.accept_due_at)
    elif stage is Stage.OVERDUE:
        _say(handoff, "accept_overdue", N_("Not accepted in time: %(number)s."), at, urgent=True)
    else:
        return False
    handoff.accept_reminded_at = at
    return True


def remind_to_answer(handoff: Handoff, *, at: datetime) -> bool:
    """Remind who works on it; return whether it was time for that."""
    stage = answer_reminder(handoff, at=at)
    if stage is Stage.SOON:
        sentence = N_("Please answer %(number)s by %(due)s.")
        _say(handoff, "answer_soon", sentence, at, due=handoff.handle_due_at)
    elif stage is Stage.OVERDUE:
        _say(handoff, "answer_overdue", N_("Overdue: %(number)s is not answered."), at, urgent=True)
    else:
        return False
    handoff.handle_reminded_at = at
    return True


def raise_undecided_return(handoff: Handoff, *, at: datetime) -> bool:
    """Tell the supervisors that a department still waits for the decision about a return."""
    due_at = handoff.return_due_at
    if not handoff.return_is_undecided or due_at is None or at < due_at:
        return False
    if handoff.return_reminded_at is not None:
        return False
    people.tell(
        recipients.supervisors(),
        N_("%(department)s waits for the decision about %(number)s."),
        handoff.ticket,
        at=at,
        key=f"return_undecided:{handoff.id}",
        department=handoff.department,
    )
    handoff.return_reminded_at = at
    return True


def remind_of_review(ticket: Ticket, *, at: datetime) -> bool:
    """Tell owner and supervisors that a suspended matter is to be looked at again."""
    if ticket.status is not TicketStatus.SUSPENDED or ticket.review_on is None:
        return False
    owner = [ticket.owner] if ticket.owner is not None else []
    everybody = {person.id: person for person in owner + recipients.supervisors()}
    people.tell(
        list(everybody.values()),
        N_("Review day: %(number)s is suspended until today."),
        ticket,
        at=at,
        key=f"review_due:{ticket.id}:{ticket.review_on.isoformat()}",
    )
    tickets.note_fact(ticket, "review_due", at=at, review_on=ticket.review_on.isoformat())
    return True


def _stage(
    handoff: Handoff, due_at: datetime, told_at: datetime | None, at: datetime
) -> Stage | None:
    if at >= due_at:
        is_untold = told_at is None or told_at < due_at
        return Stage.OVERDUE if is_untold and _runs(handoff, at) else None
    if told_at is not None or not _runs(handoff, at):
        return None
    warn_at = deadlines.warn_at(handoff.handed_off_at, due_at, handoff.department)
    return Stage.SOON if at >= warn_at else None


def _runs(handoff: Handoff, at: datetime) -> bool:
    if handoff.ended_at is not None or handoff.paused_at is not None:
        return False
    if handoff.ticket.urgency is Urgency.CRITICAL:
        return True
    return business_time.is_open(at, calendars.calendar_for(handoff.department))


def _say(
    handoff: Handoff,
    what: str,
    sentence: str,
    at: datetime,
    *,
    urgent: bool = False,
    due: datetime | None = None,
) -> None:
    """To who works on it; what is overdue also to the heads and the supervisors."""
    who = people.handler_of(handoff)
    if urgent:
        who = who + people.heads_of(handoff.department) + recipients.supervisors()
    params: dict[str, Any] = {} if due is None else {"due": due}
    people.tell(
        list({person.id: person for person in who}.values()),
        sentence,
        handoff.ticket,
        at=at,
        key=f"handoff_{what}:{handoff.id}:{handoff.handle_due_at:%Y%m%d%H%M}",
        urgent=urgent,
        **params,
    )
    tickets.note_fact(handoff.ticket, f"remind_{what}", at=at, department=handoff.department_id)

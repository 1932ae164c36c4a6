"""Departments that help the lead (协办), and questions to the hotline."""

from datetime import datetime

from hotline import access
from hotline.errors import Forbidden, Invalid, TransitionRefused
from hotline.handoffs import clocks, people, queries
from hotline.handoffs.handing_off import begin, check_department, lead
from hotline.i18n import N_
from hotline.tickets import lifecycle, search
from hotline.tickets.lifecycle import Action
from models import Department, Handoff, HandoffEnd, HandoffRole, Ticket, User


def ask_assist(
    ticket: Ticket, department: Department, *, actor: User, at: datetime, note: str
) -> Handoff:
    """Ask another department to help the lead; it has a handoff and a limit of its own."""
    if lead(ticket).department_id == department.id:
        raise Invalid(N_("This department leads already."), field="department")
    if department.id in {handoff.department_id for handoff in queries.assists_of(ticket)}:
        raise Invalid(N_("This department assists already."), field="department")
    check_department(ticket, department)
    if not note.strip():
        raise Invalid(N_("Write what the department is asked for."), field="note")
    lifecycle.apply(
        ticket, Action.ASK_ASSIST, actor=actor, at=at, reason=note, department=department.id
    )
    handoff = begin(ticket, department, HandoffRole.ASSIST, actor=actor, at=at, note=note)
    people.tell(
        people.staff_of(department),
        N_("Your help is asked for: %(number)s."),
        ticket,
        at=at,
        key=f"handoff_new:{handoff.id}",
        actor=actor,
    )
    people.refresh(handoff, ticket, at=at)
    return handoff


def assist_answer(handoff: Handoff, text: str, *, actor: User, at: datetime) -> Handoff:
    """Write down what an assisting department found; the lead hears of it."""
    ticket = handoff.ticket
    if handoff.role is not HandoffRole.ASSIST or handoff.ended_at is not None:
        raise TransitionRefused(N_("This help is not asked for any more."))
    if handoff.department_id not in access.departments_of(actor):
        raise Forbidden
    if not text.strip():
        raise Invalid(N_("Write what your department found."), field="text")
    lifecycle.apply(
        ticket,
        Action.ASSIST_ANSWER,
        actor=actor,
        at=at,
        department=handoff.department_id,
        handoff=handoff.id,
    )
    handoff.report = text.strip()
    handoff.answered_at, handoff.answered_by_id, handoff.handler_id = at, actor.id, actor.id
    handoff.accepted_at = handoff.accepted_at or at
    clocks.stop(handoff, HandoffEnd.ANSWERED, at=at)
    search.index(ticket)
    _tell_lead(ticket, handoff, actor, at)
    return handoff


def ask_hotline(ticket: Ticket, *, actor: User, at: datetime, question: str) -> None:
    """Put a question about `ticket` to the hotline; owner and clocks stay."""
    lifecycle.apply(ticket, Action.ASK_HOTLINE, actor=actor, at=at, reason=question)
    people.tell(
        people.hotline_for(ticket, at),
        N_("A department asks something about %(number)s."),
        ticket,
        at=at,
        key=f"ticket_question:{ticket.id}:{at:%Y%m%d%H%M%S}",
        actor=actor,
    )


def _tell_lead(ticket: Ticket, handoff: Handoff, actor: User, at: datetime) -> None:
    leading = queries.lead_of(ticket)
    if leading is not None:
        people.tell(
            people.handler_of(leading),
            N_("An assisting department has answered: %(number)s."),
            ticket,
            at=at,
            key=f"handoff_assisted:{handoff.id}",
            actor=actor,
        )
    people.refresh(handoff, ticket, at=at)

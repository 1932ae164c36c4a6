"""Asking to return a ticket (退单): once, early, for two reasons; the hotline decides."""

from datetime import datetime

from hotline.errors import Forbidden, Invalid, TransitionRefused
from hotline.handoffs import clocks, new_dates, people
from hotline.handoffs.handing_off import lead
from hotline.handoffs.queue_rows import Passage
from hotline.i18n import N_
from hotline.live_updates import service as live_updates
from hotline.sla import deadlines
from hotline.tickets import lifecycle
from hotline.tickets.lifecycle import Action
from models import Department, Handoff, HandoffEnd, ReturnReason, Ticket, User

NO_BASIS = N_("Write the rule or the reason it rests on.")


def ask_return(
    ticket: Ticket,
    *,
    actor: User,
    at: datetime,
    reason: ReturnReason,
    basis: str,
    better: Department | None = None,
) -> Handoff:
    """Ask the hotline to take `ticket` back. The department stays owner and its clock runs.

    Raises TransitionRefused after the first time, after the hours of the policy, after a refusal
    and in a rework; Invalid when the basis is missing.
    """
    handoff = lead(ticket)
    _check_may_ask(handoff, at)
    if not basis.strip():
        raise Invalid(NO_BASIS, field="basis")
    if better is not None and better.id == handoff.department_id:
        raise Invalid(N_("That is this department itself."), field="better")
    lifecycle.apply(
        ticket,
        Action.ASK_RETURN,
        actor=actor,
        at=at,
        reason=basis,
        department=handoff.department_id,
        why=reason.value,
        better=better.id if better else None,
    )
    handoff.return_asked_at, handoff.return_asked_by_id = at, actor.id
    handoff.return_reason, handoff.return_basis = reason, basis.strip()
    handoff.return_better_department_id = better.id if better else None
    handoff.return_due_at = deadlines.decide_return_due(at)
    _tell_hotline(ticket, handoff, at)
    return handoff


def agree_return(ticket: Ticket, *, actor: User, at: datetime, reason: str = "") -> Handoff:
    """Take `ticket` back as the department asked: open again, the operator's or the pool's."""
    handoff = _undecided(ticket, actor)
    lifecycle.apply(
        ticket,
        Action.SEND_BACK,
        actor=actor,
        at=at,
        reason=reason,
        department=handoff.department_id,
    )
    handoff.return_decided_at, handoff.return_decided_by_id = at, actor.id
    clocks.stop(handoff, HandoffEnd.SENT_BACK, at=at)
    new_dates.drop(ticket, at=at)
    operator = people.operator_of(ticket, at)
    ticket.owner_id = operator.id if operator else None
    _tell_department(N_("Returned as you asked: %(number)s."), ticket, handoff, at)
    return handoff


def refuse_return(ticket: Ticket, *, actor: User, at: datetime, reason: str) -> Handoff:
    """Refuse the return (驳回): the department keeps `ticket` and may not ask again."""
    handoff = _undecided(ticket, actor)
    lifecycle.apply(
        ticket,
        Action.REFUSE_RETURN,
        actor=actor,
        at=at,
        reason=reason,
        department=handoff.department_id,
    )
    handoff.return_decided_at, handoff.return_decided_by_id = at, actor.id
    handoff.return_refusal, handoff.is_final = reason.strip(), True
    _tell_department(
        N_("The return was refused, please handle it: %(number)s."), ticket, handoff, at
    )
    return handoff


def may_ask(handoff: Passage, at: datetime) -> bool:
    """Whether the department may still ask to return it at `at`."""
    try:
        _check_may_ask(handoff, at)
    except TransitionRefused:
        return False
    return True


def _check_may_ask(handoff: Passage, at: datetime) -> None:
    if handoff.is_final:
        raise TransitionRefused(N_("The hotline has refused: this ticket may not be returned."))
    if handoff.return_asked_at is not None:
        raise TransitionRefused(N_("The return of this ticket was asked for already."))
    if handoff.round > 1:
        raise TransitionRefused(N_("What comes back for rework cannot be returned."))
    if at > deadlines.ask_return_until(handoff.handed_off_at, handoff.department):
        raise TransitionRefused(N_("The time to ask for a return is over."))


def _undecided(ticket: Ticket, actor: User) -> Handoff:
    handoff = lead(ticket)
    if not handoff.return_is_undecided:
        raise TransitionRefused(N_("Nobody asks to return this ticket."))
    if handoff.return_asked_by_id == actor.id:
        raise Forbidden(N_("Nobody decides what they asked for themselves."))
    return handoff


def _tell_hotline(ticket: Ticket, handoff: Handoff, at: datetime) -> None:
    people.tell(
        people.hotline_for(ticket, at),
        N_("A department asks to return %(number)s: please decide."),
        ticket,
        at=at,
        key=f"handoff_return:{handoff.id}",
    )
    live_updates.post("supervisors", "ticket", at, ticket=ticket.id)


def _tell_department(sentence: str, ticket: Ticket, handoff: Handoff, at: datetime) -> None:
    people.tell(
        people.staff_of(handoff.department),
        sentence,
        ticket,
        at=at,
        key=f"handoff_decided:{handoff.id}",
    )

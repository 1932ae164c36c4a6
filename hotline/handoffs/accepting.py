"""Accepting what a department was handed (签收), and naming who works on it."""

from datetime import datetime

from hotline.handoffs import clocks, people, queries, telling
from hotline.handoffs.handing_off import lead
from hotline.i18n import N_
from hotline.permissions import Permission, has
from hotline.tickets import lifecycle
from hotline.tickets import service as tickets
from hotline.tickets.lifecycle import Action
from models import Handoff, Ticket, Urgency, User


def accept(ticket: Ticket, *, actor: User, at: datetime) -> Handoff:
    """Accept `ticket`: who does works on it, but a head leaves it to whom they named before.

    Raises Forbidden or TransitionRefused.
    """
    handoff = lead(ticket)
    lifecycle.apply(ticket, Action.ACCEPT, actor=actor, at=at, department=handoff.department_id)
    clocks.accept(handoff, at=at)
    named = ticket.owner_id if has(actor, Permission.ASSIGN) else None
    handoff.handler_id = named or actor.id
    ticket.owner_id = handoff.handler_id
    return handoff


def assign(ticket: Ticket, to: User, *, actor: User, at: datetime) -> None:
    """Name who is accountable for `ticket`: an operator, or a handler of its department."""
    tickets.assign(ticket, to, actor=actor, at=at)
    if ticket.department_id is not None:
        handoff = lead(ticket)
        handoff.handler_id = to.id
    people.tell(
        [to],
        N_("Given to you: %(number)s."),
        ticket,
        at=at,
        key=f"ticket_assigned:{ticket.id}:{ticket.version}",
        actor=actor,
    )


def follow_urgency(ticket: Ticket, before: Urgency, *, at: datetime) -> None:
    """Let the limits of a department follow when `ticket` became more urgent, or less, than
    `before`. The date the caller was told does not move untold."""
    handoff = queries.lead_of(ticket)
    if handoff is None or ticket.urgency is before:
        return
    rank = list(Urgency).index
    if rank(ticket.urgency) > rank(before):
        clocks.hasten(handoff, ticket, at=at)
    else:
        clocks.ease(handoff, ticket, at=at)
    if handoff.paused_at is None:  # what stands still is told when it goes on
        telling.keep_date_moved(handoff, at=at)

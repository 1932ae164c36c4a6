"""What belongs together: one matter of several callers, and one matter that comes again."""

from datetime import datetime

from sqlalchemy import distinct, func, select

from hotline import turns
from hotline.errors import Invalid
from hotline.i18n import N_
from hotline.tickets import lifecycle
from hotline.tickets.lifecycle import Action
from models import Collective, Ticket, TicketStatus, User, db


def link(ticket: Ticket, other: Ticket, *, actor: User, at: datetime, name: str = "") -> None:
    """Say that two tickets belong together; each keeps its own debt.

    Of different callers they are one matter (群体性). A closed one of the same caller is what
    `ticket` repeats (重复); an open one is refused, because the two are merged instead.
    """
    if ticket.id == other.id:
        raise Invalid(N_("A ticket cannot be linked to itself."), field="other")
    turns.hold_again(ticket, other)
    if ticket.caller_id != other.caller_id:
        _join(ticket, other, actor=actor, at=at, name=name)
    elif other.status is TicketStatus.CLOSED:
        _repeat(ticket, other, actor=actor, at=at)
    else:
        raise Invalid(N_("Both are of the same caller: merge them instead."), field="other")
    db.session.flush()


def _repeat(ticket: Ticket, earlier: Ticket, *, actor: User, at: datetime) -> None:
    lifecycle.apply(ticket, Action.LINK, actor=actor, at=at, with_ticket=earlier.number)
    ticket.repeat_of_id, ticket.is_repeat = earlier.id, True


def _join(ticket: Ticket, other: Ticket, *, actor: User, at: datetime, name: str) -> None:
    collective = ticket.collective or other.collective or _begin(ticket, actor, at, name)
    for one, with_ in ((ticket, other), (other, ticket)):
        if one.collective_id != collective.id:
            lifecycle.apply(one, Action.LINK, actor=actor, at=at, with_ticket=with_.number)
            one.collective = collective
    db.session.flush()
    callers = select(func.count(distinct(Ticket.caller_id)))
    collective.callers_count = db.session.scalars(
        callers.where(Ticket.collective_id == collective.id)
    ).one()


def _begin(ticket: Ticket, actor: User, at: datetime, name: str) -> Collective:
    collective = Collective(
        name=name.strip() or ticket.subject,
        created_at=at,
        created_by_id=actor.id,
        callers_count=1,
    )
    db.session.add(collective)
    db.session.flush()
    return collective

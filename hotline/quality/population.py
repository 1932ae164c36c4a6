"""What there was to draw from, as the events of the tickets tell it.

Events are only ever added. So a population can be read again at any time as it stood when the
sample was drawn: a ticket that was reopened or told since counts as it did then. It does not depend
on who asks, or nobody else could draw the sample again; who may not see a ticket is neither given
it to inspect nor shown it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import aliased

from hotline.quality.drawing import Stratum, Unit
from hotline.tickets.lifecycle import Action
from models import Handoff, HandoffEnd, HandoffRole, How, Population, Ticket, TicketEvent, db

# What was merged goes on in another ticket and is inspected there.
CLOSINGS = (Action.CLOSE.value, Action.WITHDRAW.value)
ENDS = {Population.CLOSED: CLOSINGS, Population.ANSWERS: (Action.ANSWER.value,)}


@dataclass(frozen=True)
class Piece:
    """One ticket of a population, and what has to be known of it to inspect it."""

    ticket_id: int
    unit: Unit
    at: datetime  # when it was closed or answered
    feedback_id: int | None
    answer: Handoff | None  # the last one until then


def pieces(
    population: Population, since: datetime, until: datetime, *, as_of: datetime
) -> list[Piece]:
    """What was closed, or answered and not told yet, in [since, until), as it stood `as_of`."""
    ended = _ended(population, since, until, as_of)
    answers = _answers(ended, as_of)
    rows = db.session.execute(
        select(
            Ticket.id,
            Ticket.number,
            Ticket.operator_id,
            Ticket.desk_department_id,
            TicketEvent.at,
            TicketEvent.data,
        )
        .join(Ticket, Ticket.id == TicketEvent.ticket_id)
        .where(ended)
    ).tuples()
    found = []
    for ticket_id, number, operator_id, desk_id, at, data in rows:
        answer = answers.get(ticket_id)
        department_id = answer.department_id if answer else desk_id
        is_no_matter = data.get("how") == How.NO_MATTER.value
        unit = Unit(number, Stratum(operator_id, department_id, is_no_matter))
        found.append(Piece(ticket_id, unit, at, data.get("feedback"), answer))
    return found


def _ended(
    population: Population, since: datetime, until: datetime, as_of: datetime
) -> ColumnElement[bool]:
    """The events by which tickets came to be closed or answered, and stayed so until `as_of`."""
    later = aliased(TicketEvent)
    follows = or_(
        later.at > TicketEvent.at, and_(later.at == TicketEvent.at, later.id > TicketEvent.id)
    )
    moved_on = exists().where(
        later.ticket_id == TicketEvent.ticket_id,
        follows,
        later.at <= as_of,
        later.from_status == TicketEvent.to_status,
        later.to_status != TicketEvent.to_status,
    )
    return and_(
        TicketEvent.kind.in_(ENDS[population]),
        TicketEvent.at >= since,
        TicketEvent.at < until,
        TicketEvent.at <= as_of,
        ~moved_on,
    )


def _answers(ended: ColumnElement[bool], as_of: datetime) -> dict[int, Handoff]:
    """The last answer that each of these tickets had by then."""
    of_these: Select[Any] = select(TicketEvent.ticket_id).where(ended)
    found = (
        select(Handoff)
        .where(
            Handoff.ticket_id.in_(of_these),
            Handoff.role == HandoffRole.LEAD,
            Handoff.end == HandoffEnd.ANSWERED,
            Handoff.answered_at <= as_of,
        )
        .order_by(Handoff.id)
    )
    return {handoff.ticket_id: handoff for handoff in db.session.scalars(found)}

"""What there was to draw from, as the events of the tickets tell it.

Events are only ever added. So a population can be read again at any time as it stood when the
sample was drawn: a ticket that was reopened or told since counts as it did then. It does not depend
on who asks, or nobody else could draw the sample again; who may not see a ticket is neither given
it to inspect nor shown it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, Select, and_, exists, or_, select
from sqlalchemy.orm import aliased

from hotline.quality import parts
from hotline.quality.drawing import Stratum, Unit
from hotline.tickets.lifecycle import Action
from models import Handoff, HandoffEnd, HandoffRole, How, Population, Ticket, TicketEvent, Work, db

ENDS = {Population.CLOSED: parts.CLOSINGS, Population.ANSWERS: (Action.ANSWER.value,)}
AT_ONCE = 1000  # rows; a month may have a hundred thousand


class Answer(NamedTuple):
    """What a draw needs to know of a department's answer."""

    id: int
    department_id: int
    answered_at: datetime
    answered_by_id: int | None


@dataclass(frozen=True, slots=True)
class Part:
    """One person's work on a ticket."""

    work: Work
    at: datetime  # when it was answered, or closed
    person_id: int
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """One ticket of a population, and what there is to inspect on it: at least one part."""

    ticket_id: int
    unit: Unit
    parts: tuple[Part, ...]


def pieces(
    population: Population, since: datetime, until: datetime, *, as_of: datetime
) -> list[Piece]:
    """What was closed, or answered and not told yet, in [since, until), as it stood `as_of`.

    Tickets on which nobody did anything that could be inspected are not among them.
    """
    ended = _ended(population, since, until, as_of)
    answers = _answers(ended, as_of)
    rows = db.session.execute(
        parts.with_proof(
            select(
                Ticket.id,
                Ticket.number,
                Ticket.operator_id,
                Ticket.desk_department_id,
                TicketEvent.at,
                TicketEvent.data["how"].as_string().label("how"),
                parts.taken_by().label("taken_by"),
                parts.told_by().label("told_by"),
            ).join(Ticket, Ticket.id == TicketEvent.ticket_id)
        ).where(ended),
        execution_options={"yield_per": AT_ONCE},
    )
    found = (_piece(population, row, answers.get(row.id)) for row in rows)
    return [piece for piece in found if piece.parts]


def _piece(population: Population, row: Row[Any], answer: Answer | None) -> Piece:
    department_id = answer.department_id if answer else row.desk_department_id
    operator_id = row.taken_by or row.told_by or row.operator_id
    is_no_matter = row.how == How.NO_MATTER.value
    unit = Unit(row.number, Stratum(operator_id, department_id, is_no_matter))
    works = _answered(answer)
    if population is Population.CLOSED:
        if row.taken_by is not None:
            works.insert(0, Part(Work.CALL, row.at, row.taken_by))
        if row.told_by is not None:
            works.append(Part(Work.CALLBACK, row.at, row.told_by))
    return Piece(row.id, unit, tuple(works))


def _answered(answer: Answer | None) -> list[Part]:
    if answer is None or answer.answered_by_id is None:
        return []
    return [Part(Work.ANSWER, answer.answered_at, answer.answered_by_id, answer)]


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


def _answers(ended: ColumnElement[bool], as_of: datetime) -> dict[int, Answer]:
    """The last answer that each of these tickets had by then."""
    of_these: Select[Any] = select(TicketEvent.ticket_id).where(ended)
    columns = Handoff.id, Handoff.department_id, Handoff.answered_at, Handoff.answered_by_id
    found = (
        select(Handoff.ticket_id, *columns)
        .where(
            Handoff.ticket_id.in_(of_these),
            Handoff.role == HandoffRole.LEAD,
            Handoff.end == HandoffEnd.ANSWERED,
            Handoff.answered_at <= as_of,
        )
        .order_by(Handoff.id)
    )
    rows = db.session.execute(found, execution_options={"yield_per": AT_ONCE})
    return {ticket_id: Answer(*answer) for ticket_id, *answer in rows}

"""Whose work there is to inspect on a closed ticket: each part of it has a sheet of its own.

Only what a person did can be scored. A call that nobody answered has no conversation; who rang back
in vain is inspected for the rings; and where nobody did anything there is no sheet at all. Every
condition stands on `TicketEvent`, the closing, and looks at nothing that was done after it.
"""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from hotline.callbacks.attempts import CONNECTED
from hotline.tickets.lifecycle import Action
from models import (
    Call,
    Callback,
    CallbackAttempt,
    CallbackKind,
    Feedback,
    Handoff,
    HandoffEnd,
    HandoffRole,
    How,
    Ticket,
    TicketEvent,
)

# What was merged goes on in another ticket and is inspected there.
CLOSINGS = (Action.CLOSE.value, Action.WITHDRAW.value)
# Closed without a word to the caller: whose signature it bears has rung nobody.
IN_VAIN = (How.UNREACHABLE, How.TOLD_BY_DEPARTMENT, How.NO_WAY_TO_REACH)


def with_proof(found: Select[Any]) -> Select[Any]:
    """`found` among the closings, beside the proof of each, where there is one."""
    return found.outerjoin(Feedback, Feedback.id == TicketEvent.data["feedback"].as_integer())


def taken_by() -> ColumnElement[int | None]:
    """Who heard the matter or wrote it down (接听质检); NULL where nobody did.

    The operator of the ticket, else whoever spoke with the caller first.
    """
    first_call = (
        select(Call.operator_id)
        .where(_answered())
        .order_by(Call.answered_at, Call.id)
        .limit(1)
        .scalar_subquery()
    )
    first_ring = (
        _rings(CallbackAttempt.by_id)
        .where(CallbackAttempt.outcome.in_(CONNECTED))
        .order_by(CallbackAttempt.id)
        .limit(1)
        .scalar_subquery()
    )
    return case((_heard(), func.coalesce(Ticket.operator_id, first_call, first_ring)))


def told_by() -> ColumnElement[int | None]:
    """Who told the caller, later than in the first conversation, or tried to (回访质检); or NULL.

    A return call in which the matter was heard and settled at once is that first conversation.
    """
    last_ring = (
        _rings(CallbackAttempt.by_id).order_by(CallbackAttempt.id.desc()).limit(1).scalar_subquery()
    )
    return case(
        (Feedback.how.in_(IN_VAIN), last_ring),
        (or_(_has_answer(), _was_rung_again()), Feedback.recorded_by_id),
    )


def _heard() -> ColumnElement[bool]:
    earlier = aliased(TicketEvent)
    written_down = exists().where(
        earlier.ticket_id == TicketEvent.ticket_id,
        earlier.kind == Action.DESCRIBE.value,
        earlier.at <= TicketEvent.at,
    )
    reached = _rings(CallbackAttempt.id).where(CallbackAttempt.outcome.in_(CONNECTED)).exists()
    answered = select(Call.id).where(_answered()).exists()
    return or_(answered, reached, and_(Ticket.question != "", written_down))


def _answered() -> ColumnElement[bool]:
    return and_(Call.ticket_id == TicketEvent.ticket_id, Call.answered_at <= TicketEvent.at)


def _rings(column: InstrumentedAttribute[int]) -> Select[tuple[int]]:
    return (
        select(column)
        .join(Callback, Callback.id == CallbackAttempt.callback_id)
        .where(Callback.ticket_id == TicketEvent.ticket_id, CallbackAttempt.at <= TicketEvent.at)
    )


def _has_answer() -> ColumnElement[bool]:
    return exists().where(
        Handoff.ticket_id == TicketEvent.ticket_id,
        Handoff.role == HandoffRole.LEAD,
        Handoff.end == HandoffEnd.ANSWERED,
        Handoff.answered_at <= TicketEvent.at,
    )


def _was_rung_again() -> ColumnElement[bool]:
    return (
        select(CallbackAttempt.id)
        .join(Callback, Callback.id == CallbackAttempt.callback_id)
        .where(CallbackAttempt.id == Feedback.attempt_id, Callback.kind != CallbackKind.RETURN_CALL)
        .exists()
    )

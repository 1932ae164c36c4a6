"""What people say of calls: what came by another telephone or the door, and which matter it is."""

from datetime import datetime
from uuid import uuid4

from sqlalchemy import select

from hotline import phone_numbers
from hotline.callers import service as callers
from hotline.calls.opening import NOBODY, new_call, number_to_ring
from hotline.errors import Invalid
from hotline.i18n import N_
from hotline.permissions import Permission, has, require
from hotline.phone_numbers import PhoneNumber
from hotline.tickets import service as tickets
from models import (
    AT_THE_COUNTER,
    BY_TELEPHONE,
    Call,
    CallResult,
    CallState,
    Feedback,
    Source,
    Ticket,
    User,
    db,
)

# Somebody spoke with the caller, by a telephone of ours or at the counter: that can be the proof
# that the caller was told.
SPOKEN = {Source.PHONE: BY_TELEPHONE, Source.VISIT: AT_THE_COUNTER}


def log_manually(
    *,
    actor: User,
    at: datetime,
    source: Source,
    number: PhoneNumber = NOBODY,
    query_code: str = "",
    ticket: Ticket | None = None,
    happened_at: datetime | None = None,
) -> Ticket:
    """Write down what came by any telephone, a visit or a letter; returns its ticket.

    Without `ticket` it is a new matter, of whom the number suggests, under the `query_code` that
    was said already, if any. A telephone call or a visit is kept as a conversation too. Somebody
    outside the hotline logs at the desk of the own department, and always a new caller: what the
    hotline knows of a number is not for whoever types it in.
    Raises Forbidden, and Invalid when it lies in the future.
    """
    require(actor, Permission.LOG_CALLS)
    when = happened_at or at
    if when > at:
        raise Invalid(N_("This lies in the future."), field="happened_at")
    if ticket is None:
        is_hotline = has(actor, Permission.HANDLE_CALLS)
        ticket = tickets.open_ticket(
            caller=(callers.guess if is_hotline else callers.add)(number, at=at),
            at=at,
            source=source,
            number=number_to_ring(number),
            query_code=query_code,
            actor=actor,
            desk_department_id=None if is_hotline else actor.department_id,
        )
    if source in SPOKEN:
        call = new_call(
            SPOKEN[source],
            uuid4().hex,
            number,
            ticket_id=ticket.id,
            caller_id=ticket.caller_id,
            at=when,
        )
        call.state, call.result = CallState.ENDED, CallResult.ANSWERED
        call.operator_id, call.answered_at, call.ended_at = actor.id, when, when
        tickets.note_fact(ticket, "call", at=at, actor=actor, call=call.id)
    return ticket


def point_to(call: Call, ticket: Ticket, *, actor: User, at: datetime) -> Ticket:
    """Say that `call` is about `ticket` too (同一件事).

    Returns the ticket the call made: the edge merges it into `ticket` if it holds nothing else, and
    counts the chaser.
    Raises Invalid when the call is known to be of another person, or proves what the caller of its
    own ticket was told.
    """
    before = call.ticket
    if before.id == ticket.id:
        raise Invalid(N_("The call belongs to this ticket already."), field="ticket")
    if db.session.scalar(select(Feedback.id).where(Feedback.call_id == call.id).limit(1)):
        raise Invalid(N_("What was told in this call belongs to its own ticket."), field="ticket")
    if call.caller_id != ticket.caller_id:
        if before.caller_confirmed_at is not None:
            raise Invalid(N_("This is another caller's ticket: link the two."), field="ticket")
        before.caller = ticket.caller
        callers.add_number(ticket.caller, phone_numbers.normalise(call.from_raw))
    call.ticket, call.caller_id = ticket, ticket.caller_id
    tickets.note_fact(ticket, "call", at=at, actor=actor, call=call.id)
    return before

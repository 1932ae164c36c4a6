"""The calls we make ourselves, written down by who made them; they make no ticket."""

from datetime import datetime
from uuid import uuid4

from hotline.phone_numbers import normalise
from models import BY_TELEPHONE, Call, CallResult, CallState, Direction, Ticket, User, db


def log(ticket: Ticket, number: str, *, actor: User, at: datetime) -> Call:
    """A call to `number` about `ticket` in which `actor` spoke with the caller."""
    call = Call(
        provider=BY_TELEPHONE,
        call_ref=uuid4().hex,
        direction=Direction.OUTBOUND,
        ticket_id=ticket.id,
        caller_id=ticket.caller_id,
        number=number,
        number_kind=normalise(number).kind,
        state=CallState.ENDED,
        result=CallResult.ANSWERED,
        operator_id=actor.id,
        started_at=at,
        answered_at=at,
        ended_at=at,
        heard_at=at,
    )
    db.session.add(call)
    db.session.flush()
    return call

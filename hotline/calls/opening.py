"""How a call begins: its row, and the number under which its caller can be rung."""

from datetime import datetime

from hotline.phone_numbers import PhoneNumber
from models import Call, CallState, Direction, NumberKind, Ticket, db

NOBODY = PhoneNumber("", NumberKind.UNKNOWN)


def number_to_ring(number: PhoneNumber) -> str:
    """What a ticket keeps of `number`: normalised, or empty when nobody could dial it."""
    return (number.normalised or "") if number.can_be_called else ""


def new_call(
    provider: str,
    call_ref: str,
    ticket: Ticket,
    number: PhoneNumber,
    *,
    at: datetime,
    dialled: str = "",
) -> Call:
    """The row of an inbound call that begins `at`; flushed."""
    call = Call(
        provider=provider,
        call_ref=call_ref,
        direction=Direction.INBOUND,
        ticket=ticket,
        caller_id=ticket.caller_id,
        from_raw=number.raw,
        number=number.normalised or "",
        number_kind=number.kind,
        dialled=dialled,
        state=CallState.RINGING,
        started_at=at,
        heard_at=at,
        legs=[],
        recordings=[],
    )
    db.session.add(call)
    db.session.flush()
    return call

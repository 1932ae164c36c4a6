"""How a call begins: its row, and the number under which its caller can be rung."""

from datetime import datetime

from sqlalchemy.orm.attributes import set_committed_value

from hotline import new_rows
from hotline.phone_numbers import PhoneNumber
from models import Call, CallState, Direction, NumberKind

NOBODY = PhoneNumber("", NumberKind.UNKNOWN)


def number_to_ring(number: PhoneNumber) -> str:
    """What a ticket keeps of `number`: normalised, or empty when nobody could dial it."""
    return (number.normalised or "") if number.can_be_called else ""


def new_call(
    provider: str,
    call_ref: str,
    number: PhoneNumber,
    *,
    ticket_id: int,
    caller_id: int,
    at: datetime,
    dialled: str = "",
) -> Call:
    """An inbound call that begins `at`."""
    call = new_rows.make(
        Call,
        provider=provider,
        call_ref=call_ref,
        direction=Direction.INBOUND,
        ticket_id=ticket_id,
        caller_id=caller_id,
        from_raw=number.raw,
        number=number.normalised or "",
        number_kind=number.kind,
        dialled=dialled,
        state=CallState.RINGING,
        started_at=at,
        heard_at=at,
    )
    for nothing_yet in ("legs", "recordings"):
        set_committed_value(call, nothing_yet, [])
    return call

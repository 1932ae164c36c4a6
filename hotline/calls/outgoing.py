"""The calls we make ourselves; they make no ticket.

Those on any telephone are written down by who made them; those that the company placed are read
from its reports, as they come: the parent is the operator's telephone, the leg the caller's.
"""

from datetime import datetime, timedelta
from uuid import uuid4

from hotline.calls import ranks
from hotline.live_updates import service as live_updates
from hotline.phone_numbers import normalise
from hotline.telephony.inbound import (
    CallProgress,
    Event,
    NoticeAsked,
    ProviderStatus,
    SeatPickedUp,
)
from models import BY_TELEPHONE, Call, CallResult, CallState, Direction, Ticket, User, db

NOT_CONNECTED = frozenset({ProviderStatus.FAILED, ProviderStatus.CANCELED})


def log(ticket: Ticket, number: str, *, actor: User, at: datetime) -> Call:
    """A call to `number` about `ticket` in which `actor` spoke with the caller."""
    call = _new(ticket, number, actor, provider=BY_TELEPHONE, call_ref=uuid4().hex, at=at)
    call.state, call.result = CallState.ENDED, CallResult.ANSWERED
    call.answered_at = call.ended_at = at
    db.session.flush()
    return call


def open_placed(
    ticket: Ticket, number: str, actor: User, *, provider: str, call_ref: str, at: datetime
) -> Call:
    """A call that the company places: it rings `actor`, and then `number`."""
    call = _new(ticket, number, actor, provider=provider, call_ref=call_ref, at=at)
    call.written_up_at = at  # how it went is written on the card of the callback
    db.session.flush()
    return call


def follow(call: Call, event: Event, *, at: datetime) -> None:
    """Take in one report about a placed call or the leg to the caller, in whatever order."""
    if isinstance(event, SeatPickedUp):
        call.state = ranks.furthest(call.state, CallState.WAITING)
    elif isinstance(event, NoticeAsked):
        call.notice_at = min(call.notice_at or at, at)
        _answered(call, at)
    elif isinstance(event, CallProgress) and event.parent_ref:
        _leg(call, event, at)
    elif isinstance(event, CallProgress) and event.status is not None and event.status.is_final:
        end(call, event.happened_at or at)
        if event.status in NOT_CONNECTED:
            _failed(call)
    if call.answered_at is not None and call.state is CallState.ENDED:
        call.result = CallResult.ANSWERED
    db.session.flush()
    live_updates.post("hotline", "ticket", at, ticket=call.ticket_id)


def end(call: Call, ended_at: datetime) -> None:
    """It is over; who was not reached was rung in vain."""
    call.state, call.ended_at = CallState.ENDED, min(call.ended_at or ended_at, ended_at)
    is_answered = call.answered_at is not None
    call.result = CallResult.ANSWERED if is_answered else call.result or CallResult.MISSED


def _leg(call: Call, event: CallProgress, at: datetime) -> None:
    when = event.happened_at or at
    if event.status is ProviderStatus.IN_PROGRESS:
        _answered(call, when)
    elif event.status is ProviderStatus.COMPLETED:  # only who talked ends so
        _answered(call, when - (event.duration or timedelta(0)))
    elif event.status is ProviderStatus.FAILED:
        _failed(call)


def _answered(call: Call, when: datetime) -> None:
    call.answered_at = min(call.answered_at or when, when)
    call.state = ranks.furthest(call.state, CallState.TALKING)


def _failed(call: Call) -> None:
    """The company could not connect them, which says more than that nobody was reached."""
    if call.answered_at is None:
        call.result = CallResult.FAILED


def _new(
    ticket: Ticket, number: str, actor: User, *, provider: str, call_ref: str, at: datetime
) -> Call:
    call = Call(
        provider=provider,
        call_ref=call_ref,
        direction=Direction.OUTBOUND,
        ticket_id=ticket.id,
        caller_id=ticket.caller_id,
        number=number,
        number_kind=normalise(number).kind,
        state=CallState.RINGING,
        operator_id=actor.id,
        started_at=at,
        heard_at=at,
    )
    db.session.add(call)
    return call

"""Calls: what the provider reports becomes one call of one ticket, whatever comes first.

Every fact is taken at its earliest or furthest, so that repeated, late and shuffled reports end in
the same call. Who answered is read from the leg's report, never from a click.
"""

from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import bindparam, select

from hotline import phone_numbers
from hotline.callers import service as callers
from hotline.calls import debts, intents, legs, outgoing, ranks
from hotline.calls.opening import NOBODY, new_call, number_to_ring
from hotline.calls.switchboard import Switchboard
from hotline.live_updates import service as live_updates
from hotline.phone_numbers import PhoneNumber
from hotline.sla import policies
from hotline.telephony.inbound import (
    CallEvent,
    CallProgress,
    DialEnded,
    Event,
    MessageLeft,
    ProviderStatus,
    RecordingReady,
    RecordingStatus,
)
from hotline.tickets import service as tickets
from models import (
    Call,
    CallResult,
    CallState,
    Direction,
    Recording,
    RecordingKind,
    TicketStatus,
    db,
)

BY_REF = select(Call).where(
    Call.provider == bindparam("provider"), Call.call_ref == bindparam("call_ref")
)
NOT_CONNECTED = frozenset({ProviderStatus.FAILED, ProviderStatus.BUSY})


def receive(event: Event, board: Switchboard, *, at: datetime) -> Call | None:
    """Take in one report; the first about an inbound call makes its ticket, whichever it is.

    Returns the call, or None when the report is about none of ours: a message, or a call that
    somebody else lets be placed.
    """
    call = _call_of(event, board, at)
    if call is None:
        return None
    if at > call.heard_at:
        call.heard_at = at
    if isinstance(event, RecordingReady):
        if event.status is RecordingStatus.COMPLETED:
            kind = RecordingKind.VOICEMAIL if event.is_voicemail else RecordingKind.CALL
            _keep_recording(call, event.recording_ref, kind, event.duration, at)
    elif call.direction is Direction.OUTBOUND:
        outgoing.follow(call, event, at=at)
    else:
        _follow(call, event, board, at)
    if call.direction is Direction.INBOUND:
        _conclude(call, at)
    return call


def _follow(call: Call, event: Event, board: Switchboard, at: datetime) -> None:
    if isinstance(event, CallProgress) and event.parent_ref:
        legs.progress(call, event, board, at=at)
    elif isinstance(event, CallProgress):
        _progress(call, event, at)
    elif isinstance(event, DialEnded):
        legs.dial_ended(call, event, at=at)
    elif isinstance(event, MessageLeft) and event.recording_ref:
        _keep_recording(call, event.recording_ref, RecordingKind.VOICEMAIL, event.duration, at)


def end_hanging(call: Call, *, at: datetime) -> None:
    """End a call whose end was never reported, at its last sign of life."""
    if call.direction is Direction.OUTBOUND:
        outgoing.end(call, call.heard_at)
        return
    _end(call, call.heard_at, at)
    call.result = call.result or CallResult.ABANDONED
    _conclude(call, at)


def _call_of(event: Event, board: Switchboard, at: datetime) -> Call | None:
    """The call a report is about, made now if nobody has heard of it."""
    if isinstance(event, RecordingReady):
        return _find(board, event.call_ref) or _open(board, event.call_ref, NOBODY, "", at)
    if not isinstance(event, CallEvent):
        return None
    if event.intent is not None:  # we let it be placed; this may be the first we hear of it
        ref = event.parent_ref or event.call_ref
        return _find(board, ref) or intents.mark_placed(
            event.intent, ref, provider=board.provider, at=at
        )
    if event.parent_ref:  # a leg belongs to its parent and makes no ticket of its own
        return _find(board, event.parent_ref) or _open(board, event.parent_ref, NOBODY, "", at)
    call = _find(board, event.call_ref)
    if not event.is_inbound:
        return call
    number = phone_numbers.normalise(event.from_raw)
    if call is None:
        return _open(board, event.call_ref, number, event.to_raw, at)
    if not call.from_raw and not call.dialled:
        _learn_who_rings(call, number, event.to_raw, at)
    return call


def _find(board: Switchboard, call_ref: str) -> Call | None:
    return db.session.scalar(BY_REF, {"provider": board.provider, "call_ref": call_ref})


def _open(
    board: Switchboard, call_ref: str, number: PhoneNumber, dialled: str, at: datetime
) -> Call:
    """A call nobody has heard of, with its ticket: who was owed a ring already has one."""
    owed = debts.ticket_of(number)
    if owed is not None:
        ticket_id, caller_id, status = owed.id, owed.caller_id, owed.status
    else:
        caller_id, status = callers.guess_id(number, at=at), TicketStatus.OPEN
        ticket_id = tickets.open_for(caller_id, at=at, number=number_to_ring(number))
    call = new_call(
        board.provider,
        call_ref,
        number,
        ticket_id=ticket_id,
        caller_id=caller_id,
        at=at,
        dialled=dialled,
    )
    tickets.log_fact(ticket_id, status, "call", at=at, call=call.id)
    live_updates.post("hotline", "call", at, call=call.id, state=call.state.value)
    return call


def _learn_who_rings(call: Call, number: PhoneNumber, dialled: str, at: datetime) -> None:
    """The first report had no number (a recording, a leg); this one says who it was."""
    call.from_raw, call.dialled = number.raw, dialled
    call.number, call.number_kind = number.normalised or "", number.kind
    ticket, stranger = call.ticket, call.ticket.caller
    if number.normalised and ticket.caller_confirmed_at is None and not stranger.numbers:
        known = callers.known_to_hotline(number.normalised)
        if known is not None:
            call.caller_id = known.id
            ticket.caller = known
            db.session.flush()
            db.session.delete(stranger)
        else:
            callers.add_number(stranger, number)
    ticket.callback_number = ticket.callback_number or number_to_ring(number)


def _progress(call: Call, event: CallProgress, at: datetime) -> None:
    if event.status is None or not event.status.is_final:
        return
    ended_at = event.happened_at or at
    lasted = event.duration or timedelta(0)
    call.started_at = min(call.started_at, ended_at - lasted)
    _end(call, ended_at, at)
    if event.status in NOT_CONNECTED:
        call.result = ranks.strongest(call.result, CallResult.FAILED)
    elif event.duration is not None and lasted < policies.span("hung_up_early_seconds"):
        call.result = ranks.strongest(call.result, CallResult.HUNG_UP_EARLY)
    else:
        call.result = ranks.strongest(call.result, CallResult.ABANDONED)


def _end(call: Call, ended_at: datetime, at: datetime) -> None:
    """The call is over, and so is every leg of it."""
    if call.state is CallState.VOICEMAIL:  # the tape was offered; a message is stronger still
        call.result = ranks.strongest(call.result, CallResult.MISSED)
    call.state = CallState.ENDED
    call.ended_at = min(call.ended_at or ended_at, ended_at)
    legs.end_all(call, at=at)


def _keep_recording(
    call: Call, recording_ref: str, kind: RecordingKind, duration: timedelta, at: datetime
) -> None:
    """Remember where a sound can be fetched; a job fetches it."""
    known = next((one for one in call.recordings if one.recording_ref == recording_ref), None)
    if known is None:
        known = Recording(
            recording_ref=recording_ref, kind=kind, announced_at=at, retry_at=at, duration_seconds=0
        )
        call.recordings.append(known)
    known.duration_seconds = max(known.duration_seconds, int(duration.total_seconds()))
    db.session.flush()


def _conclude(call: Call, at: datetime) -> None:
    """Draw from the facts known so far how the call went, and what we owe for it."""
    if call.answered_at is not None:
        call.state = ranks.furthest(call.state, CallState.TALKING)
        # Here, as a late report may say that it rang earlier. A second that has begun counts.
        waited = ceil((call.answered_at - call.started_at).total_seconds())
        call.pickup_seconds = max(waited, 0)
    if call.state is CallState.ENDED and call.result is not None:
        if any(one.kind is RecordingKind.VOICEMAIL for one in call.recordings):
            call.result = ranks.strongest(call.result, CallResult.VOICEMAIL)
        if call.answered_at is not None:
            call.result = CallResult.ANSWERED
    debts.review(call, at=at)
    live_updates.post("hotline", "call", at, call=call.id, state=call.state.value)
    # Every page of who takes calls says whether the line of an emergency still stands. None stands
    # before somebody talks, and a call that arrives asks for no ticket.
    if call.state in (CallState.TALKING, CallState.ENDED) and call.ticket.is_emergency:
        live_updates.post("hotline", "emergency", at, ticket=call.ticket_id)

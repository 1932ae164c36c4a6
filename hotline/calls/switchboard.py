"""Who is rung and what the caller hears next: the decisions of the telephone flow."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from hotline.calls import intents, ranks, seats
from hotline.live_updates import service as live_updates
from hotline.phone_numbers import normalise
from hotline.sla import policies
from hotline.telephony import flow
from hotline.telephony.flow import Hooks, Steps
from hotline.telephony.inbound import (
    CallEvent,
    DialEnded,
    DialStatus,
    Event,
    IncomingCall,
    KeyPressed,
    MessageLeft,
    NoticeAsked,
    SeatPickedUp,
)
from models import Call, CallLeg, CallResult, CallState, IntentStatus, Seat, db

TO_A_PERSON, TO_THE_TAPE = "1", "2"
TALKED = frozenset({DialStatus.COMPLETED, DialStatus.ANSWERED})


@dataclass(frozen=True)
class Switchboard:
    """What the edge knows of the provider and the house, handed to the rules."""

    provider: str
    hooks: Hooks
    union_name: str
    line_of_seat: Callable[[int, str], str]  # what to ring for a user; "" cannot be rung
    seat_of_line: Callable[[str], int | None]


def instructions(event: Event, call: Call | None, board: Switchboard, *, at: datetime) -> Steps:
    """What the caller of `call` hears after `event`; nothing after a mere report."""
    if call is None or not isinstance(event, CallEvent):
        return flow.NOTHING
    match event:
        case IncomingCall():
            return _welcome(call, board, at)
        case KeyPressed():
            return _after_key(call, event, board, at)
        case DialEnded():
            return _after_ring(call, event, board, at)
        case MessageLeft():
            return flow.thank_for_message()
        case SeatPickedUp():
            return _to_the_caller(call, event, board)
        case NoticeAsked():
            return flow.notice()
    return flow.NOTHING


def _to_the_caller(call: Call, event: SeatPickedUp, board: Switchboard) -> Steps:
    """An operator has picked up. What expired meanwhile is connected with nobody: it may have been
    placed a second time."""
    intent = intents.of_call(call)
    if intent is None or intent.status is not IntentStatus.PLACED:
        return flow.do_not_connect()
    return flow.ring_out(
        board.hooks,
        intent=intent.id,
        number=intent.number,
        shown_as=event.from_raw,
        seconds=policies.get("ring_seconds"),
        is_recorded=policies.is_on("recording"),
    )


def _welcome(call: Call, board: Switchboard, at: datetime) -> Steps:
    is_recorded = policies.is_on("recording")
    greeting = flow.greet(board.union_name, is_recorded=is_recorded)
    if is_recorded and call.notice_at is None:
        call.notice_at = at
    if policies.is_on("menu") and not call.legs:
        return greeting + flow.offer_menu(board.hooks, step=1)
    with db.session.no_autoflush:  # of the seats nothing has changed here yet
        return greeting + _to_a_person(call, board, step=1, at=at)


def _after_key(call: Call, event: KeyPressed, board: Switchboard, at: datetime) -> Steps:
    step = event.step + 1
    if event.digits == TO_THE_TAPE:
        return _to_the_tape(call, board, at)
    if event.digits == TO_A_PERSON or event.step >= flow.MENU_ATTEMPTS:
        return _to_a_person(call, board, step=step, at=at)
    return flow.no_such_key() + flow.offer_menu(board.hooks, step=step)


def _after_ring(call: Call, event: DialEnded, board: Switchboard, at: datetime) -> Steps:
    if event.dial_status in TALKED or _has_gone(event):
        return flow.part()
    is_known = any(leg.step == event.step for leg in call.legs)
    if event.dial_status is not None and not is_known:
        return _to_the_tape(call, board, at)  # reports came in a strange order: nobody twice
    return _to_a_person(call, board, step=event.step + 1, at=at)


def _has_gone(event: DialEnded) -> bool:
    """Whether the seat stopped ringing because the caller hung up."""
    is_over = event.status is not None and event.status.is_final
    return is_over or event.dial_status is DialStatus.CANCELED


def _to_a_person(call: Call, board: Switchboard, *, step: int, at: datetime) -> Steps:
    """Ring the next free seat, wait when everybody talks, else the tape."""
    known = next((leg for leg in call.legs if leg.step == step), None)
    if known is not None:  # its report came before this request
        line = board.line_of_seat(known.user_id, known.user.line)
        return _ring(call, line, board, step)
    free = _next_seat(call, board, at) if step <= flow.LAST_STEP else None
    # After a wait we look again.
    may_wait = free is None and step < flow.LAST_STEP and seats.somebody_is_busy(at)
    if call.state is CallState.ENDED and (free or may_wait):
        return flow.part()
    if free is not None:
        return _ring_seat(call, *free, board, step, at)
    if may_wait:
        opening = flow.all_busy() if call.state is CallState.RINGING else flow.NOTHING
        _advance(call, CallState.WAITING, at)
        return opening + flow.wait(board.hooks, step=step)
    return _to_the_tape(call, board, at)


def _next_seat(call: Call, board: Switchboard, at: datetime) -> tuple[Seat, str] | None:
    """The seat that has been free the longest, can be rung, and was not rung for this call; and
    what is rung there."""
    besides = {leg.user_id for leg in call.legs}
    while (free := seats.next_free(besides=besides, at=at)) is not None:
        seat, line = free
        if to_ring := board.line_of_seat(seat.user_id, line):
            return seat, to_ring
        besides.add(seat.user_id)
    return None


def _ring_seat(
    call: Call, seat: Seat, line: str, board: Switchboard, step: int, at: datetime
) -> Steps:
    opening = flow.NOTHING if call.legs else flow.connecting()
    call.legs.append(CallLeg(step=step, user_id=seat.user_id, rang_at=at))
    seats.ring(seat, call, at=at)
    _advance(call, CallState.WAITING, at)
    return opening + _ring(call, line, board, step)


def _ring(call: Call, line: str, board: Switchboard, step: int) -> Steps:
    return flow.ring(
        board.hooks,
        step=step,
        line=line,
        seconds=policies.get("ring_seconds"),
        is_recorded=call.notice_at is not None,
    )


def _to_the_tape(call: Call, board: Switchboard, at: datetime) -> Steps:
    _advance(call, CallState.VOICEMAIL, at)
    if call.result is not None:  # the caller hung up before this request came
        call.result = ranks.strongest(call.result, CallResult.MISSED)
    return flow.take_message(
        board.hooks,
        number_is_known=normalise(call.from_raw).can_be_called,
        seconds=policies.get("voicemail_seconds"),
    )


def _advance(call: Call, state: CallState, at: datetime) -> None:
    further = ranks.furthest(call.state, state)
    if further is not call.state:
        call.state = further
        live_updates.post("hotline", "call", at, call=call.id, state=state.value)

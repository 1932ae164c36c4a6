"""The rings at our seats on behalf of a call: who was rung, who answered, who put down."""

from datetime import datetime, timedelta

from hotline import turns
from hotline.calls import seats
from hotline.calls.switchboard import TALKED, Switchboard
from hotline.permissions import Permission, has
from hotline.telephony.inbound import CallProgress, DialEnded, ProviderStatus
from hotline.tickets import service as tickets
from models import Call, CallLeg, CallState, Seat, SeatState, TicketStatus, User, db


def progress(call: Call, event: CallProgress, board: Switchboard, *, at: datetime) -> None:
    """Take in the report of a leg."""
    leg = _leg_of(call, event, board, at)
    if leg is None:
        return
    leg.leg_ref = leg.leg_ref or event.call_ref
    when = event.happened_at or at
    if event.status is ProviderStatus.IN_PROGRESS:
        _answered(call, leg, when, at)
    elif event.status is ProviderStatus.COMPLETED:  # only who talked ends so
        _answered(call, leg, when - (event.duration or timedelta(0)), at)
        _ended(call, leg, when, at)
    elif event.status is not None and event.status.is_final:
        _ended(call, leg, when, at)


def dial_ended(call: Call, event: DialEnded, *, at: datetime) -> None:
    """Take in how a ring went, in case the leg's own reports were lost."""
    leg = next((leg for leg in call.legs if leg.step == event.step), None)
    if leg is None or event.dial_status is None:
        return
    if event.dial_status in TALKED and leg.answered_at is None:
        _answered(call, leg, at - event.talked, at)
    _ended(call, leg, at, at)


def end_all(call: Call, *, at: datetime) -> None:
    """A call that is over rings nowhere."""
    for leg in call.legs:
        if leg.ended_at is None:
            _ended(call, leg, at, at)


def _leg_of(call: Call, event: CallProgress, board: Switchboard, at: datetime) -> CallLeg | None:
    """The leg a report is about, by its reference, its step, or the line that was rung."""
    by_ref = (leg for leg in call.legs if leg.leg_ref == event.call_ref)
    by_step = (leg for leg in call.legs if event.step and leg.step == event.step)
    known = next(by_ref, None) or next(by_step, None)
    if known is not None:
        return known
    user_id = board.seat_of_line(event.to_raw)
    if not event.step:  # the company's list names no step: the ring there of which we heard nothing
        by_line = (leg for leg in call.legs if leg.user_id == user_id and not leg.leg_ref)
        return next(by_line, None)
    user = db.session.get(User, user_id) if user_id else None
    if user is None or not has(user, Permission.HANDLE_CALLS):
        return None
    leg = CallLeg(step=event.step, user_id=user.id, rang_at=event.happened_at or at)
    call.legs.append(leg)
    db.session.flush()
    return leg


def _answered(call: Call, leg: CallLeg, when: datetime, at: datetime) -> None:
    """A person picked up. Reports may disagree: the earliest answer wins."""
    is_news = leg.answered_at is None
    leg.answered_at = min(leg.answered_at or when, when)
    if call.answered_at is None or leg.answered_at <= call.answered_at:
        call.answered_at, call.operator_id = leg.answered_at, leg.user_id
    user = db.session.get_one(User, leg.user_id)
    if is_news:  # what became of the ticket since then is not undone by the end of the call
        _give_ticket(call, user, at)
    seat = db.session.get(Seat, leg.user_id)
    is_over = leg.ended_at is not None or call.state is CallState.ENDED
    if seat is not None and not is_over and seat.state is not SeatState.ON_CALL:
        seats.pick_up(seat, call, at=at)


def _give_ticket(call: Call, user: User, at: datetime) -> None:
    """Who answers has the new ticket, unless somebody has it already."""
    ticket = call.ticket
    turns.hold_again(ticket)
    if ticket.owner_id is None and ticket.status is TicketStatus.OPEN:
        tickets.claim(ticket, actor=user, at=at)


def _ended(call: Call, leg: CallLeg, when: datetime, at: datetime) -> None:
    leg.ended_at = min(leg.ended_at or when, when)
    seat = db.session.get(Seat, leg.user_id)
    if seat is not None:
        seats.put_down(seat, call, has_talked=leg.answered_at is not None, at=at)

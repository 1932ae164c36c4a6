"""Operators' places at the telephone: who may be rung, who is talking, who writes up."""

from datetime import datetime

from sqlalchemy import bindparam, select

from hotline import permissions
from hotline.calendars import queries as calendars
from hotline.calls import queries
from hotline.errors import TransitionRefused
from hotline.i18n import N_
from hotline.live_updates import service as live_updates
from hotline.permissions import Permission
from hotline.sla import business_time, policies
from models import Call, Seat, SeatState, Ticket, User, db

NEXT_FREE = (
    select(Seat, User.line)
    .join(User, User.id == Seat.user_id)
    .where(
        Seat.state == SeatState.FREE,
        Seat.call_id.is_(None),
        Seat.user_id.not_in(bindparam("besides", expanding=True)),
        User.is_active,
    )
    .order_by(Seat.since_at, Seat.user_id)
    .limit(1)
    .with_for_update(skip_locked=True, of=Seat)
)
BUSY = (
    select(Seat.user_id)
    .where(
        Seat.state.in_((SeatState.ON_CALL, SeatState.AFTER_CALL))
        | ((Seat.state == SeatState.FREE) & Seat.call_id.is_not(None))
    )
    .limit(1)
)
# What a person may say of the own seat; on_call is said by the telephone alone.
CHOSEN = frozenset({SeatState.FREE, SeatState.AFTER_CALL, SeatState.AWAY})


def seat_of(user: User) -> Seat | None:
    """The seat of `user`, or None when it was never taken."""
    return user.seat


def set_seat_state(user: User, state: SeatState, *, at: datetime) -> Seat:
    """Take the seat, pause or leave it.

    Raises Forbidden for who takes no calls, TransitionRefused while talking.
    """
    permissions.require(user, Permission.HANDLE_CALLS)
    seat = seat_of(user)
    if state not in CHOSEN or (seat is not None and seat.state is SeatState.ON_CALL):
        raise TransitionRefused(N_("The telephone decides this while you are on a call."))
    if seat is None:
        seat = Seat(user_id=user.id, state=state, since_at=at)
        db.session.add(seat)
        db.session.flush()
        db.session.expire(user, ["seat"])
    _move(seat, state, at, call_id=seat.call_id)
    return seat


def rest(user: User, *, at: datetime) -> bool:
    """Some minutes off the queue, unasked, while something is written up or not; they end by
    themselves. Who rests already goes on as before.

    Returns whether nobody is free to take a call now. Raises TransitionRefused for who is on a
    call, or away anyway.
    """
    seat = _as_it_is(seat_of(user))
    if seat is None or seat.state is SeatState.AWAY:
        raise TransitionRefused(N_("You are away: nobody rings you anyway."))
    if seat.state is SeatState.ON_CALL:
        raise TransitionRefused(N_("The telephone decides this while you are on a call."))
    if seat.state is not SeatState.RESTING:
        _move(seat, SeatState.RESTING, at, call_id=seat.call_id)
        db.session.flush()
    return not _somebody_is_free()


def end_rest(user: User, *, at: datetime) -> bool:
    """Free again, before the minutes are over or after; whether `user` was resting."""
    seat = _as_it_is(seat_of(user))
    is_resting = seat is not None and seat.state is SeatState.RESTING
    if seat is not None and is_resting:
        _move(seat, SeatState.FREE, at, call_id=seat.call_id)
    return is_resting


def _as_it_is(seat: Seat | None) -> Seat | None:
    """The seat as the telephone left it, and it waits: a call may be picked up at this moment."""
    if seat is not None:
        db.session.refresh(seat, with_for_update=True)
    return seat


def _somebody_is_free() -> bool:
    free = select(Seat.user_id).join(User, User.id == Seat.user_id)
    return db.session.scalar(free.where(Seat.state == SeatState.FREE, User.is_active)) is not None


def leave(user: User, *, at: datetime) -> None:
    """Nobody sits there any more, as after signing out; a conversation is left alone."""
    seat = seat_of(user)
    if seat is not None and seat.state not in (SeatState.AWAY, SeatState.ON_CALL):
        _move(seat, SeatState.AWAY, at, call_id=None)


def next_free(*, besides: set[int], at: datetime) -> tuple[Seat, str] | None:
    """The seat that has been free the longest, outside of `besides` (user ids), and the line of
    its user; None off duty."""
    if not business_time.is_open(at, calendars.duty_calendar()):
        return None
    found = db.session.execute(NEXT_FREE, {"besides": sorted(besides)}).first()
    return (found.Seat, found.line) if found else None


def somebody_is_busy(at: datetime) -> bool:
    """Whether waiting makes sense: an operator is talking, being rung or writing up."""
    if not business_time.is_open(at, calendars.duty_calendar()):
        return False
    return db.session.scalar(BUSY) is not None


def ring(seat: Seat, call: Call, *, at: datetime) -> None:
    """The telephone of this seat rings for `call`."""
    seat.call_id = call.id
    live_updates.post(f"user:{seat.user_id}", "call", at, call=call.id, state="ringing")


def pick_up(seat: Seat, call: Call, *, at: datetime) -> None:
    _move(seat, SeatState.ON_CALL, at, call_id=call.id)
    live_updates.post(f"user:{seat.user_id}", "call", at, call=call.id, state="talking")


def put_down(seat: Seat, call: Call, *, has_talked: bool, at: datetime) -> None:
    """The call is over for this seat. Who did not pick up goes to the end of the line."""
    if seat.call_id == call.id:
        state = SeatState.AFTER_CALL if has_talked else seat.state
        _move(seat, state, at, call_id=None)
        live_updates.post(f"user:{seat.user_id}", "call", at, call=call.id, state="over")


def note_outcome(user: User, ticket: Ticket, *, at: datetime) -> bool:
    """How the call that `user` has in hand ends is chosen, if it is about `ticket`; whether so.

    From then on nothing is left to be written at the seat, whether the call is over or not.
    """
    call = queries.call_in_hand(user)
    if call is None or call.ticket_id != ticket.id:
        return False
    call.written_up_at = call.written_up_at or at
    return True


def write_up(user: User, ticket: Ticket, *, at: datetime) -> None:
    """The same, and a seat that had only this left to do is free; one that talks goes on."""
    seat = seat_of(user)
    if note_outcome(user, ticket, at=at) and seat and seat.state is SeatState.AFTER_CALL:
        _move(seat, SeatState.FREE, at, call_id=None)


def ring_out(user: User, *, at: datetime) -> None:
    """`user` rings a caller back: a free seat is not rung meanwhile."""
    seat = seat_of(user)
    if seat is not None and seat.state is SeatState.FREE and seat.call_id is None:
        _move(seat, SeatState.AFTER_CALL, at, call_id=None)


def rung_out(user: User, *, at: datetime) -> None:
    """How that went is written down: free, unless a call at the seat is still to be written up."""
    seat, call = seat_of(user), queries.call_in_hand(user)
    is_done = call is None or call.written_up_at is not None
    if seat is not None and seat.state is SeatState.AFTER_CALL and is_done:
        _move(seat, SeatState.FREE, at, call_id=None)


def free_after_writing_up(seat: Seat, *, at: datetime) -> None:
    """The time to write up is over."""
    _move(seat, SeatState.FREE, at, call_id=None)


def _move(seat: Seat, state: SeatState, at: datetime, *, call_id: int | None) -> None:
    is_resting = state is SeatState.RESTING
    rest_until = at + policies.span("rest_minutes") if is_resting else None
    seat.rests_after_call = is_resting and seat.state is SeatState.AFTER_CALL
    seat.state, seat.since_at, seat.call_id = state, at, call_id
    seat.rest_until_at = rest_until
    live_updates.post(f"user:{seat.user_id}", "seat", at, state=state.value)
    live_updates.post("supervisors", "seat", at)

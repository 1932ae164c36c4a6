"""Calls as the workspace, the supervisor's page and the tickets show them."""

from sqlalchemy import Select, select

from hotline import access
from hotline.errors import NotFound
from models import (
    BY_HAND,
    Call,
    CallResult,
    CallState,
    Direction,
    Recording,
    SeatState,
    User,
    db,
)

WITH_A_CALL = (SeatState.ON_CALL, SeatState.AFTER_CALL)
UNANSWERED = (
    CallResult.MISSED,
    CallResult.ABANDONED,
    CallResult.HUNG_UP_EARLY,
    CallResult.VOICEMAIL,
    CallResult.FAILED,
)


def get(call_id: int, *, viewer: User) -> Call:
    """The call with this id. Raises NotFound when `viewer` may not see its ticket."""
    call = db.session.scalar(_seen_by(viewer).where(Call.id == call_id))
    if call is None:
        raise NotFound
    return call


def waiting_calls() -> Select[tuple[Call]]:
    """Calls on which no person has picked up yet, the longest waiting first."""
    states = (CallState.RINGING, CallState.WAITING)
    is_incoming = Call.direction == Direction.INBOUND
    waits = is_incoming, Call.ended_at.is_(None), Call.state.in_(states)
    return select(Call).where(*waits).order_by(Call.started_at, Call.id)


def call_at_seat(user: User) -> Call | None:
    """The call that rings at the seat of `user` or that `user` is talking on."""
    seat = user.seat
    return db.session.get(Call, seat.call_id) if seat and seat.call_id else None


def last_call_of(user: User) -> Call | None:
    """The call `user` talked on last at the seat, to be written up while it is in after-call."""
    is_incoming = Call.direction == Direction.INBOUND
    at_seat = is_incoming, Call.operator_id == user.id, Call.provider.not_in(BY_HAND)
    mine = select(Call).where(*at_seat).order_by(Call.answered_at.desc())
    return db.session.scalars(mine.limit(1)).first()


def call_in_hand(user: User) -> Call | None:
    """The call `user` talks on, or has talked on and writes up now."""
    seat = user.seat
    if seat is None or not (seat.state in WITH_A_CALL or seat.rests_after_call):
        return None
    return call_at_seat(user) or last_call_of(user)


def recording(recording_id: int, *, viewer: User) -> Recording:
    """A recording whose ticket `viewer` may see, and whose voice is not to be kept from them.

    Raises NotFound.
    """
    found = db.session.get(Recording, recording_id)
    if found is None:
        raise NotFound
    call = get(found.call_id, viewer=viewer)
    if not access.may_know_caller(viewer, call.ticket):
        raise NotFound
    return found


def _seen_by(viewer: User) -> Select[tuple[Call]]:
    return select(Call).join(Call.ticket).where(access.visible(viewer))

"""What calls do by themselves: sounds are fetched, hanging calls end, seats are free again."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from sqlalchemy import exists, select

from hotline import clock
from hotline.accounts import roster, sessions
from hotline.calls import recordings, seats, service
from hotline.sla import policies
from hotline.sweeps import each_alone, for_each
from hotline.telephony import adapter
from hotline.telephony.provider import Permanent, ProviderError
from hotline.unit_of_work import unit_of_work
from models import Call, CallState, Draft, LoginSession, Recording, Seat, SeatState, db

WAITS_AT_MOST = timedelta(minutes=15)  # greeting, rings, waits and a message are long over
TALKS_AT_MOST = timedelta(hours=4)
RINGS_BACK = timedelta(minutes=10)
CALLBACK_CARD = "callback:"  # the drafts of callback cards
SITS_AT_LEAST = timedelta(minutes=1)


def fetch_recordings() -> int:
    """Copy every recording that waits at the provider, then delete it there; return how many."""
    return each_alone(recordings.due(clock.now()), _fetch, name="fetch_recordings")


def remove_old_recordings() -> int:
    """Remove what is older than the policy lets it become, the file last; return how many."""
    return each_alone(recordings.outlived(clock.now()), _remove, name="remove_old_recordings")


def end_hanging_calls() -> int:
    """End the calls whose end was never reported; return how many."""
    now = clock.now()
    quiet = (Call.state == CallState.TALKING) & (Call.heard_at < now - TALKS_AT_MOST)
    silent = (Call.state != CallState.TALKING) & (Call.heard_at < now - WAITS_AT_MOST)
    hanging = select(Call.id).where(Call.state != CallState.ENDED, quiet | silent)
    return for_each(db.session.scalars(hanging).all(), _end)


def free_seats_after_writing_up() -> int:
    """Let operators be rung again when the time to write up is over; return how many.

    Whoever rings a caller back goes on: the card of that callback was touched a moment ago.
    """
    now = clock.now()
    until = now - policies.span("after_call_seconds")
    writing = Seat.state == SeatState.AFTER_CALL
    ringing = exists().where(
        Draft.user_id == Seat.user_id,
        Draft.key.startswith(CALLBACK_CARD),
        Draft.saved_at > now - RINGS_BACK,
    )
    done = select(Seat.user_id).where(writing, Seat.since_at <= until, ~ringing)
    return for_each(db.session.scalars(done).all(), _free_seat)


def end_rests() -> int:
    """Let operators be rung again whose minutes off the queue are over; return how many.

    Whose duty ended meanwhile has gone home.
    """
    now = clock.now()
    over = select(Seat.user_id).where(Seat.state == SeatState.RESTING, Seat.rest_until_at <= now)
    return for_each(db.session.scalars(over).all(), _end_rest)


def clear_deserted_seats() -> int:
    """Take seats out of the row where nobody is signed in any more; return how many."""
    now = clock.now()
    alive = (
        select(LoginSession.id)
        .where(
            LoginSession.user_id == Seat.user_id,
            LoginSession.ended_at.is_(None),
            LoginSession.active_at > now - sessions.IDLE_LIMIT,
        )
        .exists()
    )
    waiting = Seat.state.in_((SeatState.FREE, SeatState.AFTER_CALL, SeatState.RESTING))
    deserted = select(Seat.user_id).where(waiting, Seat.since_at < now - SITS_AT_LEAST, ~alive)
    return for_each(db.session.scalars(deserted).all(), _clear_seat)


def _fetch(recording_id: int) -> None:
    with unit_of_work():
        claimed = recordings.claim(recording_id, at=clock.now())
        if claimed is None:
            return
        ref = claimed.recording_ref
        is_ours = recordings.is_whole(adapter.recordings_folder(), claimed)
    try:
        if is_ours:
            adapter.provider().delete_recording(ref)
            _mark(recording_id, recordings.deleted_at_provider)
            return
        sound = adapter.provider().fetch_recording(ref)
        copy = recordings.store(adapter.recordings_folder(), sound.content, sound.content_type)
        _mark(recording_id, partial(recordings.keep, copy=copy))
    except (ProviderError, recordings.NoSound, OSError) as error:
        for_good = isinstance(error, Permanent | recordings.NoSound)
        _mark(recording_id, partial(recordings.failed, reason=str(error), for_good=for_good))


def _remove(recording_id: int) -> None:
    with unit_of_work():
        recordings.remove(db.session.get_one(Recording, recording_id), at=clock.now())
    with unit_of_work():
        gone = db.session.get_one(Recording, recording_id)
        recordings.forget_file(gone, adapter.recordings_folder())


def _mark(recording_id: int, what: Callable[..., None]) -> None:
    with unit_of_work():
        what(db.session.get_one(Recording, recording_id), at=clock.now())


def _end(call_id: int) -> None:
    service.end_hanging(db.session.get_one(Call, call_id), at=clock.now())


def _free_seat(user_id: int) -> bool:
    seat = db.session.get_one(Seat, user_id)
    is_writing = seat.state is SeatState.AFTER_CALL
    if is_writing:
        seats.free_after_writing_up(seat, at=clock.now())
    return is_writing


def _end_rest(user_id: int) -> bool:
    seat, now = db.session.get_one(Seat, user_id), clock.now()
    if seat.rest_until_at is None or seat.rest_until_at > now:
        return False
    if roster.went_off_duty(seat.user, seat.since_at, now):
        seats.leave(seat.user, at=now)
    else:
        seats.end_rest(seat.user, at=now)
    return True


def _clear_seat(user_id: int) -> None:
    seats.leave(db.session.get_one(Seat, user_id).user, at=clock.now())

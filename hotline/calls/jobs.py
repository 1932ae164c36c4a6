"""What the telephone does by itself: fetch sounds, end what hangs, read again what failed."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import TypeVar

import structlog
from sqlalchemy import select

from hotline import clock
from hotline.accounts import sessions
from hotline.calls import recordings, seats, service
from hotline.sla import policies
from hotline.telephony import adapter, inbox, spool
from hotline.telephony.inbound import Event, Fields, Kind
from hotline.telephony.provider import Permanent, ProviderError
from hotline.unit_of_work import unit_of_work
from models import Call, CallState, LoginSession, Recording, Seat, SeatState, Webhook, db

log = structlog.get_logger()
Item = TypeVar("Item")

WAITS_AT_MOST = timedelta(minutes=15)  # greeting, rings, waits and a message are long over
TALKS_AT_MOST = timedelta(hours=4)
READ_AGAIN_AFTER = timedelta(seconds=20)
READ_AT_MOST = 50
LOOKED_BACK = timedelta(hours=48)
DESERTED_AFTER = timedelta(minutes=1)


def fetch_recordings() -> int:
    """Copy every recording that waits at the provider, then delete it there; return how many."""
    return _each(recordings.due(clock.now()), _fetch)


def end_hanging_calls() -> int:
    """End the calls whose end was never reported; return how many."""
    now = clock.now()
    quiet = (Call.state == CallState.TALKING) & (Call.heard_at < now - TALKS_AT_MOST)
    silent = (Call.state != CallState.TALKING) & (Call.heard_at < now - WAITS_AT_MOST)
    hanging = select(Call.id).where(Call.state != CallState.ENDED, quiet | silent)
    return _each(db.session.scalars(hanging).all(), _end)


def read_failed_webhooks() -> int:
    """Interpret again what could not be interpreted when it came; return how many were tried."""
    now = clock.now()
    failed = (
        select(Webhook.id)
        .where(
            Webhook.interpreted_at.is_(None),
            Webhook.received_at < now - READ_AGAIN_AFTER,
            Webhook.attempts < READ_AT_MOST,
        )
        .order_by(Webhook.received_at)
    )
    return _each(db.session.scalars(failed).all(), _read_again)


def replay_spooled_webhooks() -> int:
    """Take in what waited on the disk while the database was away; return how many."""
    return _each(spool.waiting(adapter.spool_folder()), _replay)


def reconcile_calls() -> int:
    """Ask the provider what it knows of the last two days; return how much of it was news.

    They go through the same inbox as webhooks: what we know already changes nothing.
    """
    provider, since = adapter.provider(), clock.now() - LOOKED_BACK
    try:
        listed = [(Kind.STATUS, fields) for fields in provider.list_calls(since=since)]
        listed += [(Kind.RECORDING, fields) for fields in provider.list_recordings(since=since)]
    except ProviderError as error:
        log.warning("the provider could not be asked", error=str(error))
        return 0
    reports = [(provider.parse(kind, fields, {}), fields) for kind, fields in listed]
    kept = select(Webhook.event_key).where(
        Webhook.provider == provider.name, Webhook.received_at >= since - LOOKED_BACK
    )
    known = set(db.session.scalars(kept))
    return _each([one for one in reports if one[0].event_key not in known], _learn)


def free_seats_after_writing_up() -> int:
    """Let operators be rung again when the time to write up is over; return how many."""
    now = clock.now()
    until = now - policies.span("after_call_seconds")
    writing = Seat.state == SeatState.AFTER_CALL
    done = select(Seat.user_id).where(writing, Seat.since_at <= until)
    return _each(db.session.scalars(done).all(), _free_seat)


def clear_deserted_seats() -> int:
    """Take seats out of the row where nobody is signed in any more; return how many."""
    alive = (
        select(LoginSession.id)
        .where(
            LoginSession.user_id == Seat.user_id,
            LoginSession.ended_at.is_(None),
            LoginSession.active_at > clock.now() - sessions.IDLE_LIMIT,
        )
        .exists()
    )
    waiting = Seat.state.in_((SeatState.FREE, SeatState.AFTER_CALL))
    long_ago = Seat.since_at < clock.now() - DESERTED_AFTER
    deserted = select(Seat.user_id).where(waiting, long_ago, ~alive)
    return _each(db.session.scalars(deserted).all(), _clear_seat)


def move_simulated_calls() -> int:
    """Let time pass in the simulated telephone company; nothing beside a real provider."""
    exchange = adapter.exchange()
    return exchange.tick(clock.now()) if exchange else 0


def _fetch(recording_id: int) -> None:
    with unit_of_work():
        claimed = recordings.claim(recording_id, at=clock.now())
        if claimed is None:
            return
        ref, is_ours = (
            claimed.recording_ref,
            recordings.is_whole(adapter.recordings_folder(), claimed),
        )
    try:
        if is_ours:
            adapter.provider().delete_recording(ref)
            _mark(recording_id, recordings.deleted_at_provider)
            return
        sound = adapter.provider().fetch_recording(ref)
        copy = recordings.store(adapter.recordings_folder(), sound.content, sound.content_type)
        _mark(recording_id, lambda row, *, at: recordings.keep(row, copy, at=at))
    except (ProviderError, recordings.NoSound, OSError) as error:
        reason, for_good = str(error), isinstance(error, Permanent | recordings.NoSound)
        _mark(
            recording_id,
            lambda row, *, at: recordings.failed(row, reason, for_good=for_good, at=at),
        )


def _mark(recording_id: int, what: Callable[..., None]) -> None:
    with unit_of_work():
        what(db.session.get_one(Recording, recording_id), at=clock.now())


def _end(call_id: int) -> None:
    with unit_of_work():
        service.end_hanging(db.session.get_one(Call, call_id), at=clock.now())


def _read_again(webhook_id: int) -> None:
    board = adapter.switchboard()
    with unit_of_work():
        row = db.session.get_one(Webhook, webhook_id)
        event = adapter.provider().parse(Kind(row.kind), *inbox.fields_of(row.form))
        inbox.interpret_again(row, event, board, at=clock.now())


def _replay(spooled: spool.Spooled) -> None:
    fields, query = inbox.fields_of(spooled.form)
    event = adapter.provider().parse(spooled.kind, fields, query)
    with unit_of_work():
        inbox.take_in_late(event, spooled.form, adapter.switchboard(), at=spooled.received_at)
    spooled.path.unlink()


def _learn(report: tuple[Event, Fields]) -> None:
    event, fields = report
    with unit_of_work():
        form = inbox.form_of(fields, {})
        inbox.take_in_late(event, form, adapter.switchboard(), at=clock.now())


def _free_seat(user_id: int) -> None:
    with unit_of_work():
        seat = db.session.get_one(Seat, user_id)
        if seat.state is SeatState.AFTER_CALL:
            seats.free_after_writing_up(seat, at=clock.now())


def _clear_seat(user_id: int) -> None:
    with unit_of_work():
        seats.leave(db.session.get_one(Seat, user_id).user, at=clock.now())


def _each(items: Iterable[Item], do: Callable[[Item], None]) -> int:
    """Do each by itself: one that fails must not stop those behind it."""
    count = 0
    for item in items:
        count += 1
        try:
            do(item)
        except Exception:  # the next sweep tries again
            log.exception("one of many failed", job=do.__name__)
    return count

"""Last night's calls: everybody who rang in vain since the house closed, grouped by number."""

from datetime import UTC, datetime, timedelta

import pytest

from hotline.callbacks import queries
from hotline.callbacks import service as callbacks
from hotline.unit_of_work import unit_of_work
from models import (
    Call,
    CallbackKind,
    CallResult,
    CallState,
    Direction,
    NumberKind,
    Recording,
    RecordingKind,
    Role,
    Ticket,
    db,
)
from tests.makers import make_ticket, make_user


def ring_in_vain(ticket: Ticket, at: datetime, number: str | None = None) -> None:
    with unit_of_work():
        call = Call(
            provider="manual",
            call_ref=f"{ticket.id} {at}",
            direction=Direction.INBOUND,
            ticket_id=ticket.id,
            caller_id=ticket.caller_id,
            number=ticket.callback_number if number is None else number,
            number_kind=NumberKind.MOBILE,
            state=CallState.ENDED,
            result=CallResult.MISSED,
            started_at=at,
            ended_at=at + timedelta(seconds=40),
            heard_at=at,
        )
        db.session.add(call)
        callbacks.promise(ticket, CallbackKind.RETURN_CALL, at=at)


@pytest.mark.parametrize(
    ("now", "since"),
    [
        ("2026-11-16 01:30", "2026-11-13 09:30"),  # Monday morning: since Friday 17:30
        ("2026-11-16 15:00", "2026-11-16 09:30"),  # Monday 23:00: since 17:30 of the same day
        ("2026-11-17 00:10", "2026-11-16 09:30"),  # Tuesday before the opening
        ("2026-11-17 04:30", "2026-11-16 09:30"),  # lunch is no night
    ],
)
def test_the_night_begins_when_the_house_last_closed(app, now, since):
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert queries.night_before(at) == datetime.fromisoformat(since).replace(tzinfo=UTC)


def test_calls_of_one_number_stand_together_and_masked(sign_in, clock):
    first, other = make_ticket(phone="13911110001"), make_ticket(phone="13911110002")
    hidden = make_ticket(phone="anonymous")
    night = clock() - timedelta(hours=9)
    for minutes in (0, 5, 9):
        ring_in_vain(first, night + timedelta(minutes=minutes))
    ring_in_vain(other, night + timedelta(hours=1))
    ring_in_vain(hidden, night, number="")
    page = sign_in(make_user(Role.OPERATOR)).get("/callbacks/night").get_data(as_text=True)

    assert page.count("/claim") == 2  # one debt a number
    assert "139****0001" in page
    assert "13911110001" not in page
    assert page.index("139****0002") < page.index("139****0001")


def test_in_the_evening_last_night_can_still_be_looked_through(sign_in, clock):
    """Monday 20:00: what rang on Sunday evening stands below what rang tonight."""
    tonight, before = make_ticket(phone="13911110001"), make_ticket(phone="13911110002")
    by_day = make_ticket(phone="13911110003")
    ring_in_vain(before, datetime(2026, 11, 15, 13, tzinfo=UTC))
    ring_in_vain(by_day, datetime(2026, 11, 16, 3, tzinfo=UTC))
    ring_in_vain(tonight, datetime(2026, 11, 16, 11, tzinfo=UTC))
    operator = make_user(Role.OPERATOR)

    clock.set(datetime(2026, 11, 16, 12, tzinfo=UTC))
    page = sign_in(operator).get("/callbacks/night").get_data(as_text=True)
    places = [page.index(word) for word in ("今晚", "139****0001", ">昨夜<", "139****0002")]
    assert places == sorted(places)
    assert "139****0003" not in page

    clock.set(datetime(2026, 11, 17, 2, tzinfo=UTC))  # the morning after: one night
    page = sign_in(operator).get("/callbacks/night").get_data(as_text=True)
    assert "139****0001" in page
    assert "139****0002" not in page
    assert "今晚" not in page


def test_a_voicemail_shows_how_long_its_message_is(sign_in, clock):
    ticket = make_ticket(phone="13911110001")
    ring_in_vain(ticket, clock() - timedelta(hours=9))  # 40 seconds of connection
    with unit_of_work():
        call = db.session.scalars(db.select(Call)).one()
        call.result = CallResult.VOICEMAIL
        message = Recording(
            recording_ref="RE1",
            kind=RecordingKind.VOICEMAIL,
            announced_at=clock(),
            duration_seconds=6,
        )
        call.recordings.append(message)
    page = sign_in(make_user(Role.OPERATOR)).get("/callbacks/night").get_data(as_text=True)
    assert "0:06" in page
    assert "0:40" not in page

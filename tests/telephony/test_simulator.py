"""Whole calls over HTTP: the simulated company reads our TwiML and posts really signed forms."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import select

from hotline.calendars import service as calendars
from hotline.calls import jobs as call_jobs
from hotline.calls import seats
from hotline.sla import policies
from hotline.telephony import adapter, jobs, prompts, webhooks
from hotline.telephony.provider import NotPossible
from hotline.telephony.simulator.ledger import Knobs, Mode
from hotline.telephony.simulator.people import PEOPLE, WITHHELD
from hotline.unit_of_work import unit_of_work
from models import (
    CalendarKind,
    Call,
    CallResult,
    CallState,
    Channel,
    MessageStatus,
    OutboxMessage,
    Recording,
    Role,
    SeatState,
    Ticket,
    Webhook,
    db,
)
from tests import makers
from tests.telephony.street import COURIER, count, debts, take_seat, the_call


def test_an_operator_answers_talks_and_puts_down(live, exchange, clock):
    operator = take_seat(clock)
    call = exchange.dial_in(COURIER, clock())
    assert call.mode is Mode.RINGING_SEAT
    assert call.heard[-1] == prompts.CONNECTING
    row = the_call()
    assert (row.state, seats.seat_of(operator).call_id) == (CallState.WAITING, row.id)

    clock.advance(seconds=8)
    leg = exchange.seat_leg(operator.id)
    exchange.answer(leg.sid, clock())
    row = the_call()
    assert (row.state, row.operator_id) == (CallState.TALKING, operator.id)
    assert (row.answered_at, row.ticket.owner_id) == (clock(), operator.id)
    assert seats.seat_of(operator).state is SeatState.ON_CALL

    clock.advance(minutes=3)
    call = exchange.hang_up_seat(leg.sid, clock())
    assert (call.mode, call.heard[-1]) == (Mode.ENDED, prompts.GOODBYE)
    row = the_call()
    assert (row.state, row.result, row.ended_at) == (CallState.ENDED, CallResult.ANSWERED, clock())
    assert seats.seat_of(operator).state is SeatState.AFTER_CALL
    assert debts() == []


def test_seats_are_rung_in_turn_the_longest_free_first(live, exchange, clock):
    early = take_seat(clock)
    clock.advance(minutes=1)
    late = take_seat(clock)
    call = exchange.dial_in(COURIER, clock())
    assert exchange.seat_leg(early.id)
    assert exchange.seat_leg(late.id) is None

    clock.advance(seconds=15)
    assert jobs.move_simulated_calls() == 1
    assert exchange.seat_leg(early.id) is None
    exchange.answer(exchange.seat_leg(late.id).sid, clock())
    assert the_call().operator_id == late.id
    assert [leg.user_id for leg in the_call().legs] == [early.id, late.id]
    assert seats.seat_of(early).since_at == clock(), "who did not pick up goes to the end"
    assert exchange.ledger.call(call.sid).mode is Mode.TALKING


def test_nobody_on_a_seat_means_the_tape_and_a_debt(live, exchange, clock):
    call = exchange.dial_in(COURIER, clock())
    assert call.mode is Mode.RECORDING
    assert call.heard[-2] == prompts.leave_a_message(number_is_known=True)
    clock.advance(seconds=20)
    call = exchange.speak(call.sid, clock(), seconds=6)
    assert call.heard[-1] == prompts.MESSAGE_TAKEN
    row = the_call()
    assert (row.result, row.ticket.owner_id) == (CallResult.VOICEMAIL, None)
    (debt,) = debts()
    assert (debt.number, debt.ticket_id) == (COURIER, row.ticket_id)


def test_the_message_is_fetched_verified_and_deleted_over_there(live, exchange, clock):
    call = exchange.dial_in(COURIER, clock())
    exchange.speak(call.sid, clock(), seconds=6)
    db.session.rollback()
    assert call_jobs.fetch_recordings() == 1
    sound = db.session.scalars(select(Recording)).one()
    db.session.refresh(sound)
    content = Path(live.root_path, "static", "sounds", "message.wav").read_bytes()
    copy = adapter.recordings_folder() / sound.file_name
    assert copy.read_bytes() == content
    assert (sound.size_bytes, sound.content_type) == (len(content), "audio/x-wav")
    assert exchange.ledger.recording(sound.recording_ref), "not yet deleted: first we look again"

    assert call_jobs.fetch_recordings() == 1
    assert exchange.ledger.recording(sound.recording_ref) is None
    db.session.refresh(sound)
    assert sound.deleted_at_provider_at == clock()
    assert call_jobs.fetch_recordings() == 0


def test_a_copy_that_was_damaged_is_fetched_again_before_theirs_is_deleted(live, exchange, clock):
    call = exchange.dial_in(COURIER, clock())
    exchange.speak(call.sid, clock())
    db.session.rollback()
    call_jobs.fetch_recordings()
    sound = db.session.scalars(select(Recording)).one()
    (adapter.recordings_folder() / sound.file_name).write_bytes(b"half of it")
    call_jobs.fetch_recordings()
    assert exchange.ledger.recording(sound.recording_ref)
    db.session.refresh(sound)
    assert (adapter.recordings_folder() / sound.file_name).stat().st_size == sound.size_bytes


def test_who_hangs_up_while_it_rings_is_owed_a_ring(live, exchange, clock):
    operator = take_seat(clock)
    call = exchange.dial_in(COURIER, clock())
    clock.advance(seconds=12)
    call = exchange.hang_up(call.sid, clock())
    assert the_call().result is CallResult.ABANDONED
    assert len(debts()) == 1
    seat = seats.seat_of(operator)
    assert (seat.state, seat.call_id) == (SeatState.FREE, None)


def test_who_hangs_up_at_once_is_owed_a_single_try(live, exchange, clock):
    take_seat(clock)
    call = exchange.dial_in(COURIER, clock())
    clock.advance(seconds=3)
    exchange.hang_up(call.sid, clock())
    assert the_call().result is CallResult.HUNG_UP_EARLY
    (debt,) = debts()
    assert debt.max_attempts == 1


def test_calls_of_one_number_are_one_debt_until_it_is_reached(live, exchange, clock):
    for _ in range(3):
        call = exchange.dial_in(COURIER, clock())
        clock.advance(seconds=20)
        exchange.hang_up(call.sid, clock())
    assert (count(Call), count(Ticket), len(debts())) == (3, 1, 1)

    operator = take_seat(clock)
    exchange.dial_in(COURIER, clock())
    exchange.answer(exchange.seat_leg(operator.id).sid, clock())
    assert debts() == []
    assert count(Ticket) == 1
    assert db.session.scalars(select(Ticket)).one().owner_id == operator.id

    clock.advance(minutes=5)
    exchange.hang_up_seat(exchange.seat_leg(operator.id).sid, clock())
    exchange.dial_in(COURIER, clock())
    assert count(Ticket) == 2, "who was spoken with rings about another matter"


def test_withheld_callers_are_never_one_person_and_cannot_be_owed_a_ring(live, exchange, clock):
    for _ in range(2):
        call = exchange.dial_in(WITHHELD, clock())
        assert call.heard[-2] == prompts.leave_a_message(number_is_known=False)
        exchange.hang_up(call.sid, clock())
    tickets = db.session.scalars(select(Ticket)).all()
    assert len({ticket.caller_id for ticket in tickets}) == 2
    assert [ticket.callback_number for ticket in tickets] == ["", ""]
    assert debts() == []


def test_when_all_are_talking_the_caller_waits_and_then_gets_the_next(live, exchange, clock):
    operator = take_seat(clock)
    first = exchange.dial_in(COURIER, clock())
    exchange.answer(exchange.seat_leg(operator.id).sid, clock())
    second = exchange.dial_in(PEOPLE[1].number, clock())
    assert (second.mode, second.heard[-2:]) == (Mode.PLAYING, [prompts.ALL_BUSY, "♪"])

    exchange.hang_up(first.sid, clock())
    with unit_of_work():
        seats.set_seat_state(operator, SeatState.FREE, at=clock())
    clock.advance(seconds=6)
    jobs.move_simulated_calls()
    assert exchange.seat_leg(operator.id).parent_sid == second.sid


def test_who_becomes_free_at_the_last_moment_is_still_rung(live, exchange, clock):
    operator = take_seat(clock)
    first = exchange.dial_in(COURIER, clock())
    exchange.answer(exchange.seat_leg(operator.id).sid, clock())
    in_vain = exchange.dial_in(PEOPLE[1].number, clock())

    def wait():
        clock.advance(seconds=6)
        jobs.move_simulated_calls()

    while exchange.ledger.call(in_vain.sid).mode is not Mode.RECORDING:
        wait()
    waits = exchange.ledger.call(in_vain.sid).heard.count("♪")
    second = exchange.dial_in(PEOPLE[2].number, clock())
    while exchange.ledger.call(second.sid).heard.count("♪") < waits:
        wait()
    exchange.hang_up(first.sid, clock())
    with unit_of_work():
        seats.set_seat_state(operator, SeatState.FREE, at=clock())

    wait()

    assert exchange.seat_leg(operator.id).parent_sid == second.sid


def test_nobody_waits_for_ever(live, exchange, clock):
    operator = take_seat(clock)
    exchange.dial_in(COURIER, clock())
    exchange.answer(exchange.seat_leg(operator.id).sid, clock())
    second = exchange.dial_in(PEOPLE[1].number, clock())
    for _ in range(20):
        clock.advance(seconds=6)
        jobs.move_simulated_calls()
    second = exchange.ledger.call(second.sid)
    assert second.mode is Mode.RECORDING
    assert second.heard.count(prompts.ALL_BUSY) == 1


def test_a_refused_ring_goes_to_the_next(live, exchange, clock):
    first, second = take_seat(clock), take_seat(clock)
    exchange.dial_in(COURIER, clock())
    exchange.hang_up_seat(exchange.seat_leg(first.id).sid, clock())
    assert exchange.seat_leg(second.id)


def test_off_duty_nobody_is_rung(live, exchange, clock):
    operator = take_seat(clock)
    boss = makers.make_user(Role.ADMINISTRATOR)
    week = (((540, 1020),),) * 5 + ((), ())
    with unit_of_work():
        calendars.set_opening_hours(CalendarKind.DUTY, week, actor=boss, at=clock())
    clock.advance(hours=12)
    assert exchange.dial_in(COURIER, clock()).mode is Mode.RECORDING
    assert exchange.seat_leg(operator.id) is None


def test_a_conversation_is_recorded_only_after_the_notice(live, exchange, clock):
    boss = makers.make_user(Role.ADMINISTRATOR)
    with unit_of_work():
        policies.set_value("recording", 1, actor=boss, at=clock())
    operator = take_seat(clock)
    call = exchange.dial_in(COURIER, clock())
    assert prompts.RECORDING_NOTICE in call.heard
    exchange.answer(exchange.seat_leg(operator.id).sid, clock())
    clock.advance(seconds=30)
    exchange.hang_up(call.sid, clock())
    row = the_call()
    assert (row.notice_at is not None, [one.kind for one in row.recordings]) == (True, ["call"])
    assert row.result is CallResult.ANSWERED


@pytest.mark.parametrize(
    "knobs",
    [
        Knobs(duplicate=True),
        Knobs(shuffle=True),
        Knobs(shuffle=True, duplicate=True),
        Knobs(delay_seconds=30),
        Knobs(forge=True),
    ],
    ids=["duplicate", "shuffle", "both", "delay", "forge"],
)
def test_a_bad_line_makes_no_other_call_of_it(live, exchange, clock, knobs):
    operator = take_seat(clock)
    call = exchange.dial_in(COURIER, clock(), knobs)
    exchange.answer(exchange.seat_leg(operator.id).sid, clock())
    clock.advance(minutes=2)
    exchange.hang_up(call.sid, clock())
    clock.advance(minutes=1)
    jobs.move_simulated_calls()
    row = the_call()
    assert (row.state, row.result, row.operator_id) == (
        CallState.ENDED,
        CallResult.ANSWERED,
        operator.id,
    )
    assert (count(Ticket), len(row.legs), debts()) == (1, 1, [])
    keys = db.session.scalars(select(Webhook.event_key)).all()
    assert len(keys) == len(set(keys)) == 7


def test_when_our_answer_fails_the_fallback_takes_the_message(live, exchange, clock, monkeypatch):
    def broken(*args, **kwargs):
        raise ZeroDivisionError

    live.config["PROPAGATE_EXCEPTIONS"] = False
    with monkeypatch.context() as patched:
        patched.setattr(webhooks.inbox, "take_in", broken)
        call = exchange.dial_in(COURIER, clock())
    assert call.heard[0] == prompts.out_of_order(live.config["UNION_NAME"])
    assert call.mode is Mode.RECORDING
    exchange.speak(call.sid, clock())
    assert the_call().result is CallResult.VOICEMAIL


def test_the_menu_leads_to_the_tape_or_to_a_person(live, exchange, clock):
    boss = makers.make_user(Role.ADMINISTRATOR)
    with unit_of_work():
        policies.set_value("menu", 1, actor=boss, at=clock())
    operator = take_seat(clock)
    tape = exchange.dial_in(COURIER, clock())
    assert (tape.mode, tape.heard[-1]) == (Mode.GATHERING, prompts.MENU)
    assert exchange.press(tape.sid, "2", clock()).mode is Mode.RECORDING

    person = exchange.dial_in(PEOPLE[1].number, clock())
    assert exchange.press(person.sid, "1", clock()).mode is Mode.RINGING_SEAT
    exchange.hang_up(person.sid, clock())

    silent = exchange.dial_in(PEOPLE[2].number, clock())
    clock.advance(seconds=5)
    jobs.move_simulated_calls()
    assert exchange.ledger.call(silent.sid).mode is Mode.RINGING_SEAT
    assert exchange.seat_leg(operator.id).parent_sid == silent.sid


def test_what_is_too_late_is_not_possible(live, exchange, clock):
    operator = take_seat(clock)
    call = exchange.dial_in(COURIER, clock())
    leg = exchange.seat_leg(operator.id)
    exchange.hang_up(call.sid, clock())
    for too_late in (
        lambda: exchange.answer(leg.sid, clock()),
        lambda: exchange.hang_up(call.sid, clock()),
        lambda: exchange.press(call.sid, "1", clock()),
        lambda: exchange.speak(call.sid, clock()),
    ):
        with pytest.raises(NotPossible):
            too_late()


def test_a_short_message_gets_its_receipts(live, exchange, clock):
    url = f"{live.config['PUBLIC_BASE_URL']}/hooks/simulator/sms"
    ref = adapter.provider().send_sms(to=COURIER, text="请回电12351", status_url=url)
    with unit_of_work():
        message = OutboxMessage(
            dedupe_key="1",
            channel=Channel.SMS,
            kind="caller_missed",
            address=COURIER,
            body="请回电12351",
            status=MessageStatus.SENT,
            due_at=clock(),
            created_at=clock(),
            provider_ref=ref,
        )
        db.session.add(message)
    jobs.move_simulated_calls()
    db.session.rollback()
    assert message.status is MessageStatus.DELIVERED


def test_thirty_calls_at_once_are_thirty_calls(live, exchange, clock):
    numbers = [f"+861349003{n:04d}" for n in range(30)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: exchange.dial_in(number, clock()), numbers))
    db.session.rollback()
    assert sorted(db.session.scalars(select(Call.number))) == numbers
    assert count(Ticket) == 30
    clock.advance(seconds=200)
    while jobs.move_simulated_calls():
        clock.advance(seconds=200)
    db.session.rollback()
    assert set(db.session.scalars(select(Call.result))) == {CallResult.MISSED}


def test_the_company_forgets_its_calls_after_a_week(live, exchange, clock):
    old = exchange.dial_in(COURIER, clock(), Knobs(delay_seconds=20))
    exchange.hang_up(old.sid, clock())
    clock.advance(days=6)
    new = exchange.dial_in(COURIER, clock())
    assert jobs.forget_simulated_calls() == 0
    clock.advance(days=1, seconds=30)
    assert jobs.forget_simulated_calls() == 1
    assert jobs.forget_simulated_calls() == 0
    assert exchange.ledger.call(old.sid) is None
    assert exchange.ledger.call(new.sid)
    assert exchange.ledger.take_posts(clock()) == [], "and what it still had to say about them"
    assert count(Call) == 2, "we remember them"

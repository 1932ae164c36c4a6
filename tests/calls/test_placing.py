"""Callers rung back through the company: written first, asked for once, never rung twice."""

import re
import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from hotline.callers import service as callers
from hotline.calls import placing_jobs
from hotline.calls.jobs import end_hanging_calls
from hotline.errors import TransitionRefused
from hotline.findings import jobs as findings
from hotline.phone_numbers import normalise
from hotline.telephony.prompts import RECORDING_NOTICE
from hotline.telephony.simulator.ledger import Call as TheirCall
from hotline.telephony.simulator.ledger import Mode, new_sid
from hotline.unit_of_work import unit_of_work
from models import (
    AuditEvent,
    Callback,
    CallResult,
    CallState,
    Direction,
    IntentStatus,
    Recording,
    Role,
    Ticket,
    Webhook,
    db,
)
from tests.calls.desk import (
    CALLER,
    OTHER,
    Desk,
    calls,
    pass_time,
    post,
    set_policy,
    the_intent,
    theirs,
    written,
)
from tests.calls.desk import desk as desk
from tests.makers import make_user
from tests.telephony.company import Company
from tests.telephony.conftest import exchange as exchange
from tests.telephony.conftest import live as live
from tests.telephony.conftest import sign_in_at as sign_in_at
from tests.telephony.street import take_seat


def test_the_operator_is_rung_first_then_the_caller(desk, exchange, clock):
    assert "Ring my telephone and connect me" in desk.card()
    assert desk.press() == 303
    intent = the_intent()
    assert (intent.status, intent.number) == (IntentStatus.PLACED, CALLER)
    (call,) = calls()
    assert (call.direction, call.state) == (Direction.OUTBOUND, CallState.RINGING)
    assert call.ticket_id == desk.ticket_id
    assert "Your telephone rings" in desk.card()

    pass_time(exchange, clock, 3)
    (call,) = calls()
    assert call.state is CallState.WAITING
    assert "The caller is being rung." in desk.card()
    leg = next(one for one in exchange.ledger.live_calls() if one.parent_sid)
    assert (leg.to, leg.from_) == (CALLER, exchange.number)

    pass_time(exchange, clock, 3)
    (call,) = calls()
    assert (call.state, call.answered_at) == (CallState.TALKING, clock())
    assert "Connected." in desk.card()
    pass_time(exchange, clock, 20)
    (call,) = calls()
    assert (call.state, call.result) == (CallState.ENDED, CallResult.ANSWERED)
    assert db.session.scalars(select(Ticket.id)).all() == [desk.ticket_id], "no ticket of its own"
    assert all(row.interpreted_at for row in db.session.scalars(select(Webhook)))


def test_two_operators_at_once_are_each_connected_with_their_own_caller(
    desk, exchange, clock, live, sign_in_at
):
    other = Desk(live, clock, sign_in_at, phone="+8613490010777")
    assert (desk.press(), other.press()) == (303, 303)
    pass_time(exchange, clock, 3)
    legs = {one.to: one.parent_sid for one in exchange.ledger.live_calls() if one.parent_sid}
    assert set(legs) == {CALLER, "+8613490010777"}
    pass_time(exchange, clock, 3)
    assert {(one.number, one.call_ref, one.ticket_id, one.state) for one in calls()} == {
        (CALLER, legs[CALLER], desk.ticket_id, CallState.TALKING),
        ("+8613490010777", legs["+8613490010777"], other.ticket_id, CallState.TALKING),
    }


def test_of_several_numbers_the_one_on_the_card_is_rung_and_nothing_typed_is_lost(
    desk, exchange, clock
):
    with unit_of_work():
        ticket = db.session.get_one(Ticket, desk.ticket_id)
        callers.add_number(ticket.caller, normalise(OTHER))
    button = re.search(r'<button[^>]*formaction="/callbacks/\d+/place"[^>]*>', desk.card())
    assert button
    assert ' form="ring"' in button[0], "sent with the form in which the number stands"
    typed = {"number": OTHER, "note": "妻子的电话"}
    assert desk.browser.post(f"/callbacks/{desk.card_id}/place", data=typed).status_code == 303
    assert the_intent().number == OTHER
    assert re.search(rf'<option value="\{OTHER}"[^>]* selected', desk.card())
    assert "妻子的电话" in desk.card()
    pass_time(exchange, clock, 3, 3, 20)
    assert desk.write("reached", number=OTHER).status_code == 303
    (call,) = calls()
    attempt = db.session.get_one(Callback, desk.card_id).attempts[-1]
    assert (attempt.number, attempt.call_id) == (OTHER, call.id)


def test_who_was_reached_under_another_number_was_not_reached_by_this_call(desk, exchange, clock):
    with unit_of_work():
        ticket = db.session.get_one(Ticket, desk.ticket_id)
        callers.add_number(ticket.caller, normalise(OTHER))
    desk.browser.post(f"/callbacks/{desk.card_id}/place", data={"number": OTHER})
    pass_time(exchange, clock, 3, 3, 20)
    assert desk.write("reached", number=CALLER).status_code == 303
    (placed, by_hand) = calls()
    attempt = db.session.get_one(Callback, desk.card_id).attempts[-1]
    assert (attempt.number, attempt.call_id) == (CALLER, by_hand.id)
    assert (placed.number, by_hand.provider) == (OTHER, "manual")


def test_what_was_connected_is_the_conversation_of_the_attempt(desk, exchange, clock):
    desk.press()
    pass_time(exchange, clock, 3, 3, 20)
    assert desk.write("reached").status_code == 303
    (call,) = calls()
    attempt = db.session.get_one(Callback, desk.card_id).attempts[-1]
    assert attempt.call_id == call.id
    assert call.provider == "simulator"


def test_who_was_not_connected_but_dialled_otherwise_is_believed(desk, exchange, clock):
    desk.press()
    pass_time(exchange, clock, 3)
    (placed,) = theirs(exchange)
    exchange.hang_up(placed.sid, clock())
    (call,) = calls()
    assert (call.state, call.result) == (CallState.ENDED, CallResult.MISSED)
    assert "Nobody was reached" in desk.card()
    desk.write("reached")
    first, second = calls()
    assert (first.result, second.provider) == (CallResult.MISSED, "manual")


def test_a_recorded_call_says_so_to_the_caller_and_its_sound_comes_the_same_way(
    desk, exchange, clock
):
    set_policy("recording", 1, clock)
    desk.press()
    pass_time(exchange, clock, 3, 3, 20)
    (call,) = calls()
    assert call.notice_at is not None
    (their_call,) = theirs(exchange)
    assert RECORDING_NOTICE in their_call.heard
    sound = db.session.scalars(select(Recording)).one()
    assert (sound.call_id, sound.kind) == (call.id, "call")


def test_without_a_policy_nothing_is_recorded(desk, exchange, clock):
    desk.press()
    pass_time(exchange, clock, 3, 3, 20)
    assert db.session.scalars(select(Recording)).all() == []
    assert calls()[0].notice_at is None


class TestWhoMay:
    def test_two_presses_at_once_place_one_call(self, desk, exchange, clock):
        place = f"/callbacks/{desk.card_id}/place"
        both = [threading.Thread(target=desk.browser.post, args=[place]) for _ in range(3)]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
        assert len(theirs(exchange)) == 1

    def test_only_the_callers_numbers_are_rung(self, desk, exchange):
        answer = desk.browser.post(
            f"/callbacks/{desk.card_id}/place", data={"number": "+8613900000000"}
        )
        assert answer.status_code == 422
        assert theirs(exchange) == []

    def test_nobody_rings_for_somebody_else(self, desk, live, clock, exchange, sign_in_at):
        other = sign_in_at(live, take_seat(clock))
        assert other.post(f"/callbacks/{desk.card_id}/place").status_code == 403
        assert theirs(exchange) == []

    def test_so_many_a_day_and_none_at_all(self, desk, clock, exchange):
        set_policy("calls_per_person", 1, clock)
        desk.press()
        pass_time(exchange, clock, 3, 3, 20)
        typed = {"note": "妻子的电话"}
        refused = desk.browser.post(f"/callbacks/{desk.card_id}/place", data=typed)
        assert refused.status_code == 409
        assert "No more calls are placed for you today: dial on any telephone." in refused.text
        assert "妻子的电话" in refused.text, "the card is still there, with what was typed"
        clock.advance(days=1)
        assert desk.press() == 303, "another day"
        pass_time(exchange, clock, 3, 3, 20)
        set_policy("calls_per_person", 0, clock)
        with pytest.raises(TransitionRefused):
            written(desk, clock)

    def test_the_trail_says_who_let_whom_be_rung(self, desk, clock):
        desk.press()
        row = db.session.scalars(select(AuditEvent).where(AuditEvent.kind == "place_call")).one()
        assert (row.actor_id, row.ticket_id) == (desk.operator.id, desk.ticket_id)
        assert CALLER not in row.subject

    def test_who_talks_is_not_rung(self, desk, clock, exchange):
        call = exchange.dial_in("+8613490020002", clock())
        exchange.answer(exchange.seat_leg(desk.operator.id).sid, clock())
        assert desk.press() == 409
        assert call.mode is not Mode.ENDED


class TestWhere:
    @pytest.mark.parametrize("countries", ["off", "+852"])
    def test_other_countries_are_not_offered(self, make_app, clock, countries):
        app = make_app(RING_COUNTRIES=countries)
        with app.app_context():
            operator = make_user(Role.OPERATOR)
            assert placing_jobs.line_for(operator, CALLER) == ""
            assert bool(placing_jobs.line_for(operator, "+85221234567")) is (countries != "off")

    def test_twilio_itself_reaches_nobody_on_the_mainland(self, make_app, clock):
        settings = {
            "TELEPHONY": "twilio",
            "TWILIO_ACCOUNT_SID": "AC" + "a" * 32,
            "TWILIO_AUTH_TOKEN": "token",
            "TWILIO_NUMBER": "+85235001234",
        }
        for base, line in (("https://api.twilio.com", ""), ("https://other.example", "+8522")):
            app = make_app(**settings, TWILIO_API_BASE_URL=base)
            with app.app_context():
                operator = make_user(Role.OPERATOR, line="+85235009999")
                assert placing_jobs.line_for(operator, CALLER)[:5] == ("+8523" if line else "")
                assert placing_jobs.line_for(operator, "+85221234567") == "+85235009999"


class TestReconciled:
    def test_the_end_of_a_placed_call_is_asked_for(self, desk, exchange, clock):
        desk.press()
        pass_time(exchange, clock, 3, 3)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(type(exchange._wire), "_post", lambda *_, **__: None)
            pass_time(exchange, clock, 20)
        assert calls()[0].state is CallState.TALKING
        clock.advance(minutes=5)
        findings.reconcile_calls()
        (call,) = calls()
        assert (call.state, call.result) == (CallState.ENDED, CallResult.ANSWERED)

    def test_calls_that_somebody_else_places_on_the_account_make_no_ticket(
        self, desk, exchange, clock
    ):
        parent = exchange.place("+8521", "https://elsewhere.example", "", clock())
        leg = TheirCall(new_sid(TheirCall), "+8521", "+8522", "outbound-dial", clock())
        leg.parent_sid, leg.status, leg.mode = parent.sid, "completed", Mode.ENDED
        leg.ended_at = clock() + timedelta(seconds=9)
        parent.mode, parent.status, parent.ended_at = Mode.ENDED, "completed", leg.ended_at
        exchange.ledger.save(parent)
        exchange.ledger.save(leg)
        clock.advance(minutes=5)
        findings.reconcile_calls()
        assert calls() == []

    def test_a_placed_call_that_nobody_ends_is_ended(self, desk, exchange, clock):
        desk.press()
        clock.advance(minutes=16)
        assert end_hanging_calls() == 1
        (call,) = calls()
        assert (call.state, call.result) == (CallState.ENDED, CallResult.MISSED)
        owed = select(Callback.id).where(Callback.ended_at.is_(None))
        assert db.session.scalars(owed).all() == [desk.card_id], "no new debt"


def test_reports_in_any_order_end_in_the_same_call(desk, exchange, clock):
    """Signed forms, the leg's first, the operator's own last."""
    written(desk, clock)
    company, intent = Company.of(desk.app), the_intent()
    parent, leg = new_sid(TheirCall), new_sid(TheirCall)
    of_leg = company.fields(
        leg, "completed", ParentCallSid=parent, Direction="outbound-dial", To=CALLER,
        CallDuration="30", SequenceNumber="3",
    )  # fmt: skip
    of_parent = company.fields(
        parent, "completed", Direction="outbound-api", To=intent.line, CallDuration="50"
    )
    picked_up = company.fields(parent, "in-progress", Direction="outbound-api", To=intent.line)
    for route, fields in (("status", of_leg), ("status", of_parent), ("outgoing", picked_up)):
        for _ in range(2):
            post(desk, fields, f"{route}?intent={intent.id}")
    (call,) = calls()
    assert (call.call_ref, call.state, call.result) == (
        parent, CallState.ENDED, CallResult.ANSWERED,
    )  # fmt: skip
    assert the_intent().call_id == call.id

"""Who may be rung: free, the longest first, never during the writing up."""

import pytest

from hotline.calls import jobs, queries, seats
from hotline.errors import Forbidden, TransitionRefused
from hotline.feedback import service as feedback
from hotline.telephony import flow, prompts
from hotline.unit_of_work import unit_of_work
from models import CallState, LoginSession, Role, SeatState, db
from tests.calls.conftest import seat_of
from tests.makers import make_user


def rung(call):
    return [step.line for step in call.heard.steps if isinstance(step, flow.Ring)]


def offered_the_tape(call):
    return any(isinstance(step, flow.TakeMessage) for step in call.heard.steps)


@pytest.mark.parametrize("state", [SeatState.AFTER_CALL, SeatState.AWAY])
def test_nobody_is_rung_who_is_not_free(ring, sit, state):
    sit(state)
    assert rung(ring()) == []


def test_two_calls_at_once_ring_at_two_seats(ring, sit, clock):
    first, second = sit(), sit()
    lines = [rung(ring("+8613490010001")), rung(ring("+8613490010002"))]
    assert lines == [[f"sip:seat-{user.id}@simulator.invalid"] for user in (first, second)]
    third = ring("+8613490010003")
    assert rung(third) == []
    assert third.heard.steps[1] == flow.Say(prompts.ALL_BUSY)


def test_a_disabled_account_is_not_rung(ring, sit):
    user = sit()
    with unit_of_work():
        user.is_active = False
    assert offered_the_tape(ring())


def test_a_seat_of_a_conversation_writes_up_and_is_then_free(ring, sit, report_leg, clock):
    user = sit()
    call = ring()
    report_leg(call, "in-progress")
    assert seat_of(user).state is SeatState.ON_CALL
    clock.advance(minutes=2)
    report_leg(call, "completed")
    assert (seat_of(user).state, seat_of(user).call_id) == (SeatState.AFTER_CALL, None)
    assert jobs.free_seats_after_writing_up() == 0
    clock.advance(seconds=60)
    assert jobs.free_seats_after_writing_up() == 1
    assert (seat_of(user).state, seat_of(user).since_at) == (SeatState.FREE, clock())


def test_who_leaves_while_it_rings_has_left_when_it_stops(ring, sit, report_leg, clock):
    user = sit()
    call = ring()
    with unit_of_work():
        seats.set_seat_state(user, SeatState.AWAY, at=clock())
    report_leg(call, "no-answer")
    assert (seat_of(user).state, seat_of(user).call_id) == (SeatState.AWAY, None)


def test_a_late_word_about_an_old_call_does_not_touch_the_new_one(ring, sit, report_leg, clock):
    user = sit()
    old = ring("+8613490010001")
    report_leg(old, "no-answer")
    new = ring("+8613490010002")
    report_leg(new, "in-progress")
    report_leg(old, "ringing")
    report_leg(old, "canceled")
    seat = seat_of(user)
    assert (seat.state, seat.call_id) == (SeatState.ON_CALL, new.id)


def test_the_telephone_decides_while_somebody_talks(ring, sit, report_leg, clock):
    user = sit()
    report_leg(ring(), "in-progress")
    for state in (SeatState.FREE, SeatState.AWAY):
        with pytest.raises(TransitionRefused), unit_of_work():
            seats.set_seat_state(user, state, at=clock())
    idle = sit()
    with pytest.raises(TransitionRefused), unit_of_work():
        seats.set_seat_state(idle, SeatState.ON_CALL, at=clock())


@pytest.mark.parametrize("role", [Role.HANDLER, Role.REVIEWER, Role.ADMINISTRATOR, Role.AUDITOR])
def test_who_takes_no_calls_has_no_seat(app, clock, role):
    user = make_user(role)
    with pytest.raises(Forbidden), unit_of_work():
        seats.set_seat_state(user, SeatState.FREE, at=clock())
    assert seats.seat_of(user) is None


def test_a_deserted_seat_is_cleared_and_a_manned_one_is_not(sit, clock):
    gone, here = sit(), sit()
    with unit_of_work():
        for number, user in enumerate((gone, here)):
            session = LoginSession(
                token_hash=f"{number:064x}",
                user_id=user.id,
                started_at=clock(),
                active_at=clock(),
            )
            db.session.add(session)
            session.ended_at = clock() if user is gone else None
    clock.advance(minutes=5)
    assert jobs.clear_deserted_seats() == 1
    assert (seat_of(gone).state, seat_of(here).state) == (SeatState.AWAY, SeatState.FREE)
    clock.advance(minutes=30)
    assert jobs.clear_deserted_seats() == 1
    assert seat_of(here).state is SeatState.AWAY


def test_a_call_whose_end_was_never_told_ends_by_itself(ring, sit, clock):
    user = sit()
    call = ring()
    clock.advance(minutes=14)
    assert jobs.end_hanging_calls() == 0
    clock.advance(minutes=2)
    assert jobs.end_hanging_calls() == 1
    assert (call.state, call.result.value) == (CallState.ENDED, "abandoned")
    assert call.ended_at == call.heard_at
    assert seat_of(user).call_id is None
    assert jobs.end_hanging_calls() == 0


def test_a_long_talk_is_no_hanging_call(ring, sit, report_leg, clock):
    sit()
    call = ring()
    report_leg(call, "in-progress")
    clock.advance(hours=3)
    assert jobs.end_hanging_calls() == 0
    clock.advance(hours=2)
    assert jobs.end_hanging_calls() == 1
    assert call.result.value == "answered"


def test_the_end_of_a_call_does_not_undo_what_was_done_with_its_ticket_meanwhile(
    ring, sit, report_leg, clock
):
    user = sit()
    call = ring("anonymous")
    report_leg(call, "in-progress")
    assert call.ticket.owner_id == user.id
    with unit_of_work():
        feedback.keep(call.ticket, actor=user, at=clock())
    clock.advance(minutes=2)
    report_leg(call, "completed")
    db.session.expire_all()
    assert (call.ticket.owner_id, call.ticket.kept_by_id) == (None, user.id)


def test_what_is_chosen_for_the_call_in_hand_frees_the_seat_only_when_it_is_over(
    ring, sit, report_leg, clock
):
    user = sit()
    assert queries.call_in_hand(user) is None
    call = ring()
    report_leg(call, "in-progress")
    assert queries.call_in_hand(user).id == call.id
    with unit_of_work():
        seats.write_up(user, call.ticket, at=clock())
    assert (seat_of(user).state, call.written_up_at) == (SeatState.ON_CALL, clock())
    chosen_at = clock()
    clock.advance(minutes=2)
    report_leg(call, "completed")
    assert seat_of(user).state is SeatState.AFTER_CALL
    with unit_of_work():
        seats.write_up(user, call.ticket, at=clock())
    assert (seat_of(user).state, call.written_up_at) == (SeatState.FREE, chosen_at)

"""Five minutes off the queue: one key, no reason, over by itself, and nobody counts them."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from hotline.accounts import roster
from hotline.accounts.jobs import release_after_duty
from hotline.calls import jobs, seats
from hotline.errors import TransitionRefused
from hotline.rhythm import rests
from hotline.sla import policies
from hotline.telephony import flow
from hotline.unit_of_work import unit_of_work
from models import AuditEvent, Notification, Role, SeatState, User, db
from tests.calls.conftest import seat_of
from tests.makers import make_user


def rests_now(user, clock):
    with unit_of_work():
        rests.take(db.session.get_one(User, user.id), at=clock())


def rung(call):
    return [step.line for step in call.heard.steps if isinstance(step, flow.Ring)]


def test_nobody_rings_who_catches_breath_and_it_ends_by_itself(ring, sit, clock):
    user = sit()
    rests_now(user, clock)
    assert rung(ring()) == []
    clock.advance(minutes=4, seconds=59)
    assert jobs.end_rests() == 0
    clock.advance(seconds=1)
    assert jobs.end_rests() == 1
    assert (seat_of(user).state, seat_of(user).rest_until_at) == (SeatState.FREE, None)
    assert len(rung(ring("+8613490010002"))) == 1


def test_the_time_to_write_up_runs_into_it_and_the_form_stays(
    ring, sit, report_leg, clock, sign_in
):
    user = sit()
    call = ring()
    report_leg(call, "in-progress")
    report_leg(call, "completed")
    client = sign_in(user)
    form = f'action="/workspace/{call.ticket_id}/save"'
    assert form in client.get("/workspace").text

    part = client.post("/seat/rest", headers={"HX-Request": "true"})
    assert part.status_code == 200
    assert "data-until" in part.text, "the countdown stands in the bar"
    assert form in client.get("/workspace").text, "what is being written stays"
    clock.advance(seconds=90)
    assert jobs.free_seats_after_writing_up() == 0, "the shorter time to write up is over"
    assert rung(ring("+8613490010002")) == []


def test_who_was_free_is_not_asked_to_write_up_an_old_call(ring, sit, report_leg, clock, sign_in):
    user = sit()
    call = ring()
    report_leg(call, "in-progress")
    report_leg(call, "completed")
    clock.advance(minutes=2)
    jobs.free_seats_after_writing_up()
    rests_now(user, clock)
    page = sign_in(user).get("/workspace").text
    assert f'action="/workspace/{call.ticket_id}/save"' not in page
    assert "data-until" in page


def test_back_earlier_with_the_same_key(sit, clock, sign_in):
    user = sit()
    client = sign_in(user)
    assert client.get("/workspace").text.count('data-key="F3"') == 1
    client.post("/seat/rest")
    page = client.get("/workspace").text
    assert page.count('data-key="F3"') == 1
    assert 'action="/seat/back"' in page
    client.post("/seat/back")
    assert seat_of(user).state is SeatState.FREE
    client.post("/seat/back")
    assert seat_of(user).state is SeatState.FREE, "a second press changes nothing"


def test_a_second_press_makes_it_no_longer(sit, clock):
    user = sit()
    rests_now(user, clock)
    ends = seat_of(user).rest_until_at
    clock.advance(minutes=2)
    rests_now(user, clock)
    assert seat_of(user).rest_until_at == ends == clock() + timedelta(minutes=3)


def test_the_minutes_are_a_policy_and_those_that_run_stay(sit, clock):
    first, second = sit(), sit()
    rests_now(first, clock)
    boss = make_user(Role.ADMINISTRATOR)
    with unit_of_work():
        policies.set_value("rest_minutes", 10, actor=boss, at=clock())
    rests_now(second, clock)
    assert seat_of(first).rest_until_at == clock() + timedelta(minutes=5)
    assert seat_of(second).rest_until_at == clock() + timedelta(minutes=10)


@pytest.mark.parametrize("state", [SeatState.AWAY, SeatState.ON_CALL])
def test_who_is_away_or_on_a_call_needs_none(sit, clock, state):
    user = sit(SeatState.FREE)
    with unit_of_work():
        seats.seat_of(db.session.get_one(User, user.id)).state = state
    with pytest.raises(TransitionRefused):
        rests_now(user, clock)


def test_the_last_free_one_may_and_who_leads_hears_that_nobody_is_free(sit, clock):
    boss = make_user(Role.SUPERVISOR)
    first, last = sit(), sit()
    rests_now(first, clock)
    assert db.session.scalars(select(Notification)).all() == []
    rests_now(last, clock)
    (told,) = db.session.scalars(select(Notification))
    assert told.user_id == boss.id
    assert last.display_name not in str(told.params)
    assert seat_of(last).state is SeatState.RESTING


def test_a_shift_leader_who_is_the_last_one_hears_nothing_of_the_own_rest(sit, clock):
    boss, leader = make_user(Role.SUPERVISOR), sit()
    with unit_of_work():
        start, end = clock() - timedelta(hours=1), clock() + timedelta(hours=4)
        roster.add_shift(db.session.get_one(User, leader.id), start, end, is_leader=True)
    rests_now(leader, clock)
    assert db.session.scalars(select(Notification.user_id)).all() == [boss.id]


def test_no_trace_is_left_that_could_be_counted(sit, clock):
    user = sit()
    rests_now(user, clock)
    clock.advance(minutes=5)
    jobs.end_rests()
    kinds = set(db.session.scalars(select(AuditEvent.kind)))
    assert not {kind for kind in kinds if "rest" in kind}
    assert db.session.scalars(select(Notification)).all() == []


def test_a_hard_call_at_the_end_of_a_shift(ring, sit, report_leg, clock):
    """The call ends two minutes before the duty does: the rest is had, the ticket waits for it,
    and nobody rings at a seat whose duty is over."""
    user = sit()
    with unit_of_work():
        start, end = clock() - timedelta(hours=1), clock() + timedelta(minutes=10)
        roster.add_shift(db.session.get_one(User, user.id), start, end)
    call = ring()
    report_leg(call, "in-progress")
    clock.advance(minutes=8)
    report_leg(call, "completed")
    with unit_of_work():
        call.ticket.owner_id = user.id
    rests_now(user, clock)
    clock.advance(minutes=3)
    assert release_after_duty() == 0, "the work is waited for"
    clock.advance(minutes=2)
    assert jobs.end_rests() == 1
    assert seat_of(user).state is SeatState.AWAY
    assert release_after_duty() == 1
    db.session.expire_all()
    assert call.ticket.owner_id is None


def test_a_browser_that_is_gone_is_not_waited_for(sit, clock):
    user = sit()
    rests_now(user, clock)
    clock.advance(minutes=2)
    assert jobs.clear_deserted_seats() == 1
    assert seat_of(user).state is SeatState.AWAY


def test_of_the_last_two_who_rest_at_once_the_second_tells_who_leads(both, sit, clock):
    make_user(Role.SUPERVISOR)
    pair = [sit().id for _ in range(2)]

    def rests_for(user_id):
        return lambda: rests.take(db.session.get_one(User, user_id), at=clock())

    assert both(*map(rests_for, pair)) is None
    assert len(db.session.scalars(select(Notification)).all()) == 1


def test_who_talks_by_now_goes_on_talking(sit, clock):
    """The telephone was faster than the key: the seat is looked at anew."""
    user = sit()
    here = db.session.get_one(User, user.id)
    assert here.seat.state is SeatState.FREE
    with db.engine.begin() as line:
        line.exec_driver_sql("UPDATE seats SET state = 'on_call'")
    with pytest.raises(TransitionRefused):
        rests_now(user, clock)
    assert seat_of(user).state is SeatState.ON_CALL

"""Waiting for the caller and suspending: clocks stand still in business time, and go on."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from hotline.errors import Forbidden, Invalid, TransitionRefused
from hotline.handoffs import grounds, jobs, queries
from hotline.handoffs import service as handoffs
from hotline.unit_of_work import unit_of_work
from models import (
    Callback,
    CallbackKind,
    Notification,
    ReturnReason,
    Role,
    TicketStatus,
    Urgency,
    db,
)
from tests.handoffs.house import accept, answer, at, hand_off, make_house, set_ticket, suspend
from tests.makers import make_user


@pytest.fixture
def house(app, clock):
    house = make_house()
    hand_off(house)  # Monday 09:30; an ordinary matter: by next Monday, close of business
    return house


def wait(house, clock, until="2026-11-18 17:30", what="工资条照片"):
    with unit_of_work():
        return handoffs.wait(
            house.ticket,
            actor=house.handler,
            at=clock.time,
            what=what,
            until=at(until),
            has_told=True,
        )


def test_the_limit_moves_by_the_business_time_of_the_pause(house, clock):
    handoff = accept(house)
    before = handoff.handle_due_at
    assert before == at("2026-11-23 17:30")
    clock.set(at("2026-11-16 16:30"))
    wait(house, clock)
    assert handoff.paused_at == clock.time
    clock.set(at("2026-11-17 09:30"))  # one hour on Monday, one on Tuesday

    with unit_of_work():
        handoffs.end_wait(house.ticket, actor=house.operator, at=clock.time)

    assert handoff.handle_due_at == at("2026-11-24 10:30")
    assert (handoff.paused_at, house.ticket.waiting_since_at) == (None, None)
    assert handoff.due_at == handoff.handle_due_at


def test_it_ends_by_itself_at_the_instant_it_was_meant_to(house, clock):
    handoff = accept(house)
    wait(house, clock, until="2026-11-17 17:30")
    assert jobs.end_waits_that_are_over() == 0
    clock.set(at("2026-11-20 03:00"))  # the ticker was down

    assert jobs.end_waits_that_are_over() == 1
    assert jobs.end_waits_that_are_over() == 0

    # Monday 09:30 to Tuesday 17:30: 6.5 h + 7.5 h, a day and 6.5 hours of business time
    assert handoff.handle_due_at == at("2026-11-25 16:30")
    assert house.ticket.waited_at == at("2026-11-17 17:30")


def test_of_a_critical_matter_all_of_the_pause_is_given_back(app, clock):
    """It runs day and night, so it stands still day and night."""
    house = make_house()
    set_ticket(house.ticket, urgency=Urgency.CRITICAL)
    clock.set(at("2026-11-20 22:00"))  # a Friday; by midnight
    handoff = hand_off(house)
    accept(house)
    clock.set(at("2026-11-20 22:30"))
    wait(house, clock, until="2026-11-21 12:00")
    assert handoff.due_at == at("2026-11-21 13:30")
    clock.set(at("2026-11-20 23:40"))
    with unit_of_work():
        handoffs.end_wait(house.ticket, actor=house.handler, at=clock.time)
    assert handoff.handle_due_at == at("2026-11-21 01:10")
    assert grounds.of(handoff, grounds.Clock.HANDLE).steps[0].counted_seconds == 70 * 60
    told = {}
    for minute in ("00:39", "00:40", "01:09", "01:10", "02:09", "02:10"):
        clock.set(at(f"2026-11-21 {minute}"))
        told[minute] = jobs.remind_departments_to_answer()
    assert [minute for minute in told if told[minute]] == ["00:40", "01:10", "02:10"]
    answer(house)
    assert handoff.handle_seconds == (250 - 70) * 60


def test_only_once_and_not_for_ever(house, clock):
    accept(house)
    with pytest.raises(Invalid) as refused:
        wait(house, clock, until="2026-11-24 17:30")  # six working days
    assert refused.value.field == "until"
    with pytest.raises(Invalid):
        wait(house, clock, until="2026-11-16 09:00")
    with pytest.raises(Invalid, match="missing"):
        wait(house, clock, what=" ")
    wait(house, clock)
    with unit_of_work():
        handoffs.end_wait(house.ticket, actor=house.handler, at=clock.time)
    with pytest.raises(TransitionRefused, match="once"):
        wait(house, clock)


def test_not_before_it_is_signed(house, clock):
    with pytest.raises(TransitionRefused):
        wait(house, clock)


def test_of_a_confidential_ticket_the_hotline_tells_the_caller(house, clock):
    set_ticket(house.ticket, is_confidential=True, safe_summary="反映欠薪")
    accept(house)
    wait(house, clock)
    (debt,) = db.session.scalars(select(Callback)).all()
    assert debt.kind is CallbackKind.TELL
    assert "请补充：工资条照片" in debt.words
    assert "11月18日（周三）下班前" in debt.words


def test_who_answers_does_not_wait_any_more(house, clock):
    accept(house)
    wait(house, clock)
    answer(house)
    assert (house.ticket.waiting_since_at, house.ticket.waited_at) == (None, clock.time)


def test_suspended_it_is_the_supervisors_and_the_caller_is_told(house, clock):
    handoff = accept(house)
    suspend(house)

    ticket = house.ticket
    assert (ticket.status, ticket.department_id) == (TicketStatus.SUSPENDED, None)
    assert (ticket.owner_id, ticket.review_on) == (house.supervisor.id, date(2026, 12, 1))
    (debt,) = db.session.scalars(select(Callback)).all()
    assert debt.words == (
        "您反映的事目前还不能解决。已登记债权。我们12月1日（周二）再研究，并把进展告诉您。"
    )
    clock.advance(days=1)  # one working day of 7.5 hours

    with unit_of_work():
        handoffs.resume(ticket, actor=house.supervisor, at=clock.time)

    assert (ticket.status, ticket.department_id, ticket.owner_id, ticket.review_on) == (
        TicketStatus.ACCEPTED,
        house.legal.id,
        house.handler.id,
        None,
    )
    assert handoff.handle_due_at == at("2026-11-24 17:30")


def test_from_the_hotline_it_comes_back_to_the_hotline(house, clock):
    with unit_of_work():
        handoffs.recall(house.ticket, actor=house.operator, at=clock.time, reason="挂账")
    suspend(house)
    with unit_of_work():
        handoffs.resume(house.ticket, actor=house.supervisor, at=clock.time)
    assert (house.ticket.status, house.ticket.department_id) == (TicketStatus.OPEN, None)


@pytest.mark.parametrize(
    ("how", "field"),
    [
        ({"measures": " "}, "measures"),
        ({"review_on": date(2026, 11, 16)}, "review_on"),
        ({"reason": ""}, "reason"),
    ],
)
def test_what_a_suspension_must_say(house, clock, how, field):
    accept(house)
    with pytest.raises((Invalid, TransitionRefused)) as refused:
        suspend(house, **how)
    assert refused.value.field == field
    assert house.ticket.status is TicketStatus.ACCEPTED


def test_only_a_supervisor_suspends(house, clock):
    accept(house)
    with pytest.raises(Forbidden):
        suspend(house, actor=house.operator)


def test_the_review_day_is_told_once(house, clock):
    accept(house)
    suspend(house)
    clock.set(at("2026-12-03 08:00"))  # the ticker was down for two days
    assert jobs.remind_of_reviews() == 1
    assert jobs.remind_of_reviews() == 0
    with unit_of_work():
        handoffs.resume(house.ticket, actor=house.supervisor, at=clock.time)
    suspend(house, review_on=date(2026, 12, 4))
    assert jobs.remind_of_reviews() == 0
    clock.advance(days=1)
    assert jobs.remind_of_reviews() == 1


def test_who_has_it_and_every_supervisor_hear_of_the_review_day(house, clock):
    other = make_user(Role.SUPERVISOR)
    accept(house)
    suspend(house)
    set_ticket(house.ticket, owner_id=house.operator.id)
    clock.set(at("2026-12-01 09:00"))
    assert jobs.remind_of_reviews() == 1
    heard = select(Notification.user_id).where(Notification.dedupe_key.startswith("review_due:"))
    assert set(db.session.scalars(heard)) == {house.operator.id, house.supervisor.id, other.id}


def test_a_suspended_handoff_is_in_nobodys_queue_and_not_overdue(house, clock):
    accept(house)
    suspend(house, review_on=date(2027, 3, 1))
    clock.advance(days=40)
    assert queries.overdue(house.supervisor, clock.time + timedelta(days=1)).handoffs == []
    assert queries.queue_of(house.handler, queries.Tab.WORK).handoffs == []


def test_returned_or_taken_back_it_waits_no_more(house, clock):
    with unit_of_work():
        handoffs.ask_return(
            house.ticket,
            actor=house.handler,
            at=clock.time,
            reason=ReturnReason.NOT_OUR_DUTY,
            basis="三定方案",
        )
    clock.advance(hours=1)
    handoff = accept(house)
    wait(house, clock)
    clock.advance(minutes=30)
    with unit_of_work():
        handoffs.agree_return(house.ticket, actor=house.operator, at=clock.time)
    assert handoff.handle_seconds == 3600  # the half hour of waiting was not its own
    assert (house.ticket.waiting_since_at, house.ticket.waited_at) == (None, clock.time)
    clock.advance(days=10)
    assert jobs.end_waits_that_are_over() == 0

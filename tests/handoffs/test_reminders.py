"""Departments are reminded in working time: before the limit, at the limit, and once each."""

import pytest
from sqlalchemy import select

from hotline.handoffs import jobs
from hotline.handoffs import service as handoffs
from hotline.unit_of_work import unit_of_work
from models import Notification, ReturnReason, Urgency, db
from tests.handoffs.house import accept, at, hand_off, make_house, set_ticket, wait


@pytest.fixture
def house(app, clock):
    house = make_house()
    hand_off(house)  # Monday 09:30: sign by 11:30, answer by next Monday 17:30
    return house


def heard(kind):
    found = select(Notification.user_id).where(Notification.dedupe_key.startswith(f"{kind}:"))
    return set(db.session.scalars(found))


def everybody(house):
    return {house.handler.id, house.head.id, house.supervisor.id}


def test_nobody_signs(house, clock):
    assert jobs.remind_departments_to_accept() == 0
    clock.advance(minutes=91)  # three quarters of two hours
    assert jobs.remind_departments_to_accept() == 1
    assert jobs.remind_departments_to_accept() == 0
    assert heard("remind_accept_soon") == {house.handler.id, house.head.id}
    assert heard("remind_accept_overdue") == set()

    clock.advance(minutes=30)
    assert jobs.remind_departments_to_accept() == 1
    assert jobs.remind_departments_to_accept() == 0
    assert heard("remind_accept_overdue") == {house.handler.id, house.head.id}
    assert heard("remind_accept_late") == set()

    clock.set(at("2026-11-16 14:00"))  # half of two working hours again, with lunch between
    assert jobs.remind_departments_to_accept() == 1
    assert jobs.remind_departments_to_accept() == 0
    assert heard("remind_accept_late") == everybody(house)


def test_after_a_long_outage_only_what_still_matters_is_told(house, clock):
    clock.set(at("2026-11-17 10:00"))
    assert jobs.remind_departments_to_accept() == 1
    assert heard("remind_accept_soon") == heard("remind_accept_overdue") == set()
    assert heard("remind_accept_late") == everybody(house)


def test_signed_in_time_nobody_is_reminded(house, clock):
    accept(house)
    clock.advance(hours=8)
    assert jobs.remind_departments_to_accept() == 0


def test_the_handler_is_reminded_at_three_quarters_and_at_the_limit(house, clock):
    accept(house)
    clock.set(at("2026-11-20 10:00"))
    assert jobs.remind_departments_to_answer() == 0
    clock.set(at("2026-11-20 16:00"))
    assert jobs.remind_departments_to_answer() == 1
    assert jobs.remind_departments_to_answer() == 0
    assert heard("remind_answer_soon") == {house.handler.id}

    clock.set(at("2026-11-23 20:00"))  # past the limit, but nobody works now
    assert jobs.remind_departments_to_answer() == 0
    clock.set(at("2026-11-24 08:31"))
    assert jobs.remind_departments_to_answer() == 1
    assert heard("remind_answer_overdue") == {house.handler.id, house.head.id}

    clock.set(at("2026-11-24 17:29"))
    assert jobs.remind_departments_to_answer() == 0
    clock.set(at("2026-11-25 08:30"))  # one working day after the limit, told at the next opening
    assert jobs.remind_departments_to_answer() == 1
    assert jobs.remind_departments_to_answer() == 0
    assert heard("remind_answer_late") == everybody(house)


def test_a_critical_matter_is_reminded_at_night(app, clock):
    house = make_house()
    set_ticket(house.ticket, urgency=Urgency.CRITICAL)
    clock.set(at("2026-11-21 22:00"))
    hand_off(house)
    clock.advance(minutes=95)
    assert jobs.remind_departments_to_answer() == 1


def test_while_it_waits_for_the_caller_nobody_is_reminded(house, clock):
    accept(house)
    wait(house, until=at("2026-11-20 17:30"), what="合同")
    clock.set(at("2026-11-20 16:00"))
    assert jobs.remind_departments_to_answer() == 0


def test_who_assists_is_reminded_too(house, clock):
    with unit_of_work():
        handoffs.ask_assist(
            house.ticket, house.women, actor=house.operator, at=clock.time, note="核实"
        )
    clock.set(at("2026-11-20 16:00"))
    jobs.remind_departments_to_answer()
    assert house.women_handler.id in heard("remind_answer_soon")


def test_a_return_that_nobody_decides_reaches_the_supervisors(house, clock):
    with unit_of_work():
        handoffs.ask_return(
            house.ticket,
            actor=house.handler,
            at=clock.time,
            reason=ReturnReason.NOT_OUR_AREA,
            basis="企业在外区",
        )
    clock.advance(minutes=119)
    assert jobs.remind_to_decide_returns() == 1
    assert heard("remind_return_soon") == {house.supervisor.id}  # nobody is on duty
    clock.advance(minutes=1)
    assert jobs.remind_to_decide_returns() == 1
    assert jobs.remind_to_decide_returns() == 0
    assert heard("remind_return_overdue") == {house.supervisor.id}


def test_decided_in_time_nobody_hears(house, clock):
    with unit_of_work():
        handoffs.ask_return(
            house.ticket,
            actor=house.handler,
            at=clock.time,
            reason=ReturnReason.NOT_OUR_AREA,
            basis="企业在外区",
        )
    with unit_of_work():
        handoffs.refuse_return(house.ticket, actor=house.operator, at=clock.time, reason="在本区")
    clock.advance(hours=3)
    assert jobs.remind_to_decide_returns() == 0

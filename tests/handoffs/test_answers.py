"""The department answers; the caller is owed to hear it, and an answer may come back."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from hotline.errors import Forbidden, Invalid, TransitionRefused
from hotline.handoffs import queries
from hotline.handoffs import service as handoffs
from hotline.unit_of_work import unit_of_work
from models import (
    Callback,
    CallbackEnd,
    CallbackKind,
    HandoffEnd,
    Role,
    TicketStatus,
    db,
)
from tests.handoffs.house import accept, answer, at, hand_off, make_house, put_on_duty, set_ticket
from tests.makers import make_user


@pytest.fixture
def house(app, clock):
    house = make_house()
    hand_off(house)
    return house


def debts():
    return db.session.scalars(select(Callback).order_by(Callback.id)).all()


def test_signed_and_answered_the_caller_is_owed_to_hear_it(house, clock):
    put_on_duty(house.operator, hours=48)
    clock.advance(hours=1)
    handoff = accept(house)
    assert (house.ticket.status, house.ticket.owner_id) == (TicketStatus.ACCEPTED, house.handler.id)
    assert (handoff.accepted_at, handoff.due_at) == (clock.time, handoff.handle_due_at)
    clock.advance(hours=1)

    answer(house, money_recovered_fen=1_250_000)

    ticket = house.ticket
    assert (ticket.status, ticket.department_id) == (TicketStatus.ANSWERED, None)
    assert (ticket.owner_id, ticket.money_recovered_fen) == (house.operator.id, 1_250_000)
    assert (handoff.end, handoff.answered_at) == (HandoffEnd.ANSWERED, clock.time)
    (debt,) = debts()
    assert (debt.kind, debt.owner_id, debt.words) == (
        CallbackKind.TELL,
        house.operator.id,
        "工资已补发",
    )
    assert debt.due_at == at("2026-11-17 17:30")


def test_off_duty_the_promise_is_the_pools(house):
    answer(house)
    assert house.ticket.owner_id is None
    assert debts()[0].owner_id is None


def test_answering_from_the_queue_signs_in_the_same_act(house, clock):
    clock.advance(minutes=30)
    handoff = answer(house)
    assert (handoff.accepted_at, handoff.answered_at) == (clock.time, clock.time)
    assert [event.kind for event in house.ticket.events][-3:-1] == ["accept", "answer"]


def test_when_the_department_told_the_caller_we_ask_whether_that_is_so(house, clock):
    clock.advance(hours=2)
    handoff = answer(
        house, told_at=clock.time - timedelta(minutes=20), told_number="13912345678", told_by="李梅"
    )
    (debt,) = debts()
    assert debt.kind is CallbackKind.FOLLOW_UP
    assert (handoff.told_caller_number, handoff.told_caller_by) == ("+8613912345678", "李梅")


def test_a_caller_without_a_number_is_promised_no_ring(app, clock):
    house = make_house(phone="anonymous")
    hand_off(house)
    answer(house)
    assert debts() == []


@pytest.mark.parametrize(
    ("what", "field"),
    [
        ({"report": " "}, "report"),
        ({"words": ""}, "words"),
        ({"is_solved": False}, "why_not_solved"),
        ({"told_at": at("2026-11-16 09:00"), "told_by": "李", "told_number": "139"}, "told_at"),
        ({"told_at": at("2026-11-17 09:00"), "told_by": "李", "told_number": "139"}, "told_at"),
        ({"told_at": at("2026-11-16 09:30")}, "told_by"),
        ({"told_at": at("2026-11-16 09:30"), "told_by": "李"}, "told_number"),
        ({"told_at": at("2026-11-16 09:30"), "told_by": "李", "told_number": "12"}, "told_number"),
        ({"money_recovered_fen": -1}, "money"),
    ],
)
def test_what_an_answer_must_say(house, what, field):
    with pytest.raises(Invalid) as refused:
        answer(house, **what)
    assert refused.value.field == field
    db.session.rollback()
    assert house.ticket.status is TicketStatus.QUEUED


def test_a_confidential_caller_is_told_by_the_hotline_only(house):
    set_ticket(house.ticket, is_confidential=True, safe_summary="反映欠薪")
    with pytest.raises(Invalid, match="hotline only"):
        answer(house, told_at=at("2026-11-16 09:30"), told_by="李", told_number="13912345678")


def test_another_department_may_not_answer(house):
    with pytest.raises(Forbidden):
        answer(house, by=house.women_handler)


def test_rework_is_a_new_round_for_the_same_people(house, clock):
    accept(house)
    first = answer(house)
    clock.advance(hours=1)

    with unit_of_work():
        second = handoffs.rework(
            house.ticket, actor=house.operator, at=clock.time, reason="来电人说没拿到钱"
        )

    assert (house.ticket.status, house.ticket.department_id, house.ticket.owner_id) == (
        TicketStatus.ACCEPTED,
        house.legal.id,
        house.handler.id,
    )
    assert (second.round, second.department_id, second.handler_id) == (
        2,
        first.department_id,
        house.handler.id,
    )
    assert second.due_at == at("2026-11-19 17:30")  # three working days
    assert second.note == "来电人说没拿到钱"
    assert debts()[0].end is CallbackEnd.NOT_NEEDED
    assert house.ticket.handoff_count == 1
    answer(house, words="工资已到账")
    assert [debt.words for debt in debts() if debt.ended_at is None] == ["工资已到账"]


def test_the_second_rework_is_a_supervisors_and_raises_it(house, clock):
    for turn in range(2):
        answer(house)
        assert house.ticket.is_supervised is False
        by = house.operator if turn == 0 else house.supervisor
        if turn:
            with pytest.raises(Forbidden), unit_of_work():
                handoffs.rework(house.ticket, actor=house.operator, at=clock.time, reason="还没")
        with unit_of_work():
            handoffs.rework(house.ticket, actor=by, at=clock.time, reason="还没有解决")
    assert house.ticket.is_supervised is True


def test_the_first_rework_may_be_a_reviewers(house, clock):
    reviewer = make_user(Role.REVIEWER)
    answer(house)
    with pytest.raises(TransitionRefused) as refused, unit_of_work():
        handoffs.rework(house.ticket, actor=reviewer, at=clock.time, reason="")
    assert refused.value.field == "reason"
    with unit_of_work():
        handoffs.rework(house.ticket, actor=reviewer, at=clock.time, reason="答非所问")
    assert queries.lead_of(house.ticket).round == 2


def test_a_handler_who_has_left_is_not_given_the_rework(house, clock):
    answer(house)
    with unit_of_work():
        house.handler.is_active = False
    with unit_of_work():
        handoffs.rework(house.ticket, actor=house.operator, at=clock.time, reason="没解决")
    assert house.ticket.owner_id is None
    with unit_of_work():
        handoffs.assign(house.ticket, house.head, actor=house.head, at=clock.time)
    assert queries.lead_of(house.ticket).handler_id == house.head.id


def test_the_head_names_who_works_on_it(house, clock):
    second = make_user(Role.HANDLER, department=house.legal)
    with unit_of_work():
        handoffs.assign(house.ticket, second, actor=house.head, at=clock.time)
    accept(house, by=house.head)
    assert (house.ticket.owner_id, queries.lead_of(house.ticket).handler_id) == (
        second.id,
        second.id,
    )
    with pytest.raises(Invalid), unit_of_work():
        handoffs.assign(house.ticket, house.women_handler, actor=house.head, at=clock.time)

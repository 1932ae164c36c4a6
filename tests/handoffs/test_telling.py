"""The caller knows who has the matter and by when; that date does not move untold."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from hotline.callbacks import service as callbacks
from hotline.errors import Invalid
from hotline.handoffs import jobs
from hotline.handoffs import service as handoffs
from hotline.unit_of_work import unit_of_work
from models import Callback, CallbackKind, Handoff, Outcome, db
from tests.handoffs.house import (
    House,
    accept,
    answer,
    at,
    hand_off,
    make_house,
    set_ticket,
    speak,
    suspend,
)


@pytest.fixture
def house(app, clock) -> House:
    clock.set(at("2026-11-16 09:30"))  # a Monday
    return make_house()


def debts() -> list[Callback]:
    return list(db.session.scalars(select(Callback).order_by(Callback.id)))


def reach(house: House, callback: Callback, when) -> None:
    with unit_of_work():
        callbacks.record_attempt(
            db.session.get_one(Callback, callback.id),
            outcome=Outcome.REACHED,
            actor=house.operator,
            at=when,
        )
    db.session.expire_all()


def recall(house: House, clock) -> None:
    with unit_of_work():
        handoffs.recall(house.ticket, actor=house.operator, at=clock.time, reason="转错部门")


def to_women(house: House, clock) -> Handoff:
    with unit_of_work():
        return handoffs.hand_off(house.ticket, house.women, actor=house.operator, at=clock.time)


def wait(house: House, clock, *, has_told: bool) -> None:
    with unit_of_work():
        handoffs.wait(
            house.ticket,
            actor=house.handler,
            at=clock.time,
            what="工资条照片",
            until=at("2026-11-18 17:30"),
            has_told=has_told,
        )


def test_on_the_line_the_sentence_is_said_and_its_date_is_the_promise(house, clock):
    speak(house.ticket)
    clock.advance(minutes=3)
    handoff = hand_off(house)
    assert handoff.said_at == clock.time
    assert house.ticket.promised_at == handoff.handle_due_at
    assert debts() == []


def test_long_after_the_call_nobody_was_told_and_nothing_is_promised(house, clock):
    speak(house.ticket)
    clock.advance(minutes=11)
    handoff = hand_off(house)
    assert "权益保障部" in handoff.sentence
    assert (handoff.said_at, house.ticket.promised_at) == (None, None)


def test_another_department_by_the_same_date_needs_no_new_word(house, clock):
    speak(house.ticket)
    hand_off(house)
    promised_at = house.ticket.promised_at
    recall(house, clock)
    clock.advance(minutes=20)
    handoff = to_women(house, clock)
    assert (handoff.said_at, house.ticket.promised_at) == (None, promised_at)
    assert debts() == []


def test_a_later_date_is_told_in_a_ring_and_is_the_promise_from_then_on(house, clock):
    speak(house.ticket)
    hand_off(house)
    first_promise = house.ticket.promised_at
    recall(house, clock)
    clock.advance(days=2)
    handoff = to_women(house, clock)

    (debt,) = debts()
    assert debt.kind is CallbackKind.TELL
    assert "改由" in debt.words
    assert "最迟11月25日（周三）下班前" in debt.words
    assert house.ticket.promised_at == first_promise
    reach(house, debt, clock.time)
    assert house.ticket.promised_at == handoff.handle_due_at > first_promise


def test_a_later_date_is_told_at_once_while_the_caller_is_on_the_line(house, clock):
    speak(house.ticket)
    hand_off(house)
    recall(house, clock)
    clock.advance(days=2)
    speak(house.ticket)
    handoff = to_women(house, clock)
    assert house.ticket.promised_at == handoff.handle_due_at
    assert debts() == []


def test_what_the_department_has_said_needs_no_ring_but_the_later_date_does(house, clock):
    speak(house.ticket)
    hand_off(house)
    first_promise = house.ticket.promised_at
    accept(house)
    wait(house, clock, has_told=True)
    assert debts() == []

    clock.set(at("2026-11-18 17:31"))
    assert jobs.end_waits_that_are_over() == 1
    (debt,) = debts()
    assert "比原来说的晚" in debt.words
    assert "11月26日" in debt.words
    assert house.ticket.promised_at == first_promise
    assert debt.new_date == due_of_the_department(house) > first_promise


def due_of_the_department(house: House):
    return db.session.scalars(select(Handoff.handle_due_at)).one()


def test_what_the_department_has_not_said_the_hotline_says(house, clock):
    hand_off(house)
    accept(house)
    wait(house, clock, has_told=False)
    (debt,) = debts()
    assert "请补充：工资条照片" in debt.words


def test_of_a_confidential_ticket_only_the_hotline_says_it(house, clock):
    set_ticket(house.ticket, is_confidential=True, safe_summary="一名职工反映欠薪")
    hand_off(house)
    accept(house)
    wait(house, clock, has_told=True)
    (debt,) = debts()
    assert "请补充：工资条照片" in debt.words


def test_nobody_waits_for_a_caller_whom_nobody_can_tell(app, clock):
    house = make_house(phone="anonymous")
    hand_off(house)
    accept(house)
    with pytest.raises(Invalid, match="no number") as refusal:
        wait(house, clock, has_told=False)
    assert refusal.value.field == "has_told"
    assert house.ticket.waiting_since_at is None


def test_after_a_suspension_the_later_date_is_told(house, clock):
    speak(house.ticket)
    hand_off(house)
    accept(house)
    suspend(house)
    (debt,) = debts()
    assert "目前还不能解决" in debt.words
    reach(house, debt, clock.time + timedelta(hours=1))

    clock.set(at("2026-12-01 09:00"))
    with unit_of_work():
        handoffs.resume(house.ticket, actor=house.supervisor, at=clock.time)
    assert "比原来说的晚" in debts()[-1].words
    assert debts()[-1].new_date == due_of_the_department(house)


def test_the_answer_itself_is_told_instead_of_a_later_date(house, clock):
    speak(house.ticket)
    hand_off(house)
    accept(house)
    wait(house, clock, has_told=True)
    clock.set(at("2026-11-18 17:31"))
    jobs.end_waits_that_are_over()
    answer(house, words="工资已补发")
    (debt,) = debts()
    assert (debt.words, debt.new_date) == ("工资已补发", None)


def rework(house: House, clock) -> Handoff:
    with unit_of_work():
        return handoffs.rework(
            house.ticket, actor=house.operator, at=clock.time, reason="嫌日期太晚"
        )


def test_sent_back_while_the_caller_is_on_the_line_the_new_date_is_the_promise(house, clock):
    speak(house.ticket)
    hand_off(house)
    clock.advance(days=4)
    answer(house)
    speak(house.ticket)
    again = rework(house, clock)
    assert again.sentence == "已请权益保障部重新办理，最迟11月25日（周三）下班前再答复您。"
    assert again.said_at == clock.time
    assert house.ticket.promised_at == again.handle_due_at
    assert [debt for debt in debts() if debt.ended_at is None] == []


def test_sent_back_later_a_date_beyond_the_promise_is_told(house, clock):
    speak(house.ticket)
    hand_off(house)
    clock.advance(days=4)
    answer(house)
    again = rework(house, clock)
    assert again.said_at is None
    (debt,) = [debt for debt in debts() if debt.ended_at is None]
    assert (debt.kind, debt.new_date) == (CallbackKind.TELL, again.handle_due_at)
    assert "继续办理" in debt.words

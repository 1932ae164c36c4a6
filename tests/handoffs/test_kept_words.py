"""What was said to the caller goes along where a ticket is merged; a date takes nothing with it."""

import pytest
from sqlalchemy import select

from hotline.callbacks import service as callbacks
from hotline.feedback import service as feedback
from hotline.handoffs import service as handoffs
from hotline.unit_of_work import unit_of_work
from models import Callback, CallbackKind, Ticket, db
from tests.handoffs.house import accept, answer, at, hand_off, make_house, set_ticket, speak, wait
from tests.makers import make_ticket

UNTIL = at("2026-11-26 17:30")
TOLD = at("2026-11-23 17:30")


@pytest.fixture
def house(app, clock):
    clock.set(at("2026-11-16 09:30"))
    house = make_house()
    speak(house.ticket)
    hand_off(house)  # and told: by the 23rd
    return house


def extend(house, clock):
    with unit_of_work():
        handoffs.ask_extension(
            house.ticket, actor=house.handler, at=clock.time, until=UNTIL, reason="调取流水"
        )
    with unit_of_work():
        handoffs.grant_extension(house.ticket, actor=house.supervisor, at=clock.time)


def recall(house, clock):
    with unit_of_work():
        handoffs.recall(house.ticket, actor=house.operator, at=clock.time, reason="转错部门")


def other_matter(house, clock):
    """Two days later the same caller rings about it anew: women answer by the 25th."""
    clock.advance(days=2)
    other = make_ticket(operator=house.operator, category=house.ticket.category)
    set_ticket(other, caller_id=house.ticket.caller_id)
    with unit_of_work():
        handoffs.hand_off(other, house.women, actor=house.operator, at=clock.time)
    return other


def merge(house, other, clock):
    with unit_of_work():
        feedback.merge(house.ticket, other, actor=house.operator, at=clock.time)
    db.session.expire_all()
    return db.session.get_one(Ticket, other.id).promised_at


def owed() -> dict[CallbackKind, Callback]:
    db.session.expire_all()
    rings = db.session.scalars(select(Callback).where(Callback.ended_at.is_(None)))
    return {ring.kind: ring for ring in rings}


def test_merged_the_date_that_was_told_stands_and_a_later_one_is_told(house, clock):
    other = other_matter(house, clock)
    assert merge(house, other, clock) == TOLD
    assert owed()[CallbackKind.TELL].new_date == at("2026-11-25 17:30")


def test_the_date_that_was_told_about_the_other_matter_stands(house, clock):
    other = other_matter(house, clock)
    set_ticket(other, promised_at=at("2026-11-25 17:30"))
    extend(house, clock)
    assert merge(house, other, clock) == at("2026-11-25 17:30")
    assert owed() == {}


def test_while_the_other_matter_waits_nobody_is_rung_for_its_date(house, clock):
    other = other_matter(house, clock)
    with unit_of_work():
        handoffs.accept(other, actor=house.women_handler, at=clock.time)
        handoffs.wait(
            other,
            actor=house.women_handler,
            at=clock.time,
            what="工资条",
            until=at("2026-11-20 17:30"),
            has_told=True,
        )
    assert merge(house, other, clock) == TOLD
    assert owed() == {}


def test_a_word_that_was_kept_is_no_debt_of_the_other_matter(house, clock):
    answer(house)
    other = other_matter(house, clock)
    assert merge(house, other, clock) is None
    assert owed()[CallbackKind.TELL].new_date is None


def test_taken_back_what_else_was_to_be_said_is_still_said(house, clock):
    with unit_of_work():
        callbacks.promise(house.ticket, CallbackKind.TELL, at=clock.time, words="请补充合同。")
    recall(house, clock)
    assert owed()[CallbackKind.TELL].words == "请补充合同。"


def test_who_was_in_danger_is_rung_whatever_becomes_of_a_date(house, clock):
    with unit_of_work():
        callbacks.promise(house.ticket, CallbackKind.SAFETY, at=clock.time)
    extend(house, clock)
    assert set(owed()) == {CallbackKind.SAFETY, CallbackKind.TELL}
    speak(house.ticket)
    with unit_of_work():
        handoffs.tell_date(house.ticket, actor=house.operator, at=clock.time)
    assert set(owed()) == {CallbackKind.SAFETY}


def test_nor_when_its_department_has_it_no_longer(house, clock):
    with unit_of_work():
        callbacks.promise(house.ticket, CallbackKind.SAFETY, at=clock.time)
    extend(house, clock)
    recall(house, clock)
    assert set(owed()) == {CallbackKind.SAFETY}


def test_a_word_of_progress_with_the_old_date_gives_way_to_the_new_one(house, clock):
    with unit_of_work():
        callbacks.promise(
            house.ticket, CallbackKind.TELL, at=clock.time, words="仍在办理，最迟11月23日答复。"
        )
    extend(house, clock)
    words = owed()[CallbackKind.TELL].words
    assert (words.count("最迟"), "11月26日" in words) == (1, True)


def test_while_it_waits_a_date_takes_the_place_of_an_earlier_one(house, clock):
    recall(house, clock)
    clock.advance(days=1)
    hand_off(house)  # by the 24th: the caller is to be told
    accept(house)
    with unit_of_work():
        handoffs.ask_extension(
            house.ticket, actor=house.handler, at=clock.time, until=UNTIL, reason="调取流水"
        )
    wait(house, until=at("2026-11-18 17:30"))
    with unit_of_work():
        handoffs.grant_extension(house.ticket, actor=house.supervisor, at=clock.time)
    assert owed()[CallbackKind.TELL].words.count("最迟") == 1


def test_who_rings_in_hears_the_later_date_of_the_next_department_too(house, clock):
    recall(house, clock)
    clock.advance(days=1)
    hand_off(house)
    assert owed()[CallbackKind.TELL].new_date == at("2026-11-24 17:30")
    speak(house.ticket)
    with unit_of_work():
        handoffs.tell_date(house.ticket, actor=house.operator, at=clock.time)
    assert owed() == {}
    assert db.session.get_one(Ticket, house.ticket.id).promised_at == at("2026-11-24 17:30")

"""A matter becomes more urgent, or less: its limit follows, and no promised date moves untold."""

import pytest
from sqlalchemy import select

from hotline.handoffs import service as handoffs
from hotline.handoffs.moves import Why
from hotline.unit_of_work import unit_of_work
from models import Callback, Handoff, Ticket, Urgency, db
from tests.handoffs.house import accept, at, hand_off, make_house, set_ticket, speak, wait

LIMIT = "2026-11-23 17:30"


@pytest.fixture
def house(app, clock):
    clock.set(at("2026-11-16 09:30"))  # a Monday; ordinary: by next Monday, close of business
    house = make_house()
    speak(house.ticket)
    return house


def become(house, clock, urgency):
    ticket = db.session.get_one(Ticket, house.ticket.id)
    before = ticket.urgency
    with unit_of_work():
        ticket.urgency = urgency
        handoffs.follow_urgency(ticket, before, at=clock.time)
    db.session.expire_all()
    return db.session.scalars(select(Handoff).where(Handoff.ended_at.is_(None))).one()


def owed():
    return list(db.session.scalars(select(Callback).where(Callback.ended_at.is_(None))))


def test_more_urgent_it_has_the_nearer_limit_from_then_on(house, clock):
    hand_off(house)
    clock.set(at("2026-11-17 10:00"))
    handoff = become(house, clock, Urgency.URGENT)
    assert handoff.handle_due_at == at("2026-11-18 17:30")
    (step,) = handoff.moves
    assert (step["why"], step["amount"], step["unit"]) == (Why.HASTEN, 1, "working_days")
    assert owed() == []


def test_less_urgent_again_it_gets_back_what_the_urgency_took(house, clock):
    hand_off(house)
    clock.set(at("2026-11-17 10:00"))
    become(house, clock, Urgency.CRITICAL)
    handoff = become(house, clock, Urgency.NORMAL)
    assert handoff.handle_due_at == at(LIMIT)
    assert [step["why"] for step in handoff.moves] == [Why.HASTEN, Why.EASE]
    assert owed() == []


def test_in_the_queue_the_time_to_accept_comes_back_too(house, clock):
    before = hand_off(house).accept_due_at
    assert before == at("2026-11-16 11:30")
    clock.set(at("2026-11-16 09:20"))
    with unit_of_work():
        house.ticket.urgency = Urgency.CRITICAL
        handoffs.follow_urgency(house.ticket, Urgency.NORMAL, at=clock.time)
    hastened = db.session.scalars(select(Handoff)).one()
    assert hastened.accept_due_at == hastened.handle_due_at == at("2026-11-16 11:20")
    assert become(house, clock, Urgency.NORMAL).accept_due_at == before


def test_what_is_late_already_stays_late(house, clock):
    hand_off(house)
    become(house, clock, Urgency.CRITICAL)
    clock.set(at("2026-11-16 11:31"))
    handoff = become(house, clock, Urgency.NORMAL)
    assert handoff.handle_due_at == at("2026-11-16 11:30")


def test_an_extension_is_not_lost_by_a_while_of_urgency(house, clock):
    hand_off(house)
    with unit_of_work():
        handoffs.ask_extension(
            house.ticket,
            actor=house.handler,
            at=clock.time,
            until=at("2026-11-26 17:30"),
            reason="调取流水",
        )
    with unit_of_work():
        handoffs.grant_extension(house.ticket, actor=house.supervisor, at=clock.time)
    (ring,) = owed()
    assert ring.new_date == at("2026-11-26 17:30")
    become(house, clock, Urgency.URGENT)
    assert owed() == []  # the date that was promised holds again
    assert become(house, clock, Urgency.NORMAL).handle_due_at == at("2026-11-26 17:30")
    (ring,) = owed()
    assert ring.new_date == at("2026-11-26 17:30")


def test_no_later_limit_without_a_word_to_the_caller(house, clock):
    set_ticket(house.ticket, urgency=Urgency.URGENT)
    hand_off(house)
    assert house.ticket.promised_at == at("2026-11-17 17:30")
    become(house, clock, Urgency.NORMAL)
    (ring,) = owed()
    assert ring.new_date == at(LIMIT)
    assert db.session.get_one(Ticket, house.ticket.id).promised_at == at("2026-11-17 17:30")


def test_while_the_clock_stands_still_the_nearer_limit_begins_when_it_goes_on(house, clock):
    hand_off(house)
    accept(house)
    wait(house, until=at("2026-11-18 17:30"), what="工资条照片")
    become(house, clock, Urgency.URGENT)
    clock.set(at("2026-11-17 09:30"))
    with unit_of_work():
        handoffs.end_wait(
            db.session.get_one(Ticket, house.ticket.id), actor=house.handler, at=clock.time
        )
    handoff = db.session.scalars(select(Handoff)).one()
    assert handoff.handle_due_at == at("2026-11-18 17:30")

"""A matter becomes more urgent, or less: its limit follows, and no promised date moves untold."""

import pytest
from sqlalchemy import select

from hotline.handoffs import service as handoffs
from hotline.handoffs.moves import Why
from hotline.sla import policies
from hotline.unit_of_work import unit_of_work
from models import Callback, Handoff, Role, Ticket, Urgency, db
from tests.handoffs.house import accept, at, hand_off, make_house, set_ticket, speak, wait
from tests.makers import make_user

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


def follow_policy(clock, **values):
    boss = make_user(Role.ADMINISTRATOR)
    with unit_of_work():
        policies.set_values(values, actor=boss, at=clock.time)


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


@pytest.mark.parametrize("urgency", [Urgency.NORMAL, Urgency.CRITICAL])
def test_nobody_has_longer_to_accept_than_to_answer(house, clock, urgency):
    follow_policy(clock, accept_minutes=2400, handle_ordinary_days=1)
    set_ticket(house.ticket, urgency=urgency)
    handoff = hand_off(house)
    assert handoff.accept_due_at == handoff.handle_due_at
    become(house, clock, Urgency.CRITICAL)
    eased = become(house, clock, Urgency.NORMAL)
    assert eased.accept_due_at == eased.handle_due_at == eased.due_at == at("2026-11-17 17:30")


def test_more_urgent_it_has_never_longer_than_before(house, clock):
    follow_policy(clock, handle_ordinary_days=1)
    hand_off(house)
    clock.set(at("2026-11-17 10:00"))
    handoff = become(house, clock, Urgency.URGENT)
    assert (handoff.handle_due_at, handoff.moves) == (at("2026-11-17 17:30"), [])


def test_less_urgent_after_a_pause_it_gets_the_pause_back_too(house, clock):
    hand_off(house)
    accept(house)
    wait(house, until=at("2026-11-18 17:30"))
    clock.set(at("2026-11-17 10:30"))  # a working day and an hour
    with unit_of_work():
        handoffs.end_wait(house.ticket, actor=house.handler, at=clock.time)
    become(house, clock, Urgency.CRITICAL)
    assert become(house, clock, Urgency.NORMAL).handle_due_at == at("2026-11-25 09:30")


def test_at_the_minute_of_the_limit_it_is_not_late(house, clock):
    hand_off(house)
    become(house, clock, Urgency.CRITICAL)
    clock.set(at("2026-11-16 11:30"))
    assert become(house, clock, Urgency.NORMAL).handle_due_at == at(LIMIT)


def test_while_the_clock_stands_still_nothing_is_late(house, clock):
    hand_off(house)
    accept(house)
    become(house, clock, Urgency.CRITICAL)
    wait(house, until=at("2026-11-18 17:30"))
    clock.set(at("2026-11-16 14:00"))
    assert become(house, clock, Urgency.NORMAL).handle_due_at == at(LIMIT)


def test_what_was_not_accepted_in_time_stays_so(house, clock):
    follow_policy(clock, accept_minutes=60)
    set_ticket(house.ticket, urgency=Urgency.CRITICAL)
    hand_off(house)
    clock.set(at("2026-11-16 11:00"))
    follow_policy(clock, accept_minutes=240)
    eased = become(house, clock, Urgency.NORMAL)
    assert (eased.accept_due_at, eased.handle_due_at) == (at("2026-11-16 10:30"), at(LIMIT))


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

"""What more time does to a limit beside what else moves it: pauses, levels, lists by the limit."""

import pytest
from sqlalchemy import select

from hotline.errors import Invalid, TransitionRefused
from hotline.handoffs import queries
from hotline.handoffs import service as handoffs
from hotline.unit_of_work import unit_of_work
from models import Extension, Handoff, Level, Urgency, db
from tests.handoffs.house import accept, at, hand_off, make_house, wait

ASKED = "2026-11-26 17:30"


@pytest.fixture
def house(app, clock):
    clock.set(at("2026-11-16 09:30"))  # a Monday; five working days: until the 23rd
    house = make_house()
    hand_off(house)
    accept(house)
    return house


def ask(house, clock, level=None):
    how = {"actor": house.handler, "at": clock.time, "reason": "调取流水"}
    with unit_of_work():
        if level is None:
            handoffs.ask_extension(house.ticket, until=at(ASKED), **how)
        else:
            handoffs.ask_level(house.ticket, level=level, **how)


def grant(house, clock):
    with unit_of_work():
        handoffs.grant_extension(house.ticket, actor=house.supervisor, at=clock.time)


def stand_still_for_a_day(house, clock):
    wait(house, until=at("2026-11-18 17:30"))
    clock.advance(days=1)
    with unit_of_work():
        handoffs.end_wait(house.ticket, actor=house.handler, at=clock.time)


def running() -> Handoff:
    db.session.expire_all()
    return db.session.scalars(select(Handoff)).one()


def test_the_lists_follow_the_new_limit_at_once(house, clock):
    ask(house, clock)
    grant(house, clock)
    clock.set(at("2026-11-24 09:00"))
    assert queries.overdue(house.supervisor, clock.time).handoffs == []
    assert running().due_at == at(ASKED)


def test_a_pause_after_the_decision_leaves_what_was_asked_for_as_it_was(house, clock):
    ask(house, clock)
    grant(house, clock)
    stand_still_for_a_day(house, clock)
    assert running().handle_due_at == at("2026-11-27 17:30")
    assert db.session.scalars(select(Extension.until_at)).one() == at(ASKED)


def test_a_pause_while_a_level_is_asked_for_moves_the_limit_and_that_of_the_level(house, clock):
    ask(house, clock, Level.DIFFICULT)
    stand_still_for_a_day(house, clock)
    assert running().handle_due_at == at("2026-11-24 17:30")
    grant(house, clock)
    assert running().handle_due_at == at("2026-12-08 17:30")  # a day after the 7th


def test_a_level_that_gives_no_more_time_any_more_is_not_granted(house, clock):
    ask(house, clock, Level.DIFFICULT)
    with unit_of_work():
        house.ticket.urgency = Urgency.URGENT
        handoffs.follow_urgency(house.ticket, Urgency.NORMAL, at=clock.time)
    with pytest.raises(TransitionRefused, match="no more time"):
        grant(house, clock)
    with unit_of_work():
        handoffs.refuse_extension(
            house.ticket, actor=house.supervisor, at=clock.time, reason="紧急"
        )
    assert running().handle_due_at == at("2026-11-17 17:30")


def test_asked_in_the_minute_of_the_limit_and_granted_before_the_minute_asked_for(house, clock):
    clock.set(at("2026-11-23 17:30"))
    ask(house, clock)
    clock.set(at(ASKED))
    with pytest.raises(Invalid, match="over as well"):
        grant(house, clock)


def test_after_a_later_day_a_level_still_gives_its_longer_limit(house, clock):
    ask(house, clock)
    grant(house, clock)
    ask(house, clock, Level.DIFFICULT)
    grant(house, clock)
    assert running().handle_due_at == at("2026-12-07 17:30")

"""A sweep owes the caller each granted date that nothing tells; what needs no ring gets none."""

from datetime import date

import pytest
from sqlalchemy import func, select

from hotline.calendars import service as calendars
from hotline.callbacks import service as callbacks
from hotline.handoffs import calendar_change, new_dates
from hotline.handoffs import service as handoffs
from hotline.handoffs.extension_jobs import owe_dates_nobody_tells
from hotline.unit_of_work import unit_of_work
from models import Callback, CallbackEnd, CallbackKind, Handoff, Ticket, TicketEvent, db
from tests.handoffs.house import accept, at, hand_off, make_house, speak, wait

UNTIL = at("2026-11-26 17:30")


@pytest.fixture
def house(app, clock):
    return make_house()


def extend(house, clock):
    """More time is granted, and the ring that was to tell it gets lost."""
    with unit_of_work():
        handoffs.ask_extension(
            house.ticket, actor=house.handler, at=clock.time, until=UNTIL, reason="调取流水"
        )
    with unit_of_work():
        handoffs.grant_extension(house.ticket, actor=house.supervisor, at=clock.time)
        callbacks.settle(house.ticket, at=clock.time, end=CallbackEnd.NOT_NEEDED)


def owed() -> dict[CallbackKind, object]:
    db.session.expire_all()
    rings = db.session.scalars(select(Callback).where(Callback.ended_at.is_(None)))
    return {ring.kind: ring.new_date for ring in rings}


def test_a_ring_about_something_else_does_not_tell_it(house, clock):
    speak(house.ticket)
    hand_off(house)
    extend(house, clock)
    with unit_of_work():
        callbacks.promise(house.ticket, CallbackKind.RETURN_CALL, at=clock.time)
    assert owe_dates_nobody_tells() == 1
    assert owed() == {CallbackKind.RETURN_CALL: None, CallbackKind.TELL: UNTIL}


def test_who_was_told_no_date_before_is_rung_as_well(house, clock):
    hand_off(house)  # nobody was on the line
    extend(house, clock)
    assert owe_dates_nobody_tells() == 1
    assert owed() == {CallbackKind.TELL: UNTIL}


def told_meanwhile(house):
    house.ticket.promised_at = UNTIL


def number_lost(house):
    house.ticket.callback_number = ""


def owed_meanwhile(house):
    handoff = db.session.scalars(select(Handoff)).one()
    assert new_dates.owe_again(handoff, at=handoff.handed_off_at)


@pytest.mark.parametrize("happens", [told_meanwhile, number_lost, owed_meanwhile])
def test_what_changed_since_the_sweep_looked_is_seen(house, clock, happens):
    speak(house.ticket)
    hand_off(house)
    extend(house, clock)
    with unit_of_work():
        happens(house)
    before, told = owed(), db.session.scalars(select(func.count(TicketEvent.id))).one()
    with unit_of_work():
        handoff = db.session.scalars(select(Handoff)).one()
        assert not new_dates.owe_again(handoff, at=clock.time)
    assert owed() == before
    assert db.session.scalars(select(func.count(TicketEvent.id))).one() == told


def test_the_promise_is_the_date_that_was_read_out_although_it_has_moved_since(house, clock):
    speak(house.ticket)
    hand_off(house)
    accept(house)
    with unit_of_work():
        handoffs.ask_extension(
            house.ticket, actor=house.handler, at=clock.time, until=UNTIL, reason="调取流水"
        )
    wait(house, until=at("2026-11-18 17:30"))
    with unit_of_work():
        handoffs.grant_extension(house.ticket, actor=house.supervisor, at=clock.time)
    (read_out,) = owed().values()
    with unit_of_work():
        before = calendar_change.begin()
        calendars.set_special_day(
            date(2026, 11, 25), is_working=False, actor=house.supervisor, at=clock.time
        )
        calendar_change.follow(before, actor=house.supervisor, at=clock.time)
    assert new_dates.untold(house.ticket, db.session.scalars(select(Handoff)).one())
    speak(house.ticket)
    with unit_of_work():
        handoffs.tell_date(house.ticket, actor=house.operator, at=clock.time)
    told = db.session.scalars(select(TicketEvent).where(TicketEvent.kind == "tell_date")).one()
    assert told.data["until"] == read_out.isoformat()
    assert db.session.get_one(Ticket, house.ticket.id).promised_at == read_out


def test_what_was_taken_back_meanwhile_has_no_date_to_tell(house, clock):
    speak(house.ticket)
    hand_off(house)
    extend(house, clock)
    handoff = db.session.scalars(select(Handoff)).one()
    assert new_dates.untold(house.ticket, handoff)
    with unit_of_work():
        handoffs.recall(house.ticket, actor=house.operator, at=clock.time, reason="转错部门")
    with unit_of_work():
        assert not new_dates.owe_again(handoff, at=clock.time)
    assert owed() == {}

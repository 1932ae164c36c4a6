"""The clocks on the audit sheet: what counted so far, stood still, ended undone; who signed."""

from datetime import timedelta

import pytest
from flask import g
from sqlalchemy import select

from hotline.callbacks import service as callbacks
from hotline.handoffs import service as handoffs
from hotline.tickets import sheet_pages
from hotline.tickets.sheet import Verdict
from hotline.unit_of_work import unit_of_work
from models import CallbackEnd, CallbackKind, Handoff, Level, Outcome, db
from tests.handoffs.house import accept, answer, at, hand_off, make_house, wait

HALF_AN_HOUR = timedelta(minutes=30)


@pytest.fixture
def house(app, clock):
    house = make_house()
    with app.test_request_context("/"):
        g.user = house.operator
        yield house


def clocks(clock, handoff=None):
    """Of each limit: how it is kept, what counted of it, what stood still."""
    handoff = handoff or db.session.scalars(select(Handoff).order_by(Handoff.id.desc())).first()
    found = sheet_pages.clocks_of(handoff, clock.time)
    return [(one.kept.verdict, one.spent, one.stood_still) for one in found]


def promise(house, clock, due):
    with unit_of_work():
        return callbacks.promise(
            house.ticket, CallbackKind.TELL, at=clock.time, owner=house.operator, due_at=at(due)
        )


def ring(house, clock, owed, outcome):
    with unit_of_work():
        callbacks.record_attempt(owed, outcome, actor=house.operator, at=clock.time)


def test_what_stands_still_is_taken_out_while_it_does_and_afterwards(house, clock):
    hand_off(house)
    accept(house)
    clock.set(at("2026-11-16 10:00"))
    wait(house, until=at("2026-11-18 17:30"))
    clock.set(at("2026-11-16 11:00"))
    assert clocks(clock)[1] == (Verdict.STANDS, HALF_AN_HOUR, 2 * HALF_AN_HOUR)
    clock.set(at("2026-11-16 11:30"))
    with unit_of_work():
        handoffs.end_wait(house.ticket, actor=house.handler, at=clock.time)
    clock.set(at("2026-11-16 12:00"))
    assert clocks(clock)[1] == (Verdict.RUNNING, 2 * HALF_AN_HOUR, 3 * HALF_AN_HOUR)


def test_who_assists_and_who_does_it_again_has_nothing_to_accept(house, clock):
    hand_off(house)
    with unit_of_work():
        assist = handoffs.ask_assist(
            house.ticket, house.women, actor=house.operator, at=clock.time, note="请核实"
        )
    assert len(clocks(clock, assist)) == 1
    answer(house)
    with unit_of_work():
        again = handoffs.rework(house.ticket, actor=house.operator, at=clock.time, reason="再查")
    assert len(clocks(clock, again)) == 1


def test_what_was_taken_back_before_anybody_accepted_is_over_and_not_late(house, clock):
    hand_off(house)
    clock.set(at("2026-11-16 10:00"))
    with unit_of_work():
        handoffs.recall(house.ticket, actor=house.operator, at=clock.time, reason="转错")
    clock.set(at("2026-11-30 10:00"))
    (accepting, _answering) = clocks(clock)
    assert accepting == (Verdict.OVER, None, timedelta(0))


def test_a_ring_is_judged_by_the_first_promise_however_often_it_was_tried(house, clock):
    owed = promise(house, clock, "2026-11-16 11:30")
    clock.set(at("2026-11-16 14:00"))
    ring(house, clock, owed, Outcome.NO_ANSWER)
    assert owed.due_at > owed.first_due_at
    clock.set(owed.due_at)
    ring(house, clock, owed, Outcome.REACHED)
    row = sheet_pages.promise_of(owed, clock.time)
    assert row.kept.due_at == at("2026-11-16 11:30")
    assert (row.kept.verdict, row.kept.late_by) == (Verdict.LATE, 5 * HALF_AN_HOUR)
    assert row.spent == timedelta(seconds=owed.told_seconds) > timedelta(seconds=owed.ring_seconds)


def test_more_time_names_who_asked_and_who_decided_and_how(house, clock):
    hand_off(house)
    how = {"actor": house.handler, "at": clock.time, "reason": "调取流水"}
    with unit_of_work():
        handoffs.ask_extension(house.ticket, until=at("2026-11-26 17:30"), **how)
        handoffs.refuse_extension(
            house.ticket, actor=house.supervisor, at=clock.time, reason="来得及"
        )
        handoffs.ask_level(house.ticket, level=Level.DIFFICULT, **how)
        handoffs.grant_extension(house.ticket, actor=house.supervisor, at=clock.time)
    handoff = db.session.scalars(select(Handoff)).one()
    refused, granted = sheet_pages.signatures_of([handoff], [], [], {})
    for signature in (refused, granted):
        assert signature.asked_by == house.handler.display_name
        assert signature.signed_by == house.supervisor.display_name
        assert signature.at == clock.time
    assert "驳回" in refused.what
    assert "驳回" not in granted.what


def test_a_ring_that_was_not_needed_was_not_kept(house, clock):
    owed = promise(house, clock, "2026-11-16 11:30")
    with unit_of_work():
        callbacks.settle(house.ticket, at=clock.time, end=CallbackEnd.NOT_NEEDED)
    row = sheet_pages.promise_of(owed, clock.time)
    assert (row.kept.verdict, row.kept.done_at) == (Verdict.OVER, None)

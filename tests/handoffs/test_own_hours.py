"""A department with hours of its own: its limits, warnings and measures run in them alone."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from hotline.calendars import service as calendars
from hotline.calendars.chinese import ZONE
from hotline.handoffs import jobs, returns
from hotline.handoffs import service as handoffs
from hotline.tickets import holds
from hotline.unit_of_work import unit_of_work
from models import CalendarKind, Handoff, ReturnReason, Role, db
from tests.handoffs.house import accept, answer, at, hand_off, make_house, wait
from tests.makers import make_user

TEN_TO_EIGHT = (((600, 1200),),) * 5 + ((), ())  # no lunch, and open when the house is closed


@pytest.fixture
def house(app, clock):
    house = make_house()
    boss = make_user(Role.ADMINISTRATOR)
    with unit_of_work():
        calendars.set_opening_hours(
            CalendarKind.BUSINESS, TEN_TO_EIGHT, department=house.legal, actor=boss, at=clock()
        )
    hand_off(house)  # Monday 09:30
    return house


def running():
    db.session.expire_all()
    return db.session.scalars(select(Handoff)).one()


def test_its_limits_end_in_its_hours(house):
    handoff = running()
    assert handoff.accept_due_at == at("2026-11-16 12:00")
    assert handoff.handle_due_at == at("2026-11-23 20:00")
    assert returns.may_ask(handoff, at("2026-11-16 14:00"))
    assert not returns.may_ask(handoff, at("2026-11-16 14:01"))


def test_it_is_warned_and_escalated_in_its_hours_also_over_lunch_in_the_house(house, clock):
    told = []
    while clock.time < at("2026-11-16 13:00"):
        clock.advance(minutes=5)
        if jobs.remind_departments_to_accept():
            told.append(f"{clock.time.astimezone(ZONE):%H:%M}")
    assert told == ["11:30", "12:00", "13:00"]


@pytest.mark.parametrize(
    ("asked", "when"),
    [
        ("10:30", ["13:30", "14:00"]),  # three quarters have passed at noon, as lunch begins
        ("13:00", ["15:00", "15:30"]),  # over lunch
    ],
)
def test_what_it_asks_of_the_hotline_runs_in_the_hours_of_the_house(house, clock, asked, when):
    clock.set(at(f"2026-11-16 {asked}"))
    with unit_of_work():
        handoffs.ask_return(
            house.ticket,
            actor=house.handler,
            at=clock.time,
            reason=ReturnReason.NOT_OUR_DUTY,
            basis="三定方案",
        )
    told = []
    while clock.time < at("2026-11-16 15:45"):
        clock.advance(minutes=5)
        if jobs.remind_to_decide_returns():
            told.append(f"{clock.time.astimezone(ZONE):%H:%M}")
    assert told == when


def test_the_ledger_counts_its_share_in_its_hours_while_it_has_it_and_afterwards(house, clock):
    clock.set(at("2026-11-16 13:00"))
    while_it_has_it = holds.spent(holds.of(house.ticket.id), clock.time)
    answer(house)
    afterwards = holds.spent(holds.of(house.ticket.id), clock.time)
    for ledger in (while_it_has_it, afterwards):
        (mine,) = (one for one in ledger if one.party[1] == house.legal.id)
        assert (mine.wall, mine.business) == (timedelta(hours=3.5), timedelta(hours=3))


def test_what_it_spent_and_what_stood_still_is_measured_in_its_hours(house, clock):
    clock.set(at("2026-11-16 13:30"))
    accept(house)
    assert running().accept_seconds == 3.5 * 3600
    wait(house, until=at("2026-11-23 20:00"))  # five days of its own
    clock.set(at("2026-11-17 11:00"))
    with unit_of_work():
        handoffs.end_wait(house.ticket, actor=house.handler, at=clock.time)
    assert running().handle_due_at == at("2026-11-24 17:30")  # seven and a half hours later
    clock.set(at("2026-11-17 12:00"))
    answer(house)
    assert running().handle_seconds == 4.5 * 3600

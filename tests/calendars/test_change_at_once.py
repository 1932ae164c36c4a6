"""A limit is reckoned in the same moment in which an administrator changes the calendar: on
PostgreSQL, where the one does not see what the other has not committed yet."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from hotline.callbacks import service as callbacks
from hotline.handoffs import service as handoffs
from hotline.unit_of_work import unit_of_work
from models import Callback, CallbackKind, Department, Handoff, Role, Ticket, TicketEvent, User, db
from tests.handoffs.house import at, make_house
from tests.makers import make_user

TOMORROW = {"on": "2026-11-17", "is_working": "no", "hours": "", "name": "停电"}


@pytest.fixture
def house(app, clock):
    clock.set(at("2026-11-16 09:30"))  # a Monday
    return make_house()


def close_tomorrow(browser):
    return lambda: browser.post("/special-days", data=TOMORROW)


def moved():
    return db.session.scalars(
        sa.select(TicketEvent).where(TicketEvent.kind == "new_calendar")
    ).all()


def test_a_hand_off_in_the_same_moment_follows_the_new_calendar(house, meanwhile, clock, sign_in):
    administrator = sign_in(make_user(Role.ADMINISTRATOR))
    ticket, legal, operator, now = house.ticket.id, house.legal.id, house.operator.id, clock.time
    db.session.rollback()

    def hand_off():
        handoffs.hand_off(
            db.session.get_one(Ticket, ticket),
            db.session.get_one(Department, legal),
            actor=db.session.get_one(User, operator),
            at=now,
        )

    assert meanwhile(hand_off, close_tomorrow(administrator)).status_code == 303
    handoff = db.session.scalars(sa.select(Handoff)).one()
    assert handoff.handle_due_at == at("2026-11-24 17:30"), "a day later: Tuesday is closed"
    assert len(moved()) == 1, "and its story says so"


def test_so_does_a_ring_that_is_promised(house, meanwhile, clock, sign_in):
    administrator = sign_in(make_user(Role.ADMINISTRATOR))
    ticket, now = house.ticket.id, clock.time
    db.session.rollback()

    def promise():
        callbacks.promise(db.session.get_one(Ticket, ticket), CallbackKind.TELL, at=now)

    meanwhile(promise, close_tomorrow(administrator))
    assert db.session.scalars(sa.select(Callback.due_at)).one() == at("2026-11-18 17:30")


def test_two_administrators_change_one_after_the_other(house, meanwhile, clock, sign_in):
    one, other = (sign_in(make_user(Role.ADMINISTRATOR)) for _ in range(2))
    with unit_of_work():
        handoffs.hand_off(
            db.session.get_one(Ticket, house.ticket.id), house.legal, actor=house.operator,
            at=clock.time,
        )  # fmt: skip
    db.session.rollback()
    with ThreadPoolExecutor(2) as people:
        wednesday = TOMORROW | {"on": "2026-11-18"}
        pressed = [
            people.submit(one.post, "/special-days", data=TOMORROW),
            people.submit(other.post, "/special-days", data=wednesday),
        ]
        assert [done.result(timeout=30).status_code for done in pressed] == [303, 303]
    db.session.rollback()
    due = db.session.scalars(sa.select(Handoff.handle_due_at)).one()
    assert due - at("2026-11-23 17:30") == timedelta(days=2)
    assert len(moved()) == 2

"""What the board names first, and what it names to nobody whom it is about."""

import pytest

from hotline.figures import board
from hotline.handoffs import service as handoffs
from hotline.tickets.filters import Asked
from hotline.unit_of_work import unit_of_work
from models import Department, Role, Ticket, TicketStatus, User, db
from tests.makers import make_department, make_user
from tests.stages import log_call, make_house, put


@pytest.fixture
def house(app, clock):
    return make_house()


def read(house, clock, viewer="supervisor"):
    asked = Asked(house["supervisor"], clock())
    return board.read(asked.at, asked.tomorrow, house[viewer] if viewer else None)


def desk(code):
    department = make_department(code)
    make_user(Role.HANDLER, department=department)
    return department


def handed_to(house, department, clock, phone):
    with unit_of_work():
        ticket = log_call(house, clock(), phone)
        here = db.session.get_one(Department, department.id)
        actor = db.session.get_one(User, house["operator"].id)
        handoffs.hand_off(ticket, here, actor=actor, at=clock())


def test_the_department_that_is_most_behind_stands_first(house, clock):
    late, today, many, one = map(desk, ("late", "today", "many", "one"))
    handed_to(house, late, clock, "13911110000")
    clock.advance(days=1)
    handed_to(house, today, clock, "13911110001")
    assert [row.department.code for row in read(house, clock).departments] == ["late", "today"]
    clock.advance(hours=6)  # what is handed off now is to be accepted tomorrow
    for n, department in enumerate((one, many, many), start=2):
        handed_to(house, department, clock, f"1391111000{n}")
    rows = [(row.department.code, row.held) for row in read(house, clock).departments]
    assert rows == [("late", 1), ("today", 1), ("many", 2), ("one", 1)]


def test_the_oldest_debt_is_not_named_to_whom_it_is_about(house, clock):
    first = put(house, TicketStatus.OPEN, clock(), "13911110001")
    clock.advance(hours=1)
    second = put(house, TicketStatus.ACCEPTED, clock(), "13911110002")
    with unit_of_work():
        db.session.get_one(Ticket, first.id).about_user_id = house["supervisor"].id
    assert read(house, clock).oldest.ticket_id == second.id
    assert read(house, clock).oldest.department.id == house.legal.id
    for viewer in (None, "reviewer"):
        assert read(house, clock, viewer).oldest.ticket_id == first.id


def test_what_a_department_holds_about_oneself_is_not_counted_for_oneself(house, clock):
    ticket = put(house, TicketStatus.QUEUED, clock())
    with unit_of_work():
        db.session.get_one(Ticket, ticket.id).about_user_id = house["supervisor"].id
    assert read(house, clock).departments == []
    assert [row.held for row in read(house, clock, None).departments] == [1]


def test_a_department_is_counted_once_however_many_assist(house, clock):
    put(house, TicketStatus.QUEUED, clock())
    (row,) = read(house, clock).departments
    assert (row.department.id, row.held, row.unaccepted) == (house.legal.id, 1, 1)


def test_where_nothing_is_owed_there_is_no_oldest(house, clock):
    assert read(house, clock).oldest is None
    ticket = put(house, TicketStatus.OPEN, clock())
    with unit_of_work():
        db.session.get_one(Ticket, ticket.id).kept_since_at = clock()
    assert read(house, clock).oldest is None

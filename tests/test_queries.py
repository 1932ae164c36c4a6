"""How often a page asks the database: seldom, and not once more when there are more rows."""

from uuid import uuid4

import pytest

from hotline.calls import seats
from hotline.handoffs import service as handoffs
from hotline.tickets import service as tickets
from hotline.tickets.lifecycle import AT_DEPARTMENT
from hotline.unit_of_work import unit_of_work
from models import (
    Call,
    Callback,
    CallLeg,
    CallResult,
    CallState,
    Direction,
    Recording,
    RecordingKind,
    Role,
    SeatState,
    TicketStatus,
    db,
)
from tests.makers import make_department, make_user
from tests.stages import make_house, put

# Three of them are for every page: who asks, the figures of the bar, what was told live already.
MOST = {
    # Three for the calendar, may the return still be asked for? One for what was asked for already.
    "/queue": 9,
    "/queue?tab=work": 9,
    "/queue?tab=assist": 6,
    "/queue?tab=earlier": 5,
    "/returns": 5,
    "/unaccepted": 5,
    "/tickets": 7,
    "/callbacks": 8,
    "/callbacks/pool": 8,
    "/now": 9,  # one of them: what comparing with the telephone company has found
    "/workspace": 8,
    "/users": 7,  # two of them: whether anybody supervises, and each open ticket
    "/audit": 7,
}
WHO = {
    "handler": ("/queue", "/queue?tab=work", "/queue?tab=earlier", "/tickets"),
    "head": ("/queue", "/queue?tab=work", "/queue?tab=earlier", "/tickets"),
    "assistant": ("/queue?tab=assist", "/tickets"),
    "operator": ("/unaccepted", "/tickets", "/callbacks", "/callbacks/pool", "/workspace"),
    "supervisor": ("/now", "/returns", "/unaccepted", "/tickets", "/callbacks/pool", "/workspace"),
    "reviewer": ("/now", "/tickets"),
    "administrator": ("/users",),
    "auditor": ("/audit",),
}
# One ticket, to its reader: whoever may work for a department is asked what it does there.
MOST_OF_A_TICKET = {"operator": 10, "handler": 11, "head": 11, "supervisor": 11, "reviewer": 10}
MOST_OF_THE_DESK = 26  # a call's form: the caller's past, own work, all that the fields offer
MOST_OF_A_CARD = 21  # the calendar among them: when to ring; and the call placed last
CALENDAR = 3  # limits, hours, special days: while the return may still be asked for


@pytest.fixture
def house(app, clock):
    house = make_house()
    with unit_of_work():
        for name in ("operator", "supervisor"):
            seats.set_seat_state(house[name], SeatState.FREE, at=clock())
    return house


@pytest.fixture
def asked(sign_in, count_queries):
    """`asked(person, path)`: the queries that a second look at a page takes."""

    def asked(person, path):
        browser = sign_in(person)
        browser.get(path)
        count_queries.clear()
        answered = browser.get(path)
        assert answered.status_code == 200, (path, answered.status_code)
        return list(count_queries)

    return asked


def fill(house, clock, numbers):
    """More tickets at every station, some secret, each of a caller of its own; more colleagues at
    the telephone, and more units that the head keeps."""
    for number in numbers:
        make_department(f"unit{number}", keeper_id=house["head"].id)
        newcomer = make_user(Role.OPERATOR)
        with unit_of_work():
            seats.set_seat_state(newcomer, SeatState.AWAY, at=clock())
        for place, status in enumerate(TicketStatus):
            ticket = put(house, status, clock(), phone=f"139{number:04d}{place:04d}")
            with unit_of_work():
                ticket.is_confidential = bool(number % 2)


@pytest.mark.parametrize("name", WHO)
def test_pages_of_many_rows_ask_as_seldom_as_those_of_few(house, clock, asked, name):
    fill(house, clock, range(2))
    few = {path: len(asked(house[name], path)) for path in WHO[name]}
    fill(house, clock, range(2, 4))
    for path in WHO[name]:
        statements = asked(house[name], path)
        assert len(statements) == few[path], (path, statements)
        assert len(statements) <= MOST[path], (path, statements)


def call_again(ticket, first, operator, at):
    """The caller rang once more; a colleague's telephone rang first."""
    call = Call(
        provider="twilio",
        call_ref=uuid4().hex,
        direction=Direction.INBOUND,
        ticket_id=ticket.id,
        caller_id=ticket.caller_id,
        state=CallState.ENDED,
        result=CallResult.ANSWERED,
        operator_id=operator.id,
        started_at=at,
        answered_at=at,
        notice_at=at,
        heard_at=at,
    )
    for step, seat in enumerate((first, operator), 1):
        call.legs.append(CallLeg(step=step, user_id=seat.id, rang_at=at))
    db.session.add(call)
    db.session.flush()
    return call


def lengthen(house, clock, ticket):
    """A longer story: notes and assignments by many, voices, a department that assists."""
    for _ in range(3):
        author, seat = make_user(Role.OPERATOR), make_user(Role.OPERATOR)
        helper = make_department(uuid4().hex[:12])
        make_user(Role.HANDLER, department=helper)
        worker = make_user(Role.HANDLER, department=house.legal)
        with unit_of_work():
            at = clock()
            tickets.note(ticket, "又来电催问", actor=author, at=at)
            tickets.note(ticket, "已去现场", actor=worker, at=at)
            handoffs.assign(ticket, worker, actor=house["supervisor"], at=at)
            handoffs.ask_assist(ticket, helper, actor=author, at=at, note="请协助")
            again = call_again(ticket, seat, author, at)
            voice = Recording(
                call_id=again.id,
                recording_ref=uuid4().hex,
                kind=RecordingKind.CALL,
                announced_at=at,
            )
            db.session.add(voice)


@pytest.mark.parametrize("is_confidential", [False, True])
@pytest.mark.parametrize("name", MOST_OF_A_TICKET)
def test_a_long_story_asks_as_seldom_as_a_short_one(house, clock, asked, name, is_confidential):
    ticket = put(house, TicketStatus.ACCEPTED, clock())
    with unit_of_work():
        ticket.is_confidential = is_confidential
    lengthen(house, clock, ticket)
    path = f"/tickets/{ticket.id}"
    short = len(asked(house[name], path))
    lengthen(house, clock, ticket)
    statements = asked(house[name], path)
    assert len(statements) == short, statements
    # One more: the names of those to whom it was given.
    may_ask_return = CALENDAR if name in ("handler", "head") else 0
    assert len(statements) <= MOST_OF_A_TICKET[name] + 1 + may_ask_return, statements


@pytest.mark.parametrize("name", MOST_OF_A_TICKET)
@pytest.mark.parametrize("status", [one for one in TicketStatus if one != "open"])
def test_the_page_of_a_ticket_asks_seldom(house, clock, asked, name, status):
    ticket = put(house, status, clock())
    calendar = CALENDAR if name in ("handler", "head") and status in AT_DEPARTMENT else 0
    statements = asked(house[name], f"/tickets/{ticket.id}")
    assert len(statements) <= MOST_OF_A_TICKET[name] + calendar, statements


def test_the_form_and_the_card_ask_as_seldom_whoever_rings(house, clock, asked):
    """The more this caller rang before, the more matters, answers and promises stand beside."""
    operator = house["operator"]
    ticket = put(house, TicketStatus.OPEN, clock())
    owed = put(house, TicketStatus.ANSWERED, clock())
    card = db.session.scalars(db.select(Callback).where(Callback.ticket_id == owed.id)).one()
    with unit_of_work():
        card.owner_id = operator.id
    form, card = f"/workspace/{ticket.id}", f"/callbacks/{card.id}"
    few = [len(asked(operator, path)) for path in (form, card)]
    for status in (TicketStatus.ANSWERED, TicketStatus.ACCEPTED, TicketStatus.CLOSED) * 2:
        put(house, status, clock())
    many = [len(asked(operator, path)) for path in (form, card)]
    assert many == few
    assert few[0] <= MOST_OF_THE_DESK + CALENDAR  # the days and hours of a ring called for later
    assert few[1] <= MOST_OF_A_CARD

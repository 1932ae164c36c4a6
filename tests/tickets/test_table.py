"""Who may do what to a ticket at which station: the rule book, written a second time by hand.

The code must allow exactly this, to exactly these people, and must ask why exactly where the book
says so.
"""

import pytest

from hotline.callbacks import choices
from hotline.errors import Forbidden, TransitionRefused
from hotline.feedback import service as feedback
from hotline.outbox import service as outbox
from hotline.tickets import lifecycle
from hotline.tickets.lifecycle import Action
from hotline.unit_of_work import unit_of_work
from models import (
    Callback,
    CallbackKind,
    Feedback,
    How,
    MessageStatus,
    OutboxMessage,
    Resolution,
    Ticket,
    TicketStatus,
    db,
)
from tests.stages import call_of, make_house, put

ALL = "open queued accepted answered suspended closed"
UNCLOSED = "open queued accepted answered suspended"
HOTLINE = "operator, colleague, supervisor"
LEAD = "handler, head"

# action: (where it may be done, who may, must say why). Once answered no department leads.
BOOK = {
    "describe": (UNCLOSED, HOTLINE, False),
    "claim": ("open answered", HOTLINE, False),
    "assign": (UNCLOSED, "supervisor; queued accepted suspended: head", False),
    "release": ("open answered", "supervisor; open: operator; answered: owner", False),
    "note": (
        ALL,
        f"{HOTLINE}, reviewer; queued accepted suspended: {LEAD}, assistant; answered: assistant",
        False,
    ),
    "mark": (UNCLOSED, HOTLINE, False),
    "supervise": (UNCLOSED, "supervisor", True),
    "lift": (UNCLOSED, "supervisor", True),
    "chase": (UNCLOSED, HOTLINE, False),
    "link": (ALL, HOTLINE, False),
    "hand_off": ("open", HOTLINE, False),
    "ask_assist": ("queued accepted", f"{HOTLINE}, head", False),
    "accept": ("queued", LEAD, False),
    "ask_return": ("queued accepted", LEAD, True),
    "refuse_return": ("queued accepted", HOTLINE, True),
    "ask_extension": ("queued accepted", f"{LEAD}, assistant", True),
    "ask_level": ("queued accepted", LEAD, True),
    "grant_extension": ("queued accepted", "supervisor", False),
    "refuse_extension": ("queued accepted", "supervisor", True),
    "tell_date": ("queued accepted", HOTLINE, False),
    "send_back": ("queued accepted", HOTLINE, False),
    "recall": ("queued accepted", HOTLINE, True),
    "ask_hotline": ("queued accepted", f"{LEAD}, assistant", True),
    "consult": ("open accepted", f"{HOTLINE}; accepted: {LEAD}", False),
    "wait": ("accepted", LEAD, True),
    "end_wait": ("accepted", f"{HOTLINE}, {LEAD}, itself", False),
    "answer": ("queued accepted", LEAD, False),
    "assist_answer": ("queued accepted answered suspended", "assistant", False),
    "rework": ("answered", f"{HOTLINE}, reviewer", True),
    "suspend": ("open accepted", "supervisor", True),
    "resume": ("suspended", "supervisor", False),
    "report_back": (ALL, HOTLINE, False),
    "keep": ("open answered", HOTLINE, False),
    "close": ("open answered", HOTLINE, False),
    "withdraw": (UNCLOSED, HOTLINE, True),
    "merge": (UNCLOSED, HOTLINE, False),
    "reopen": ("closed", "supervisor", True),
    "exclude": ("closed", "supervisor", True),
    "include": ("closed", "supervisor", True),
}
TARGET = {
    "hand_off": "queued", "accept": "accepted", "send_back": "open", "recall": "open",
    "answer": "answered", "rework": "accepted", "suspend": "suspended", "resume": "accepted",
    "close": "closed", "withdraw": "closed", "merge": "closed", "reopen": "open",
}  # fmt: skip
ITSELF = "itself"


def people_for(action: str, status: str) -> set[str]:
    """Who the book says may do `action` at `status`."""
    where, who, _ = BOOK[action]
    if status not in where.split():
        return set()
    allowed: set[str] = set()
    for part in who.split(";"):
        places, colon, names = part.rpartition(":")
        if not colon or status in places.split():
            allowed |= {name.strip() for name in names.split(",")}
    return allowed


@pytest.fixture
def house(app, clock):
    return make_house()


def proof(ticket, at):
    row = Feedback(
        ticket_id=ticket.id, how=How.IN_CALL, at=at, told="已告知", call_id=call_of(ticket).id
    )
    db.session.add(row)
    db.session.flush()
    return row


def attempt(ticket_id, action, actor, at, reason):
    """Try it for real and take it back; say how it went: the new status, or what was refused."""
    ticket = db.session.get_one(Ticket, ticket_id)
    more = {}
    if TARGET.get(action.value) == "closed" and ticket.status is not TicketStatus.CLOSED:
        more = {"feedback": proof(ticket, at), "resolution": Resolution.SOLVED}
    target = TARGET.get(action.value)
    if target in ("queued", "accepted") and ticket.department_id is None:
        more["together"] = {"department_id": ticket.id and db.session.scalar(FIRST_DEPARTMENT)}
    if target == "suspended":
        more["together"] = {"review_on": at.date()}
    try:
        lifecycle.apply(ticket, action, actor=actor, at=at, reason=reason, **more)
    except (Forbidden, TransitionRefused) as refused:
        return type(refused).__name__
    return ticket.status.value


FIRST_DEPARTMENT = db.select(db.func.min(db.metadata.tables["departments"].c.id))


class TakeBack(Exception):
    pass


def try_out(ticket_id, action, actor, at, reason="because"):
    outcome = ""
    try:
        with unit_of_work():
            outcome = attempt(ticket_id, action, actor, at, reason)
            raise TakeBack
    except TakeBack:
        return outcome


def test_the_book_names_every_action():
    assert set(BOOK) == {action.value for action in Action}


@pytest.mark.parametrize("status", TicketStatus)
def test_the_table_is_the_whole_truth(house, clock, status):
    """Every action, by every person, at this station: done or refused as the book says."""
    ticket_id = put(house, status, clock()).id
    owner = db.session.get_one(Ticket, ticket_id).owner_id
    for action in Action:
        allowed = people_for(action.value, status.value)
        for name, person in [*house.people.items(), (ITSELF, None)]:
            may = name in allowed or ("owner" in allowed and person and person.id == owner)
            outcome = try_out(ticket_id, action, person, clock())
            if may:
                assert outcome == TARGET.get(action.value, status.value), (action, name)
            else:
                assert outcome in ("Forbidden", "TransitionRefused"), (action, name, outcome)


def test_a_message_that_has_arrived_closes_for_whom_a_call_does(house, clock):
    """And only where the book lets anybody close."""
    for number, status in enumerate(TicketStatus):
        ticket_id = put(house, status, clock(), phone=f"1391234000{number}").id
        message_id = told_by_message(ticket_id, house, clock())
        for name, person in house.people.items():
            allowed = name in people_for("close", status.value)
            assert closes_by(message_id, ticket_id, person, clock()) == allowed, (status, name)


def told_by_message(ticket_id, house, at):
    """A message about the ticket that has arrived at its caller, who had chosen that way."""
    with unit_of_work():
        ticket = db.session.get_one(Ticket, ticket_id)
        choices.choose(ticket, actor=house["operator"], at=at, call=call_of(ticket))
        callback = Callback(
            ticket=ticket,
            kind=CallbackKind.TELL,
            number=ticket.callback_number,
            promised_at=at,
            not_before_at=at,
            first_due_at=at,
            due_at=at,
            max_attempts=1,
        )
        db.session.add(callback)
        db.session.flush()
        message = outbox.tell_result(
            callback,
            ticket.callback_number,
            "已补发",
            key="1",
            at=at,
            leaves_at=at,
            not_at_night=True,
        )
        message.status = MessageStatus.DELIVERED
        db.session.flush()
        return message.id


def closes_by(message_id, ticket_id, actor, at):
    """Whether `actor` closes the ticket with that message as the proof; taken back again."""
    try:
        with unit_of_work():
            ticket = db.session.get_one(Ticket, ticket_id)
            message = db.session.get_one(OutboxMessage, message_id)
            feedback.close_told_by_message(ticket, message, actor=actor, at=at)
            raise TakeBack
    except (Forbidden, TransitionRefused):
        return False
    except TakeBack:
        return True


@pytest.mark.parametrize("status", TicketStatus)
def test_the_buttons_are_what_is_allowed(house, clock, status):
    ticket_id = put(house, status, clock()).id
    ticket = db.session.get_one(Ticket, ticket_id)
    for name, person in house.people.items():
        shown = {action.value for action in lifecycle.actions_for(ticket, person)}
        owner = "owner" if ticket.owner_id == person.id else name
        expected = {a for a in BOOK if {name, owner} & people_for(a, status.value)}
        assert shown == expected, name


@pytest.mark.parametrize("status", TicketStatus)
def test_whoever_must_say_why_must_say_why(house, clock, status):
    ticket_id = put(house, status, clock()).id
    for action in Action:
        allowed = people_for(action.value, status.value) & set(house.people)
        for name in allowed:
            silent = try_out(ticket_id, action, house[name], clock(), reason="  ")
            needs_reason = BOOK[action.value][2]
            assert (silent == "TransitionRefused") == needs_reason, (action, name)


def test_a_keeper_stands_for_a_unit_without_users(house, clock):
    with unit_of_work():
        legal = db.session.merge(house.legal)
        legal.keeper_id = house["stranger"].id
    ticket = db.session.get_one(Ticket, put(house, TicketStatus.QUEUED, clock()).id)
    assert lifecycle.may(Action.ACCEPT, ticket, house["stranger"])
    assert not lifecycle.may(Action.ACCEPT, ticket, house["head of another"])


def test_nobody_touches_a_ticket_about_themselves(house, clock):
    ticket_id = put(house, TicketStatus.OPEN, clock()).id
    with unit_of_work():
        db.session.get_one(Ticket, ticket_id).about_user_id = house["supervisor"].id
    ticket = db.session.get_one(Ticket, ticket_id)
    assert lifecycle.actions_for(ticket, house["supervisor"]) == []
    assert Action.CLOSE in lifecycle.actions_for(ticket, house["operator"])


def test_the_second_rework_is_for_a_supervisor(house, clock):
    ticket_id = put(house, TicketStatus.ANSWERED, clock()).id
    with unit_of_work():
        db.session.get_one(Ticket, ticket_id).rework_count = 1
    ticket = db.session.get_one(Ticket, ticket_id)
    may = {name for name, p in house.people.items() if lifecycle.may(Action.REWORK, ticket, p)}
    assert may == {"supervisor"}


def test_every_step_is_one_event_that_says_who_when_and_why(house, clock):
    ticket_id = put(house, TicketStatus.QUEUED, clock()).id
    clock.advance(minutes=7)
    with unit_of_work():
        ticket = db.session.get_one(Ticket, ticket_id)
        before = len(ticket.events)
        entry = lifecycle.apply(
            ticket, Action.ASK_HOTLINE, actor=house["handler"], at=clock(), reason=" 哪个工地？ "
        )
        assert len(ticket.events) == before + 1
    assert (entry.kind, entry.actor_id, entry.at) == ("ask_hotline", house["handler"].id, clock())
    assert (entry.from_status, entry.to_status, entry.reason) == ("queued", "queued", "哪个工地？")

"""Nobody is closed untold: not by the service, and not by SQL typed by hand."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from hotline.errors import TransitionRefused
from hotline.tickets import lifecycle
from hotline.tickets.lifecycle import Action
from hotline.unit_of_work import unit_of_work
from models import (
    Channel,
    Feedback,
    How,
    MessageStatus,
    OutboxMessage,
    Resolution,
    Ticket,
    TicketStatus,
    db,
)
from tests.makers import make_ticket
from tests.stages import call_of, make_house, put


@pytest.fixture
def house(app, clock):
    return make_house()


def type_sql(statement, **values):
    with unit_of_work():
        db.session.execute(sa.text(statement), values)


CLOSE = (
    "UPDATE tickets SET status = 'closed', closed_at = opened_at, resolution = 'solved',"
    " department_id = NULL, closing_feedback_id = :proof WHERE id = :ticket"
)
TELL = (
    "INSERT INTO feedback (ticket_id, how, at, told, dissatisfaction, recorded_by_id, call_id,"
    " no_matter, asked_by_id, signed_by_id, moved_to_id, handoff_id, message_id)"
    " VALUES (:ticket, :how, '2026-11-16', :told, '', :recorded_by, :call, :no_matter, :asked_by,"
    " :signed_by, :moved_to, :handoff, :message)"
)
NUMBERS = ("13912345678", "13800138001")
NO_PROOF = {"told": "已告知"} | dict.fromkeys(
    ["recorded_by", "call", "no_matter", "asked_by", "signed_by", "moved_to", "handoff", "message"]
)


@pytest.mark.parametrize("status", [s for s in TicketStatus if s is not TicketStatus.CLOSED])
def test_sql_cannot_close_without_proof(house, clock, status):
    ticket = put(house, status, clock()).id
    with pytest.raises(IntegrityError, match=r"ck_tickets_(gate|review)"):
        type_sql(CLOSE, ticket=ticket, proof=None)


def test_sql_cannot_close_with_another_tickets_proof(house, clock):
    told = put(house, TicketStatus.CLOSED, clock())
    other = put(house, TicketStatus.ANSWERED, clock(), phone="13800138001").id
    with pytest.raises(IntegrityError):
        type_sql(CLOSE, ticket=other, proof=told.closing_feedback_id)


def test_sql_cannot_keep_a_proof_on_an_open_ticket(house, clock):
    told = put(house, TicketStatus.CLOSED, clock()).id
    with pytest.raises(IntegrityError, match="ck_tickets_"):
        type_sql("UPDATE tickets SET status = 'open' WHERE id = :ticket", ticket=told)


def test_sql_cannot_take_the_proof_away(house, clock):
    told = put(house, TicketStatus.CLOSED, clock()).id
    with pytest.raises(IntegrityError):
        type_sql("DELETE FROM feedback WHERE ticket_id = :ticket", ticket=told)


@pytest.mark.parametrize(
    ("how", "missing"),
    [
        ("in_call", {}),
        ("told_by_department", {}),
        ("message_delivered", {}),
        ("not_wanted", {}),
        ("no_matter", {"no_matter": "silence"}),  # no call
        ("no_matter", {"call": True}),  # no kind
        ("moved", {}),
        ("moved", {"moved_to": "itself"}),
        ("unreachable", {}),
        ("unreachable", {"asked_by": True}),
        ("unreachable", {"signed_by": True}),
        ("unreachable", {"asked_by": True, "signed_by": True}),  # the same person twice
        ("no_way_to_reach", {}),
        ("no_way_to_reach", {"asked_by": True, "signed_by": True}),
    ],
)
def test_sql_cannot_make_half_a_proof(house, clock, how, missing):
    ticket = put(house, TicketStatus.ANSWERED, clock())
    stands_for = {
        "call": call_of(ticket).id,
        "asked_by": house["operator"].id,
        "signed_by": house["operator"].id,
        "moved_to": ticket.id,
        "no_matter": "silence",
    }
    values = {**NO_PROOF, **{name: stands_for[name] for name in missing}}
    with pytest.raises(IntegrityError, match="ck_feedback_"):
        type_sql(TELL, ticket=ticket.id, how=how, **values)


@pytest.mark.parametrize(
    ("how", "wrong", "name"),
    [
        ("gone", {}, "how"),
        ("in_call", {"told": " "}, "told"),
        ("not_wanted", {"told": ""}, "told"),
        ("in_call", {"signed_by": True}, "not_signed_by_oneself"),  # nobody had asked
        ("in_call", {"signed_by": True, "asked_by": True}, "not_signed_by_oneself"),
    ],
)
def test_sql_cannot_prove_with_what_says_nothing(house, clock, how, wrong, name):
    ticket = put(house, TicketStatus.ANSWERED, clock())
    operator = house["operator"].id
    values = {**NO_PROOF, "call": call_of(ticket).id, "recorded_by": operator, **wrong}
    values |= {one: operator for one, value in wrong.items() if value is True}
    with pytest.raises(IntegrityError, match=f"ck_feedback_{name}"):
        type_sql(TELL, ticket=ticket.id, how=how, **values)


def test_sql_cannot_pass_over_that_the_caller_was_not_satisfied(house, clock):
    ticket = put(house, TicketStatus.CLOSED, clock()).id
    with pytest.raises(IntegrityError, match="ck_feedback_not_satisfied"):
        type_sql(
            "UPDATE feedback SET satisfaction = 'not_satisfied' WHERE ticket_id = :ticket",
            ticket=ticket,
        )


def test_sql_cannot_prove_with_another_tickets_call(house, clock):
    own, other = (put(house, TicketStatus.ANSWERED, clock(), phone) for phone in NUMBERS)
    proof = {**NO_PROOF, "how": "in_call", "call": call_of(own).id}
    own_id, other_id = own.id, other.id
    with pytest.raises(IntegrityError):
        type_sql(TELL, ticket=other_id, **proof)
    type_sql(TELL, ticket=own_id, **proof)
    with pytest.raises(IntegrityError):  # nor does the call go away from what it proves
        type_sql(
            "UPDATE calls SET ticket_id = :to WHERE ticket_id = :ticket",
            ticket=own_id,
            to=other_id,
        )


def test_sql_cannot_prove_with_another_tickets_message(house, clock):
    own, other = (put(house, TicketStatus.ANSWERED, clock(), phone) for phone in NUMBERS)
    message = message_about(own, clock())
    proof = {**NO_PROOF, "how": "message_delivered", "message": message}
    with pytest.raises(IntegrityError):
        type_sql(TELL, ticket=other.id, **proof)
    type_sql(TELL, ticket=own.id, **proof)
    assert db.session.scalar(sa.text("SELECT count(*) FROM feedback")) == 1


def test_sql_cannot_wait_for_a_receipt_when_the_promise_is_over(house, clock):
    put(house, TicketStatus.ANSWERED, clock())
    type_sql("UPDATE callbacks SET receipt_due_at = due_at")
    with pytest.raises(IntegrityError, match="ck_callbacks_receipt"):
        type_sql("""UPDATE callbacks SET ended_at = due_at, "end" = 'kept'""")


def message_about(ticket, at):
    """A message to the caller of `ticket`, as if somebody had typed it into the table."""
    message = OutboxMessage(
        dedupe_key="typed by hand",
        channel=Channel.SMS,
        kind="caller_told",
        ticket_id=ticket.id,
        address=ticket.callback_number,
        body="公司本周补发工资",
        status=MessageStatus.DELIVERED,
        due_at=at,
        created_at=at,
    )
    with unit_of_work():
        db.session.add(message)
    return message.id


def test_sql_can_close_with_a_whole_proof(house, clock):
    """So the constraints refuse what is wrong, and not just everything."""
    ticket = put(house, TicketStatus.ANSWERED, clock())
    ticket_id, call_id = ticket.id, call_of(ticket).id
    type_sql(TELL, **{**NO_PROOF, "ticket": ticket_id, "how": "in_call", "call": call_id})
    proof = db.session.scalar(sa.text("SELECT max(id) FROM feedback"))
    type_sql(CLOSE, ticket=ticket_id, proof=proof)
    assert db.session.get_one(Ticket, ticket_id).status is TicketStatus.CLOSED


@pytest.mark.parametrize("column", ["closed_at", "resolution"])
def test_a_closed_ticket_says_when_and_how_it_ended(house, clock, column):
    ticket = put(house, TicketStatus.CLOSED, clock()).id
    with pytest.raises(IntegrityError, match="ck_tickets_"):
        type_sql(f"UPDATE tickets SET {column} = NULL WHERE id = :ticket", ticket=ticket)


def test_the_department_is_named_exactly_while_one_holds_it(house, clock):
    ticket = put(house, TicketStatus.QUEUED, clock()).id
    with pytest.raises(IntegrityError, match="ck_tickets_holder"):
        type_sql("UPDATE tickets SET department_id = NULL WHERE id = :ticket", ticket=ticket)


def test_the_service_says_what_is_missing(house, clock):
    ticket_id, other_id = make_ticket().id, make_ticket(phone="13800138001").id
    with pytest.raises(TransitionRefused, match="proof"), unit_of_work():
        ticket = db.session.get_one(Ticket, ticket_id)
        lifecycle.apply(ticket, Action.CLOSE, actor=house["operator"], at=clock())
    with pytest.raises(TransitionRefused, match="proof"), unit_of_work():
        ticket = db.session.get_one(Ticket, ticket_id)
        row = Feedback(
            ticket_id=other_id,
            how=How.NOT_WANTED,
            at=clock(),
            told="不用再打",
            recorded_by_id=house["operator"].id,
        )
        db.session.add(row)
        db.session.flush()
        lifecycle.apply(
            ticket,
            Action.CLOSE,
            actor=house["operator"],
            at=clock(),
            feedback=row,
            resolution=Resolution.SOLVED,
        )

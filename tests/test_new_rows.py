"""A row written by one statement is worth as much as one that the session wrote."""

import pytest
from sqlalchemy import select

from hotline import new_rows
from hotline.callers import service as callers
from hotline.figures import touched
from hotline.phone_numbers import normalise
from hotline.tickets import service as tickets
from hotline.unit_of_work import unit_of_work
from models import Call, CallState, Direction, FigureTouch, Hold, Ticket, TicketEvent, db
from tests.makers import make_ticket


def swept():
    with unit_of_work():
        touched.forget(one.id for one in touched.notes(1000))


def noted():
    db.session.rollback()
    return {one.ticket_id for one in db.session.scalars(select(FigureTouch))}


def write_call(ticket, at):
    return new_rows.write(
        Call,
        provider="simulator",
        call_ref="CA1",
        direction=Direction.INBOUND,
        ticket_id=ticket.id,
        caller_id=ticket.caller_id,
        state=CallState.RINGING,
        started_at=at,
        heard_at=at,
    )


def test_what_is_left_out_is_as_the_columns_say(app, clock):
    with unit_of_work():
        caller_id = callers.guess_id(normalise("13912345678"), at=clock())
        ticket_id = tickets.open_for(caller_id, at=clock())
    ticket = db.session.get_one(Ticket, ticket_id)
    (number,) = ticket.caller.numbers
    assert (number.number, ticket.subject, ticket.is_confidential) == ("+8613912345678", "", False)
    holds, events = (
        db.session.scalars(select(kind).where(kind.ticket_id == ticket_id)).all()
        for kind in (Hold, TicketEvent)
    )
    assert ([one.ended_at for one in holds], [one.kind for one in events]) == ([None], ["open"])
    with unit_of_work():  # the version that it began with is one of those that are compared
        db.session.get_one(Ticket, ticket_id).is_repeat = True
    assert db.session.get_one(Ticket, ticket_id).version == 2


def test_what_a_report_counts_leaves_its_note(app, clock):
    ticket = make_ticket()
    assert noted() == {ticket.id}
    swept()
    with unit_of_work():
        write_call(ticket, clock())
    assert noted() == {ticket.id}


def test_what_was_rolled_back_leaves_none(app, clock):
    ticket = make_ticket()
    swept()
    with pytest.raises(ZeroDivisionError), unit_of_work():
        write_call(ticket, clock())
        _ = 1 / 0
    with unit_of_work():
        pass
    assert noted() == set()


def test_nothing_is_written_outside_of_a_unit_of_work(app, clock):
    ticket = make_ticket()
    with pytest.raises(RuntimeError, match="outside"):
        write_call(ticket, clock())
    assert db.session.scalars(select(Call)).all() == []

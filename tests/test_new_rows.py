"""A row written by one statement is worth as much as one that the session wrote."""

import pytest
from sqlalchemy import inspect, select

from hotline import new_rows
from hotline.callers import service as callers
from hotline.figures import touched
from hotline.phone_numbers import normalise
from hotline.tickets import service as tickets
from hotline.unit_of_work import unit_of_work
from models import (
    Call,
    Caller,
    CallerKind,
    CallState,
    Direction,
    FigureTouch,
    Hold,
    Ticket,
    TicketEvent,
    db,
)
from tests.makers import make_ticket


def swept():
    with unit_of_work():
        touched.forget(one.id for one in touched.notes(1000))


def noted():
    db.session.rollback()
    return {one.ticket_id for one in db.session.scalars(select(FigureTouch))}


def write_call(ticket, at, how=new_rows.write):
    return how(
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


def columns_of(row):
    return {one.key: getattr(row, one.key) for one in inspect(row).mapper.column_attrs}


def test_what_is_had_without_reading_is_what_stands_there(app, clock):
    ticket = make_ticket()
    with unit_of_work():
        call = write_call(ticket, clock(), new_rows.make)
        had = columns_of(call)
        assert inspect(call).persistent
        assert call not in db.session.dirty
        db.session.refresh(call)
        assert columns_of(call) == had
        call.state = CallState.WAITING  # and what changes about it is written
    assert db.session.scalars(select(Call)).one().state is CallState.WAITING


def test_what_the_database_alone_knows_is_read_when_asked(app, clock):
    with unit_of_work():
        caller = new_rows.make(Caller, kind=CallerKind.FAMILY, created_at=clock())
        assert caller.former_names == []


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

"""Whatever is written about what counts leaves a note of its day, and nothing passes by."""

import ast
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from hotline.calendars.chinese import ZONE
from hotline.figures import touched
from hotline.tickets import service as tickets
from hotline.unit_of_work import unit_of_work
from models import Callback, Feedback, FigureTouch, Ticket, TicketStatus, db
from tests.stages import make_house, put

SOURCES = sorted((Path(__file__).parents[3] / "hotline").rglob("*.py"))
COUNTED = {"Ticket", "Call", "Handoff", "Callback", "Feedback", "Caller"}
HARMLESS = {("tickets/lifecycle.py", "update(Ticket)")}  # a version is in no figure


@pytest.fixture
def ticket(app, clock):
    ticket = put(make_house(), TicketStatus.ANSWERED, clock())
    swept()
    return ticket


def swept():
    with unit_of_work():
        touched.forget(one.id for one in touched.notes(1000))


def day_of(at):
    return at.astimezone(ZONE).date()


def debt_of(ticket):
    return db.session.scalars(select(Callback).where(Callback.ticket_id == ticket.id)).first()


def test_no_statement_writes_many_rows_that_count():
    found = {
        (path.as_posix().split("hotline/", 1)[1], f"{call.func.id}({call.args[0].id})")
        for path in SOURCES
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in ("update", "delete", "insert")
        and call.args
        and isinstance(call.args[0], ast.Name)
        and call.args[0].id in COUNTED
    }
    assert found == HARMLESS


def test_an_instant_that_moves_leaves_the_day_it_was_on(ticket):
    """Even when the row was not loaded before: what was there is asked for."""
    with unit_of_work():
        debt = debt_of(ticket)
        before = debt.first_due_at
        db.session.expire(debt)
        debt.first_due_at = before + timedelta(days=9)
    assert touched.days() >= {day_of(before), day_of(before + timedelta(days=9))}


def test_a_row_that_is_gone_leaves_the_day_it_was_on(ticket):
    with unit_of_work():
        extra = debt_of(ticket)
        later = extra.first_due_at + timedelta(days=50)
        new = Callback(
            **{
                column.key: getattr(extra, column.key)
                for column in Callback.__table__.columns
                if column.key not in ("id", "ended_at", "end")
            }
        )
        new.first_due_at = later
        db.session.add(new)
    swept()
    with unit_of_work():
        db.session.delete(db.session.get_one(Callback, new.id))
    assert day_of(later) in touched.days()


def test_what_was_rolled_back_leaves_no_note(ticket):
    with pytest.raises(ZeroDivisionError), unit_of_work():
        db.session.get_one(Ticket, ticket.id).is_repeat = True
        db.session.flush()
        _ = 1 / 0
    with unit_of_work():
        pass
    assert not db.session.scalars(select(FigureTouch)).all()


def test_what_was_written_before_a_savepoint_keeps_its_note_when_that_is_undone(ticket):
    with unit_of_work():
        db.session.get_one(Ticket, ticket.id).is_repeat = True
        db.session.flush()
        with pytest.raises(ZeroDivisionError), db.session.begin_nested():
            with db.session.begin_nested():
                pass
            _ = 1 / 0
    assert day_of(ticket.opened_at) in touched.days()


def test_what_was_written_before_a_refused_row_keeps_its_note(ticket):
    """As when a webhook comes a second time: its key refuses it, in a savepoint."""
    with unit_of_work():
        db.session.get_one(Ticket, ticket.id).is_repeat = True
        db.session.flush()
        with pytest.raises(IntegrityError), db.session.begin_nested():
            db.session.add(Callback(ticket_id=ticket.id))
    assert day_of(ticket.opened_at) in touched.days()


def test_a_ticket_that_a_savepoint_took_back_spoils_nothing(ticket):
    """As when a webhook cannot be interpreted: the raw row is kept, and what it began is undone."""
    with unit_of_work():
        db.session.get_one(Ticket, ticket.id).is_repeat = True
        with pytest.raises(ZeroDivisionError), db.session.begin_nested():
            tickets.open_ticket(caller=ticket.caller, number="", actor=None, at=ticket.opened_at)
            _ = 1 / 0
    assert day_of(ticket.opened_at) in touched.days()


def test_what_the_caller_said_counts_although_the_ticket_stays_as_it_is(app, clock):
    closed = put(make_house(), TicketStatus.CLOSED, clock())
    swept()
    with unit_of_work():
        db.session.get_one(Feedback, closed.closing_feedback_id).is_solved = True
    assert day_of(closed.closed_at) in touched.days()

"""The live board on what is owed, by whom; and that it reads nothing that is over."""

import re

import pytest

from hotline.figures import board, queries
from hotline.tickets.filters import Asked
from hotline.unit_of_work import unit_of_work
from models import Callback, Handoff, HandoffRole, Role, Ticket, TicketStatus, db
from tests.makers import make_user
from tests.stages import make_house, put


def test_what_departments_hold_is_what_a_slow_loop_finds(boss, clock):
    for hours in (0, 7, 50):
        clock.advance(hours=hours)
        asked = Asked(boss, clock())
        for viewer in (None, boss):
            found = {
                row.department.id: (row.held, row.unaccepted, row.due_today, row.overdue)
                for row in board.by_department(asked.at, asked.tomorrow, viewer)
            }
            assert found == slowly_by_department(asked, viewer)
    assert sum(overdue for *_rest, overdue in found.values()) > 3


def slowly_by_department(asked, viewer):
    held: dict[int, list[int]] = {}
    for ticket in db.session.scalars(db.select(Ticket)):
        if ticket.department_id is None or (viewer and ticket.about_user_id == viewer.id):
            continue
        (live,) = [
            handoff
            for handoff in db.session.scalars(
                db.select(Handoff).where(Handoff.ticket_id == ticket.id)
            )
            if handoff.role is HandoffRole.LEAD and handoff.ended_at is None
        ]
        counts = held.setdefault(ticket.department_id, [0, 0, 0, 0])
        counts[0] += 1
        counts[1] += ticket.status is TicketStatus.QUEUED
        if live.paused_at is None:
            counts[2] += asked.at < live.due_at < asked.tomorrow
            counts[3] += live.due_at <= asked.at
    return {department: tuple(counts) for department, counts in held.items()}


def test_the_debts_are_those_of_a_slow_loop(boss, clock):
    with unit_of_work():
        some = db.session.scalars(db.select(Ticket).where(Ticket.closed_at.is_(None)).limit(3))
        for ticket in some:
            ticket.is_emergency = True
    clock.advance(hours=5)
    asked = Asked(boss, clock())
    due, late = set(), set()
    for one in db.session.scalars(db.select(Callback)):
        if one.ended_at or one.exhausted_at or one.receipt_due_at:
            continue
        was_late = bool(one.first_attempt_at and one.first_attempt_at > one.first_due_at)
        if one.due_at <= asked.at or was_late:
            late.add(one.ticket_id)
        elif one.due_at < asked.tomorrow:
            due.add(one.ticket_id)
    unclosed = [
        ticket
        for ticket in db.session.scalars(db.select(Ticket))
        if ticket.status is not TicketStatus.CLOSED
    ]
    emergencies = sum(ticket.is_emergency for ticket in unclosed)
    debts = board.debts(asked.at, asked.tomorrow)
    assert debts == board.Debts(len(unclosed), len(due), len(late), emergencies)
    assert min(len(due) + len(late), emergencies) > 0
    oldest = board.read(asked.at, asked.tomorrow, None).oldest
    first = min(
        (ticket.opened_at, ticket.id) for ticket in unclosed if ticket.kept_since_at is None
    )
    assert (oldest.opened_at, oldest.ticket_id) == first
    page = queries.now(asked)
    figures = (page.figures[name].number for name in ("owed", "callback_due", "callback_overdue"))
    assert tuple(figures) == (debts.owed, debts.callback_due, debts.callback_overdue)


LITTLE = r" USING (COVERING )?INDEX ix_(tickets_unclosed|tickets_outer_owed|feedback_unsigned)"
TABLES = "tickets|calls|handoffs|callbacks|feedback|holds|ticket_events"
WHOLE = re.compile(rf"\bSCAN ({TABLES})\b(?!{LITTLE})")


def test_nothing_looks_at_what_is_over(app, clock, engine_name):
    """Every table with a history is read through an index, by the page and by the wall."""
    if engine_name != "sqlite":
        pytest.skip("PostgreSQL chooses by statistics: bench/ measures it")
    put(make_house(), TicketStatus.CLOSED, clock())
    asked = Asked(make_user(Role.SUPERVISOR), clock())
    said = []

    def note(connection, _cursor, statement, parameters, *_rest):
        said.append((statement, parameters))

    db.session.rollback()
    db.event.listen(db.engine, "before_cursor_execute", note)
    queries.now(asked)
    board.read(asked.at, asked.tomorrow, None)
    board.debts(asked.at, asked.tomorrow)
    db.event.remove(db.engine, "before_cursor_execute", note)
    selects = [(s, p) for s, p in said if s.startswith("SELECT")]
    assert len(selects) >= 8
    for statement, parameters in selects:
        plan = db.session.connection().exec_driver_sql(
            f"EXPLAIN QUERY PLAN {statement}", parameters
        )
        steps = "\n".join(row[3] for row in plan)
        assert not WHOLE.search(steps), f"{statement}\n{steps}"

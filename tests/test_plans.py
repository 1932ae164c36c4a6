"""How the database finds what a page shows: by an index, however many tickets there are.

A table of a few rows is read whole, and rightly: PostgreSQL is told here to do so only where
nothing else is left. What a page asks is explained with the very values it asked for.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event, text

from hotline.unit_of_work import unit_of_work
from models import CallResult, TicketStatus, db
from tests.databases import Databases
from tests.rhythm.house import rings
from tests.stages import make_house, put

LARGE = (
    *("tickets", "ticket_events", "calls", "callers", "caller_numbers", "callbacks", "handoffs"),
    "live_updates",
)
NUMBER = "13912346577"
# What is unclosed or owed is little, and a page of a list ends soon: read by an index of their own.
SHORT = ("ix_tickets_unclosed", "ix_tickets_outer_owed", "ix_tickets_opened_at_id")


@pytest.fixture
def database_uri(template: str, databases: Databases, tmp_path: Path) -> Iterator[str]:
    """A database nobody had before: one lent again keeps the statistics of the tests before it."""
    place = databases.new(tmp_path, template)
    yield databases.uri(place)
    databases.give_back(place, "")


@pytest.fixture
def house(app, clock):
    house = make_house()
    for number, status in enumerate(TicketStatus):
        ticket = put(house, status, clock(), phone=f"1391234{number}577")
        with unit_of_work():
            ticket.is_supervised = True
    put(house, TicketStatus.OPEN, clock(), phone=NUMBER)
    rings("13911110001", clock(), CallResult.MISSED)
    return house


@pytest.fixture
def asked_with(sign_in, app):
    """`asked_with(person, path)`: each statement of a page that reads, and its values."""
    asked = []

    def note(connection, cursor, statement, parameters, *_):
        asked.append((statement, parameters))

    def asked_with(person, path):
        browser = sign_in(person)
        event.listen(db.engine, "before_cursor_execute", note)
        try:
            answered = browser.get(path)
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
        assert answered.status_code == 200, path
        return [one for one in asked if one[0].startswith("SELECT")]

    return asked_with


@pytest.fixture
def asked_of(asked_with):
    """`asked_of(person, path)`: each statement of a page that reads."""
    return lambda person, path: [statement for statement, _ in asked_with(person, path)]


@pytest.fixture
def plans(asked_with):
    """`plans(person, path)`: how the database does each statement of a page, line by line."""
    return lambda person, path: [explained(*one) for one in asked_with(person, path)]


def explained(statement, parameters):
    """The lines of the plan for `statement`."""
    connection = db.session.connection()
    if db.engine.dialect.name == "sqlite":
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        return [row[3] for row in rows]
    connection.exec_driver_sql("SET LOCAL enable_seqscan TO off")
    rows = connection.exec_driver_sql(f"EXPLAIN (COSTS off) {statement}", parameters)
    return [row[0] for row in rows]


def read_whole(plan):
    """The large tables of which this plan reads every row."""
    return [
        line
        for line in plan
        if any(
            line.startswith(f"SCAN {table}") or f"Seq Scan on {table}" in line for table in LARGE
        )
        and not any(index in line for index in SHORT)
    ]


@pytest.mark.parametrize(
    ("typed", "index"),
    [
        (NUMBER, "ix_caller_numbers_number"),
        (NUMBER[-4:], "ix_caller_numbers_last_four"),
        (NUMBER[-7:], "ix_caller_numbers_last_four"),
        (NUMBER[-4:], "ix_tickets_serial"),
        (NUMBER[-4:], "ix_tickets_query_code"),
        ("工资", "search"),
    ],
)
def test_what_is_looked_for_is_found_by_its_index(house, plans, typed, index):
    found = plans(house["operator"], f"/tickets?q={typed}")
    assert any(index in line for plan in found for line in plan), found
    in_order = [line for plan in found for line in plan if "ix_tickets_opened_at_id" in line]
    assert [line for plan in found for line in read_whole(plan)] + in_order == []


def test_few_tickets_are_expected_for_an_outer_number(house, engine_name):
    """Else the search for a number is planned anew each time."""
    if engine_name != "postgresql":
        pytest.skip("SQLite plans without looking at the values")
    with unit_of_work():
        db.session.execute(text("UPDATE tickets SET outer_number = 'W' || id WHERE id % 2 = 0"))
    db.session.execute(text("ANALYZE tickets"))
    known = text(
        "SELECT n_distinct FROM pg_stats WHERE tablename = 'tickets' AND attname = 'outer_number'"
    )
    assert db.session.scalar(known) == -1


def test_a_whole_telephone_number_is_looked_for_among_no_codes(house, plans):
    """Each way to find is planned for, whether or not it can lead anywhere."""
    lines = [line for plan in plans(house["operator"], f"/tickets?q={NUMBER}") for line in plan]
    ways = ("ix_tickets_serial", "ix_tickets_query_code", "uq_tickets_number")
    assert not any(way in line for line in lines for way in ways)


@pytest.mark.parametrize(("name", "path"), [("operator", "/tickets"), ("handler", "/queue")])
def test_how_long_a_page_is_stands_in_its_statement(house, asked_of, name, path):
    """By a parameter PostgreSQL expects a tenth of all there are, and plans it anew each time."""
    pages = [one for one in asked_of(house[name], path) if "LIMIT" in one and "status" in one]
    assert len(pages) == 1
    assert re.search(r"LIMIT (51|31)\b", pages[0]), pages


def test_the_queue_can_be_read_in_its_order(house, asked_with, engine_name):
    if engine_name != "postgresql":
        pytest.skip("SQLite reads by the same index whatever is said")
    asked = asked_with(house["handler"], "/queue")
    db.session.execute(text("SET LOCAL enable_sort TO off"))  # few rows are sorted rather
    lines = [line for one in asked for line in explained(*one)]
    assert any("Presorted Key: handoffs.ended_at, handoffs.due_at" in line for line in lines)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("operator", "/workspace"),
        ("operator", "/callbacks"),
        ("operator", "/morning"),
        ("supervisor", "/supervised"),
        ("supervisor", "/now"),
    ],
)
def test_no_page_reads_a_large_table_whole(house, plans, name, path):
    assert [line for plan in plans(house[name], path) for line in read_whole(plan)] == []


def test_the_bar_of_a_department_reads_nothing_of_its_past(house, plans):
    """How many callers are owed an answer stands on every page, beside the unread notices."""
    bar = [
        plan
        for plan in plans(house["handler"], "/queue")
        if any("notifications" in line for line in plan)
    ]
    assert len(bar) == 1
    assert not any("hashed SubPlan" in line for line in bar[0])


def test_the_form_of_a_call_goes_through_no_list_for_the_callers_past(house, clock, plans):
    """It is the first thing on the screen when somebody rings."""
    ticket = put(house, TicketStatus.OPEN, clock(), phone=NUMBER)
    lines = sum(plans(house["operator"], f"/workspace/{ticket.id}"), [])
    assert read_whole(lines) == []
    assert not any("ix_tickets_opened_at_id" in line for line in lines)

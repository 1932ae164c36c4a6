"""The same rows as a page reads, by the driver alone: what the database itself takes for them.

Placeholders are named (`:name`), instants are text; both databases take the same statements.
"""
# ruff: noqa: S608 - names of our tables and columns

import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any, Self

import psycopg

from bench.floor import TABLE
from hotline.database import PRAGMAS

LIVE = "ended_at IS NULL"
SOURCES = (  # of a report: the table, whose rows, by which instant, what they measure
    ("calls", "operator_id", "started_at", "pickup_seconds"),
    ("tickets", "lead_department_id", "opened_at", "whole_seconds"),
    ("tickets", "lead_department_id", "closed_at", "whole_seconds"),
    ("handoffs", "department_id", "handed_off_at", "accept_seconds"),
    ("handoffs", "department_id", "accept_due_at", "accept_seconds"),
    ("handoffs", "department_id", "handle_due_at", "handle_seconds"),
    ("callbacks", "owner_id", "first_due_at", "ring_seconds"),
    ("callbacks", "owner_id", "ended_at", "told_seconds"),
)
BOARD = (
    f"SELECT department_id, count(*), sum(due_at <= :at) FROM handoffs WHERE {LIVE} GROUP BY 1",
    "SELECT status, count(*) FROM tickets WHERE closed_at IS NULL GROUP BY 1",
    f"SELECT kind, count(*) FROM callbacks WHERE {LIVE} GROUP BY 1",
    "SELECT result, count(*), sum(pickup_seconds <= 15) FROM calls WHERE started_at > :yesterday"
    " GROUP BY 1",
    "SELECT state, user_id FROM seats",
)
QUEUE = (
    "SELECT h.*, t.*, c.name FROM handoffs h JOIN tickets t ON t.id = h.ticket_id"
    " JOIN callers c ON c.id = t.caller_id WHERE h.department_id = :department"
)
TO_ACCEPT = f"{QUEUE} AND h.{LIVE} AND h.accepted_at IS NULL ORDER BY h.due_at LIMIT 31"
IN_WORK = f"{QUEUE} AND h.{LIVE} AND h.accepted_at IS NOT NULL ORDER BY h.due_at LIMIT 31"
EARLIER = f"{QUEUE} AND h.ended_at IS NOT NULL ORDER BY h.ended_at DESC LIMIT 31"
TICKETS = (
    "SELECT t.*, c.name FROM tickets t JOIN callers c ON c.id = t.caller_id"
    " WHERE t.opened_at < :before ORDER BY t.opened_at DESC, t.id DESC LIMIT 51"
)
TICKET = (
    "SELECT t.*, c.* FROM tickets t JOIN callers c ON c.id = t.caller_id WHERE t.id = :ticket",
    *(
        f"SELECT * FROM {table} WHERE ticket_id = :ticket"
        for table in ("ticket_events", "calls", "handoffs", "callbacks", "holds", "feedback")
    ),
)
FOUND = (
    "SELECT t.*, c.name FROM tickets t JOIN callers c ON c.id = t.caller_id WHERE t.caller_id IN"
    " (SELECT caller_id FROM caller_numbers WHERE {}) ORDER BY t.opened_at DESC, t.id DESC LIMIT 51"
)
BY_NUMBER = FOUND.format("number = :number")
BY_LAST_DIGITS = FOUND.format("substr(number, length(number) - 3) = :digits")
KNOWN_CALLER = (
    "SELECT t.*, c.* FROM tickets t JOIN callers c ON c.id = t.caller_id WHERE t.id = :ticket",
    "SELECT o.* FROM tickets o JOIN tickets t ON t.caller_id = o.caller_id WHERE t.id = :ticket",
    "SELECT * FROM calls WHERE ticket_id = :ticket",
)
OWN_WORK = (
    f"SELECT * FROM callbacks WHERE owner_id = :owner AND {LIVE}",
    "SELECT * FROM tickets WHERE owner_id = :owner AND closed_at IS NULL",
    "SELECT * FROM tickets WHERE owner_id IS NULL AND status IN ('open', 'answered')",
)
NIGHT = (
    "SELECT c.*, t.question FROM calls c JOIN tickets t ON t.id = c.ticket_id"
    " WHERE c.direction = 'inbound' AND c.started_at >= :evening AND c.started_at < :morning",
)
SUPERVISED = (
    "SELECT t.*, c.name FROM tickets t JOIN callers c ON c.id = t.caller_id"
    " WHERE t.closed_at IS NULL AND t.is_supervised",
)
REPORT = tuple(
    f"SELECT {key}, count(*), sum({measured}) FROM {table}"
    f" WHERE {anchor} >= :since AND {anchor} < :until GROUP BY 1"
    for table, key, anchor, measured in SOURCES
)
TREND = tuple(
    f"SELECT substr(cast({anchor} AS varchar(32)), 1, 7), count(*) FROM {table}"
    f" WHERE {anchor} >= :since AND {anchor} < :until GROUP BY 1"
    for table, _, anchor, _ in SOURCES
)


class Raw:
    """One connection of the driver, without anything of ours."""

    def __init__(self, url: str) -> None:
        self._is_sqlite = url.startswith("sqlite")
        if self._is_sqlite:
            self._address = url.removeprefix("sqlite:///")
            self._db: Any = sqlite3.connect(self._address)
            self._db.execute("PRAGMA query_only=ON")
        else:
            self._address = url.replace("postgresql+psycopg://", "postgresql://", 1)
            self._db = psycopg.connect(self._address, autocommit=True)
            self._db.execute("SET timezone TO 'UTC'")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def seconds(self, statements: tuple[str, ...], values: dict[str, Any]) -> float:
        """How long it takes until all rows of all statements are here."""
        began = time.perf_counter()
        for statement in statements:
            self.rows(statement, values)
        return time.perf_counter() - began

    def rows(self, statement: str, values: dict[str, Any]) -> list[Any]:
        if not self._is_sqlite:  # true and false are no numbers there
            statement = re.sub(r"sum\((\w+ <= [:\w]+)\)", r"count(*) FILTER (WHERE \1)", statement)
            statement = re.sub(r":(\w+)", r"%(\1)s", statement)
        used = {name: value for name, value in values.items() if name in statement}
        return list(self._db.execute(statement, used).fetchall())

    def inserts(self, count: int) -> Iterator[float]:
        """Seconds of each of so many inserts into the floor's table, committed as ours are."""
        writer = self._writer()
        mark = "?" if self._is_sqlite else "%s"
        insert = (
            f"INSERT INTO {TABLE} (call_ref, number, received_at) VALUES ({mark}, {mark}, {mark})"
        )
        with closing(writer):
            for number in range(count):
                row = f"CA{number:032x}", "+8613800000000", "2026-11-20 08:00:00"
                began = time.perf_counter()
                writer.execute(insert, row)
                yield time.perf_counter() - began

    def _writer(self) -> Any:
        if not self._is_sqlite:
            return psycopg.connect(self._address, autocommit=True)
        writer = sqlite3.connect(self._address, isolation_level=None)
        for pragma in PRAGMAS:
            writer.execute(pragma)
        return writer

    def one(self, statement: str, **values: Any) -> Any:
        return self.rows(statement, values)[0][0]

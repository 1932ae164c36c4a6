"""Rows on their way into a table: they get their ids here, and the values that columns have by
default, so that a new column of a model needs no word in the generator.
"""

import json
from collections.abc import Callable
from typing import Any, cast

from sqlalchemy import JSON, Column, Enum
from sqlalchemy import Table as SqlTable

from bench import seconds
from models import (
    Base,
    Call,
    Callback,
    CallbackAttempt,
    Caller,
    CallerNumber,
    CallLeg,
    Collective,
    Extension,
    Feedback,
    Handoff,
    Hold,
    SearchDocument,
    Ticket,
    TicketEvent,
    UtcDateTime,
)

Row = dict[str, Any]
_json = json.JSONEncoder().encode


class Table:
    """The rows of one table that are not written yet; a row may be changed until then."""

    def __init__(self, model: type[Base]) -> None:
        table = cast(SqlTable, model.__table__)
        columns = list(table.columns)
        self.name = table.name
        self.columns = tuple(column.name for column in columns)
        self.has_id = "id" in self.columns
        self.count = 0
        self._encoders = [(c.name, encoder) for c in columns if (encoder := _encoder(c))]
        self._defaults = {c.name: _default(c) for c in columns}
        self.waiting: list[Row] = []

    def add(self, **values: Any) -> Row:
        """A new row with the next id."""
        self.count += 1
        if self.has_id:
            values["id"] = self.count
        self.waiting.append(values)
        return values

    def take(self) -> list[tuple[Any, ...]]:
        """What waits, as the database takes it, in the order of `columns`; nothing waits then."""
        taken = [self._encoded(row) for row in self.waiting]
        self.waiting = []
        return taken

    def _encoded(self, row: Row) -> tuple[Any, ...]:
        whole = self._defaults | row
        for name, encode in self._encoders:
            value = whole[name]
            if value is not None:
                whole[name] = encode(value)
        return tuple(whole.values())


def _encoder(column: Column[Any]) -> Callable[[Any], str] | None:
    """How a value of `column` becomes what is stored; None: it is stored as it is."""
    if isinstance(column.type, UtcDateTime):
        return seconds.text
    if isinstance(column.type, JSON):
        return _json
    if isinstance(column.type, Enum):
        return str
    return None


def _default(column: Column[Any]) -> Any:
    default: Any = column.default
    if default is None:
        return None
    return default.arg({}) if default.is_callable else default.arg


class Book:
    """All tables that the generator fills, in the order in which they are written."""

    def __init__(self) -> None:
        self.callers = Table(Caller)
        self.numbers = Table(CallerNumber)
        self.collectives = Table(Collective)
        self.tickets = Table(Ticket)
        self.calls = Table(Call)
        self.legs = Table(CallLeg)
        self.handoffs = Table(Handoff)
        self.extensions = Table(Extension)
        self.callbacks = Table(Callback)
        self.attempts = Table(CallbackAttempt)
        self.feedback = Table(Feedback)
        self.events = Table(TicketEvent)
        self.holds = Table(Hold)
        self.documents = Table(SearchDocument)

    @property
    def tables(self) -> list[Table]:
        return list(vars(self).values())

"""Rows of the demo before they are written: they name each other, get their ids, go in by bulk.

The services would need a minute for what took 90 days; the constraints of the database hold here
as they hold for everybody: the gate is passed with its feedback row, or the writing fails.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import Table, bindparam, func, insert, select, update

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
    MessageChoice,
    OutboxMessage,
    Recording,
    Thanks,
    Ticket,
    TicketEvent,
    TicketStatus,
    db,
)

# In this order every row finds what it names.
ORDER: tuple[type[Base], ...] = (
    Collective,
    Caller,
    CallerNumber,
    Ticket,
    Call,
    CallLeg,
    Recording,
    Handoff,
    Extension,
    Callback,
    CallbackAttempt,
    Thanks,
    MessageChoice,
    OutboxMessage,
    Feedback,
    TicketEvent,
    Hold,
)
# Ids follow the time: a list by id is a list by age.
BORN: dict[type[Base], str] = {
    Caller: "created_at",
    Ticket: "opened_at",
    Call: "started_at",
    Handoff: "handed_off_at",
    Extension: "asked_at",
    Callback: "promised_at",
    CallbackAttempt: "at",
    Thanks: "at",
    Feedback: "at",
    TicketEvent: "at",
    Hold: "began_at",
}
HERE = "\ufffb"  # where the number goes in a text
# What a ticket gets only together with its proof, once that is written.
AT_THE_GATE = ("status", "resolution", "closing_feedback_id", "closed_at", "merged_into_id")


@dataclass(eq=False)
class Row:
    """One row to be. A value may be another row: its id is meant."""

    model: type[Base]
    values: dict[str, Any]
    id: int = 0

    def __getitem__(self, key: str) -> Any:
        return self.values[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.values[key] = value


@dataclass(frozen=True)
class NumberOf:
    """The number of a ticket, which is known only when all are in order; `within` a longer text."""

    ticket: Row
    within: str = HERE


@dataclass
class Book:
    """All rows of the demo."""

    rows: dict[type[Base], list[Row]] = field(default_factory=lambda: defaultdict(list))

    def add(self, row: Row) -> None:
        self.rows[row.model].append(row)

    def rows_of(self, model: type[Base]) -> list[Row]:
        """The rows of one table, the oldest first."""
        return (
            sorted(self.rows[model], key=lambda row: row[BORN[model]])
            if model in BORN
            else (self.rows[model])
        )

    def write(self) -> None:
        """Give every row its id, in the order in which they came about, and write all tables."""
        for model in ORDER:
            self.rows[model] = self.rows_of(model)
            self._number(model)
        for model in ORDER:
            table = _table(model)
            found = [_values(row, table, early=True) for row in self.rows[model]]
            if found:
                db.session.execute(insert(table), found)
        self._pass_the_gate()
        _mind_sequences()

    def _number(self, model: type[Base]) -> None:
        table = _table(model)
        last = db.session.scalar(select(func.max(table.c.id))) or 0
        for number, row in enumerate(self.rows[model], start=last + 1):
            row.id = number

    def _pass_the_gate(self) -> None:
        table = _table(Ticket)
        closed = [row for row in self.rows[Ticket] if row["status"] is TicketStatus.CLOSED]
        statement = (
            update(table)
            .where(table.c.id == bindparam("ticket"))
            .values({name: bindparam(f"new_{name}") for name in AT_THE_GATE})
        )
        parameters = []
        for row in closed:
            late = _values(row, table, early=False)
            parameters.append(
                {"ticket": row.id, **{f"new_{name}": late[name] for name in AT_THE_GATE}}
            )
        if parameters:
            db.session.execute(statement, parameters)


def _table(model: type[Base]) -> Table:
    return cast(Table, model.__table__)


def _values(row: Row, table: Table, *, early: bool) -> dict[str, Any]:
    """All columns of `row`; `early` leaves out of a ticket what waits for its proof."""
    values: dict[str, Any] = {}
    for column in table.columns:
        value = row.values.get(column.name, _default(column))
        values[column.name] = _resolved(value)
    values["id"] = row.id
    if early and row.model is Ticket and values["status"] is TicketStatus.CLOSED:
        values |= dict.fromkeys(AT_THE_GATE)
        values["status"] = TicketStatus.OPEN
    return values


def _resolved(value: Any) -> Any:
    """The id where a row is meant; inside of data and lists too."""
    if isinstance(value, Row):
        return value.id
    if isinstance(value, NumberOf):
        return value.within.replace(HERE, value.ticket["number"])
    if isinstance(value, dict):
        return {key: _resolved(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_resolved(one) for one in value]
    return value


def _default(column: Any) -> Any:
    if column.default is None:
        return None
    return column.default.arg({}) if column.default.is_callable else column.default.arg


def _mind_sequences() -> None:
    """Let PostgreSQL count on from the ids we gave; SQLite looks for itself."""
    if db.engine.dialect.name != "postgresql":
        return
    for model in ORDER:
        table = _table(model)
        sequence = func.pg_get_serial_sequence(table.name, "id")
        last = func.max(table.c.id)
        db.session.execute(select(func.setval(sequence, last)).having(last.is_not(None)))

"""Many new rows in one statement, for what is written of hundreds of things at once.

SQLite takes them one after the other from the memory of this process. PostgreSQL gets all of them
as one parameter: with one for each value, saying what is to be written would take longer than
writing it. As in hotline.new_rows, nothing is written outside of a unit of work.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Insert, Result, Table, TextClause, func, insert, select, text
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from models import Base, db

Rows = Sequence[Mapping[str, Any]]


def write(model: type[Base], rows: Rows) -> Result[Any] | None:
    """Write these rows, each with the same columns, the others at their defaults.

    What is only noted in the session is not flushed before.
    """
    session = db.session()
    if not session.info.get("writing"):
        raise RuntimeError("a write outside a unit of work")
    if not rows:
        return None
    if db.engine.dialect.name == "postgresql":
        given = json.dumps([{**_defaults(model), **row} for row in rows], default=_as_text)
        return session.execute(_all_into(model), {"rows": given})
    return session.execute(_into(model), rows)


def numbered(model: type[Base], rows: Rows) -> Sequence[int]:
    """`write` these rows; return their ids in the same order."""
    written = write(model, rows)
    if written is None:
        return ()
    if db.engine.dialect.name == "postgresql":
        return written.scalars().all()
    # Nobody writes between our rows.
    last = int(db.session.scalar(select(func.last_insert_rowid())))  # type: ignore[arg-type]
    return range(last - len(rows) + 1, last + 1)


@cache
def _into(model: type[Base]) -> Insert:
    return insert(_table(model))


@cache
def _all_into(model: type[Base]) -> TextClause:
    """PostgreSQL counts ids up in the order that is asked for."""
    table = _table(model)
    columns = ", ".join(column.name for column in table.columns if not column.primary_key)
    return text(
        f"""
        WITH written AS (
            INSERT INTO {table.name} ({columns})
            SELECT {columns} FROM json_array_elements(CAST(:rows AS json)) WITH ORDINALITY
                AS given (one, place), json_populate_record(CAST(NULL AS {table.name}), one)
            ORDER BY place RETURNING id
        ) SELECT id FROM written ORDER BY id
        """  # noqa: S608 - names of our own tables and columns
    )


@cache
def _defaults(model: type[Base]) -> dict[str, Any]:
    """What stands in a column of which nothing is said."""
    return {
        column.name: column.default.arg
        for column in _table(model).columns
        if isinstance(column.default, ScalarElementColumnDefault)
    }


def _table(model: type[Base]) -> Table:
    return model.__table__  # type: ignore[return-value]


def _as_text(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value).__name__)

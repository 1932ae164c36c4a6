"""New rows by one plain statement each, where somebody waits on the line.

The unit of work of the session weighs everything it holds before it writes one row, and makes an
object of it: ten times the work. What it would do besides is done here: nothing is written outside
of our own unit of work, and what reports count leaves its note (hotline.figures.touched).
"""

from functools import cache
from typing import Any, TypeVar, cast

from sqlalchemy import CursorResult, Insert, insert, inspect
from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from models import Base, db

Row = TypeVar("Row", bound=Base)
WRITTEN = "new_rows"  # in the info of a session: of which tables, with which ids and values


def write(model: type[Base], **values: Any) -> int:
    """Write a row with these values of its columns, the others at their defaults; return its id.

    What is only noted in the session is not flushed before.
    """
    session = db.session()
    if not session.info.get("writing"):
        raise RuntimeError("a write outside a unit of work")
    written = cast(CursorResult[Any], session.execute(_into(model), values))
    row_id = int(written.inserted_primary_key[0])  # type: ignore[index]  # of one row it is there
    session.info.setdefault(WRITTEN, []).append((model, row_id, values))
    return row_id


def make(model: type[Row], **values: Any) -> Row:
    """`write` a row, and have it as if it had been read again."""
    whole = _unsaid(model) | values
    row = model(id=write(model, **values), **whole)
    make_transient_to_detached(row)
    db.session.add(row)
    return row


@cache
def _unsaid(model: type[Base]) -> dict[str, Any]:
    """What stands in the columns of which nothing is said; what the database alone knows is left
    out, and read once somebody asks.
    """
    attribute = inspect(model).get_property_by_column
    return {
        attribute(column).key: getattr(column.default, "arg", None)
        for column in model.__table__.columns
        if isinstance(column.default, ScalarElementColumnDefault)
        or (column.nullable and column.default is None and column.server_default is None)
    }


@cache
def _into(model: type[Base]) -> Insert:
    return insert(model.__table__)  # type: ignore[arg-type]

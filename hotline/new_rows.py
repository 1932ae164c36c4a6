"""New rows by one plain statement each, where somebody waits on the line.

The unit of work of the session weighs everything it holds before it writes one row, and makes an
object of it: ten times the work. What it would do besides is done here: nothing is written outside
of our own unit of work, and what reports count leaves its note (hotline.figures.touched).
"""

from functools import cache
from typing import Any, cast

from sqlalchemy import CursorResult, Insert, insert

from models import Base, db

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


@cache
def _into(model: type[Base]) -> Insert:
    return insert(model.__table__)  # type: ignore[arg-type]

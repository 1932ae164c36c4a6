"""Reading a long list piece by piece: no long transaction, and never more than a piece in memory.

Which rows the list holds is read once, at the beginning; what they say, a piece at a time. Between
two pieces nothing is held, so that nobody who writes waits for an export, however slowly it goes.
"""

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from sqlalchemy import Select
from sqlalchemy.orm import InstrumentedAttribute

from hotline.exports.tables import Row
from models import Call, Callback, Handoff, Inspection, Ticket, db

Listed = TypeVar("Listed", Ticket, Handoff, Callback, Call, Inspection)
PIECE = 500
KEYS_AT_ONCE = 10_000


class Pieces:
    """The keys of a list, in its order, as it stood when this was made."""

    def __init__(self, keys: Select[tuple[int]]) -> None:
        found = db.session.scalars(keys.execution_options(yield_per=KEYS_AT_ONCE))
        self._keys = array("q", found)  # eight bytes a row

    def __len__(self) -> int:
        return len(self._keys)

    def rows(self, load: Callable[[Sequence[int]], Iterable[Row]]) -> Iterator[Row]:
        """Every row, as `load` makes them of some keys at a time."""
        for begin in range(0, len(self._keys), PIECE):
            piece = list(load(self._keys[begin : begin + PIECE]))
            db.session.rollback()  # ends the read before anybody waits for who takes the rows
            yield from piece


def in_order(
    found: Select[tuple[Listed]], key: InstrumentedAttribute[int], wanted: Sequence[int]
) -> list[Listed]:
    """Those of `found` whose keys are wanted, in the order of the keys."""
    there = db.session.scalars(found.where(key.in_(wanted))).unique()
    by_key = {getattr(row, key.key): row for row in there}
    return [by_key[one] for one in wanted if one in by_key]

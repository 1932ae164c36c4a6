"""How a sweep goes over due rows: each alone, so that a bad one stops no other."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial

import structlog

from hotline.unit_of_work import unit_of_work

log = structlog.get_logger()
PORTION = 100  # rows; whoever else wants to write waits for so many at most


def for_each(ids: Iterable[int], act: Callable[[int], object]) -> int:
    """Do `act` to each row in a unit of work of its own; return how many it was done to.

    `act` loads the row, looks again whether it is still due, and returns False when it is not.
    """

    def in_one_piece(row_id: int) -> object:
        with unit_of_work():
            return act(row_id)

    return each_alone(ids, in_one_piece, name=_name_of(act))


def in_portions(
    ids: Sequence[int], act: Callable[[Sequence[int]], int], *, size: int = PORTION
) -> int:
    """Do `act` to so many rows at once, each portion in a unit of work; return to how many in all.

    Where it fails for a portion it is done to each row of it alone, so a bad one stops no other.
    """
    done = 0
    for first in range(0, len(ids), size):
        portion = ids[first : first + size]
        try:
            with unit_of_work():
                done += act(portion)
        except Exception:
            log.exception("a portion is done row by row", sweep=_name_of(act), rows=len(portion))
            done += for_each(portion, lambda row_id: act([row_id]) > 0)
    return done


def each_alone(ids: Iterable[int], act: Callable[[int], object], *, name: str) -> int:
    """The same where `act` opens its units of work itself, because it waits for the network."""
    done = 0
    for row_id in ids:
        try:
            done += act(row_id) is not False
        except Exception:
            log.exception("a row was skipped", sweep=name, row=row_id)
    return done


def _name_of(act: Callable[..., object]) -> str:
    named = act.func if isinstance(act, partial) else act
    return getattr(named, "__name__", repr(named))

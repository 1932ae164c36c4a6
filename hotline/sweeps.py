"""How a sweep goes over due rows: one transaction each, so that one bad row stops no other."""

from collections.abc import Callable, Iterable

import structlog

from hotline.unit_of_work import unit_of_work

log = structlog.get_logger()


def for_each(ids: Iterable[int], act: Callable[[int], object]) -> int:
    """Do `act` to each row, in a unit of work of its own; return how many it was done to.

    `act` loads the row, looks again whether it is still due, and returns False when it is not.
    """
    done = 0
    for row_id in ids:
        try:
            with unit_of_work():
                done += act(row_id) is not False
        except Exception:
            name = getattr(act, "__name__", None) or repr(act)
            log.exception("a row was skipped", sweep=name, row=row_id)
    return done

"""The tick itself."""

from datetime import timedelta

from hotline import clock
from hotline.operations import ticking
from hotline.unit_of_work import unit_of_work

PATIENCE = timedelta(seconds=10)


def mark_tick() -> int:
    """Leave the mark by which /readyz sees that the ticker lives, and tell of a time it slept."""
    with unit_of_work(within=PATIENCE):
        ticking.mark(clock.now())
    return 1

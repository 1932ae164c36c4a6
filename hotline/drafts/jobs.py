"""Sweeping away what was never sent: drafts hold callers' words."""

from hotline import clock
from hotline.drafts import service
from hotline.unit_of_work import unit_of_work


def forget_old_drafts() -> int:
    """Delete the drafts that nobody came back for; return how many."""
    with unit_of_work():
        return service.forget_old(clock.now())

"""Sweeping away what every page has long heard."""

from hotline import clock
from hotline.live_updates import feed
from hotline.unit_of_work import unit_of_work


def forget_old_live_updates() -> int:
    """Delete old live updates; return how many."""
    with unit_of_work():
        return feed.forget_old(clock.now())

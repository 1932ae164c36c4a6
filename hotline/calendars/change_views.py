"""What every page does that changes a calendar: what is due follows, and who saves hears of it."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import flash, g
from flask_babel import ngettext

from hotline import clock
from hotline.handoffs import calendar_change as calendar_changes
from hotline.unit_of_work import unit_of_work


@contextmanager
def calendar_change() -> Iterator[None]:
    """A unit of work in which the due times that lie ahead follow what it changes.

    It is alone: a hand-off that is being written by the old calendar would not be seen, and keep
    its old limit.
    """
    with unit_of_work(alone=True):
        before = calendar_changes.begin()
        yield
        moved = calendar_changes.follow(before, actor=g.user, at=clock.now())
    if moved:
        sentence = ngettext(
            "%(num)d ticket was reckoned anew: its story says from when to when.",
            "%(num)d tickets were reckoned anew: their stories say from when to when.",
            moved,
        )
        flash(sentence, "warning")

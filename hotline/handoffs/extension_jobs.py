"""Sweeps over the time that departments asked for. Safe to run late or twice: the rows say it."""

from datetime import datetime
from functools import partial

from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager

from hotline import clock, turns
from hotline.handoffs import new_dates, reminders
from hotline.handoffs.queries import LEAD, RUNNING
from hotline.sweeps import for_each
from models import Extension, Handoff, db


def remind_to_decide_extensions() -> int:
    """Tell of requests for more time that nobody has decided, as their ladder has it; how many."""
    now = clock.now()
    asked = (
        select(Extension)
        .join(Extension.handoff)
        .join(Handoff.ticket)
        .options(contains_eager(Extension.handoff).contains_eager(Handoff.ticket))
        .where(*RUNNING, Handoff.paused_at.is_(None), Extension.decided_at.is_(None))
    )
    due = [one.id for one in db.session.scalars(asked) if reminders.extension_step(one, at=now)]
    db.session.rollback()
    return for_each(due, partial(_remind, at=now))


def owe_dates_nobody_tells() -> int:
    """Owe the caller a ring for each date that was granted and that nothing tells; how many."""
    now = clock.now()
    untold = (
        select(Handoff.id).join(Handoff.ticket).where(*RUNNING, LEAD, new_dates.may_be_untold())
    )
    return for_each(_ids(untold), partial(_owe, at=now))


def _ids(found: Select[tuple[int]]) -> list[int]:
    ids = list(db.session.scalars(found))
    db.session.rollback()
    return ids


def _remind(extension_id: int, *, at: datetime) -> bool:
    asked = db.session.get_one(Extension, extension_id)
    turns.hold_about(Handoff, asked.handoff_id)
    db.session.refresh(asked)
    return reminders.remind_to_decide_extension(asked, at=at)


def _owe(handoff_id: int, *, at: datetime) -> bool:
    turns.hold_about(Handoff, handoff_id)
    return new_dates.owe_again(db.session.get_one(Handoff, handoff_id), at=at)

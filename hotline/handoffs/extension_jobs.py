"""Sweeps over the time that departments asked for. Safe to run late or twice: the rows say it."""

from datetime import datetime
from functools import partial

from sqlalchemy import Select, select

from hotline import clock, turns
from hotline.handoffs import extensions, new_dates
from hotline.handoffs.queries import RUNNING
from hotline.sweeps import for_each
from models import Extension, Handoff, db


def raise_undecided_extensions() -> int:
    """Tell the supervisors of requests for more time that nobody decided in time; how many."""
    now = clock.now()
    due = (
        select(Extension.id)
        .join(Extension.handoff)
        .join(Handoff.ticket)
        .where(
            *RUNNING,
            Extension.decided_at.is_(None),
            Extension.reminded_at.is_(None),
            Extension.due_at <= now,
        )
    )
    return for_each(_ids(due), partial(_raise, at=now))


def owe_dates_nobody_tells() -> int:
    """Owe the caller a ring for each date that was granted and that nothing tells; how many."""
    now = clock.now()
    untold = select(Handoff.id).join(Handoff.ticket).where(*RUNNING, new_dates.may_be_untold())
    return for_each(_ids(untold), partial(_owe, at=now))


def _ids(found: Select[tuple[int]]) -> list[int]:
    ids = list(db.session.scalars(found))
    db.session.rollback()
    return ids


def _raise(extension_id: int, *, at: datetime) -> bool:
    asked = db.session.get_one(Extension, extension_id)
    turns.hold_about(Handoff, asked.handoff_id)
    db.session.refresh(asked)
    return extensions.raise_undecided(asked, at=at)


def _owe(handoff_id: int, *, at: datetime) -> bool:
    turns.hold_about(Handoff, handoff_id)
    return new_dates.owe_again(db.session.get_one(Handoff, handoff_id), at=at)

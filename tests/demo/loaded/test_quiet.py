"""Nothing goes out for what was due before the demo starts, and nothing is loaded twice."""

from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import func, select

from hotline import scheduler
from hotline.demo import service
from hotline.unit_of_work import unit_of_work
from models import Base, Callback, MessageStatus, Notification, OutboxMessage, db

# These ask the telephone company.
ELSEWHERE = ("reconcile_calls", "move_simulated_calls")


def counts():
    return {
        table.name: db.session.scalar(select(func.count()).select_from(table))
        for table in Base.metadata.sorted_tables
    }


def test_the_first_sweeps_send_nothing(app, start, clock):
    clock.set(start + timedelta(seconds=5))
    before = counts()
    for job in scheduler.JOBS:
        if job.name not in ELSEWHERE:
            assert scheduler.run_job(app, job) is not None, job.name
    db.session.rollback()  # read what the sweeps wrote
    unsent = select(OutboxMessage).where(OutboxMessage.status != MessageStatus.DELIVERED)
    assert list(db.session.scalars(unsent)) == []
    of_the_past = Notification.at == start.replace(microsecond=0)  # next year's list is missing
    assert list(db.session.scalars(select(Notification).where(~of_the_past))) == []
    after = counts()
    kept = {"marks", "figure_days"}  # what was last done; the figures of days that are over
    assert {name for name in before if before[name] != after[name]} <= kept


def test_what_falls_due_later_is_said(app, start, clock):
    due_at = db.session.scalar(
        select(func.min(Callback.due_at)).where(
            Callback.ended_at.is_(None), Callback.due_at > start
        )
    )
    clock.set(due_at + timedelta(minutes=1))
    (job,) = (job for job in scheduler.JOBS if job.name == "remind_of_callbacks")
    assert scheduler.run_job(app, job) >= 1
    db.session.rollback()  # read what the sweep wrote
    assert list(db.session.scalars(select(Notification)))


@pytest.mark.parametrize("when", ["Monday at nine"], indirect=True)
def test_a_second_run_changes_nothing(app, start, sounds):
    before = counts()
    with unit_of_work():
        again = service.seed(start + timedelta(days=1), Random(2), password_hash="x", sounds=sounds)
    assert (again, counts()) == (False, before)

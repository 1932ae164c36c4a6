"""On PostgreSQL a message is committed together with a job that lets it leave at once.

The jobs are procrastinate's; `flask worker` runs them (hotline/worker.py). We write them by the
function of its schema, in the transaction of the session: who only writes need not load it. A job
is a hint and the row in the outbox the truth: a job that is lost, runs late or twice changes
nothing, because the sweep finds what is due and who claims a message sends it.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import DateTime, bindparam, text

from models import OutboxMessage, db

QUEUE = "outbox"
DELIVER = "deliver_messages"
USELESS_AFTER = timedelta(minutes=10)
OF_ONE_JOB = 25  # messages; several workers share what many are told at once

PUT = text(
    """
    SELECT procrastinate_defer_jobs_v1(ARRAY(SELECT CAST(ROW(
        :queue, :task, 0, NULL, NULL, jsonb_build_object('message_ids', ids), :at
    ) AS procrastinate_job_to_defer_v1) FROM jsonb_array_elements(CAST(:ids AS jsonb)) AS ids))
    """
).bindparams(bindparam("at", type_=DateTime(timezone=True)))
# Nobody works on them: there is no worker, or the one that had it is gone and forgotten.
FORGET = text(
    """
    DELETE FROM procrastinate_jobs WHERE queue_name = :queue AND status <> 'doing'
    AND coalesce(scheduled_at, :before) <= :before
    AND id IN (SELECT job_id FROM procrastinate_events WHERE type = 'deferred' AND at <= :before)
    """
).bindparams(bindparam("before", type_=DateTime(timezone=True)))


def put(message: OutboxMessage) -> None:
    """Let a worker hear of `message` when the present transaction is committed, or when it is due.

    Nothing on SQLite, where the sweep of the one process comes round every few seconds.
    """
    if db.engine.dialect.name == "postgresql":
        db.session.flush()  # it has its number from here on
        due_at = message.due_at if message.due_at > message.created_at else None
        put_all([message.id], at=due_at)


def put_all(ids: Sequence[int], *, at: datetime | None = None) -> None:
    """The same for many at once, which are due at once or `at` that time."""
    if ids and db.engine.dialect.name == "postgresql":
        jobs = [ids[first : first + OF_ONE_JOB] for first in range(0, len(ids), OF_ONE_JOB)]
        what = {"queue": QUEUE, "task": DELIVER, "ids": json.dumps(jobs), "at": at}
        db.session.execute(PUT, what)


def forget_old(at: datetime) -> int:
    """Delete the jobs nobody took while the sweep sent their messages; return how many."""
    if db.engine.dialect.name != "postgresql":
        return 0
    gone = db.session.execute(FORGET, {"queue": QUEUE, "before": at - USELESS_AFTER})
    return int(gone.rowcount)  # type: ignore[attr-defined]

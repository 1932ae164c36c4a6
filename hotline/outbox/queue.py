"""On PostgreSQL a message is committed together with a job that lets it leave at once.

The jobs are procrastinate's; `flask worker` runs them (hotline/worker.py). We write them by the
function of its schema, in the transaction of the session: who only writes need not load it. A job
is a hint and the row in the outbox the truth: a job that is lost, runs late or twice changes
nothing, because the sweep finds what is due and who claims a message sends it.
"""

from datetime import datetime, timedelta

from sqlalchemy import DateTime, bindparam, text

from models import OutboxMessage, db

QUEUE = "outbox"
DELIVER = "deliver_message"
USELESS_AFTER = timedelta(minutes=10)

PUT = text(
    """
    SELECT procrastinate_defer_jobs_v1(ARRAY[CAST(ROW(
        :queue, :task, 0, NULL, NULL, jsonb_build_object('message_id', CAST(:id AS integer)), :at
    ) AS procrastinate_job_to_defer_v1)])
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
    if db.engine.dialect.name != "postgresql":
        return
    db.session.flush()  # it has its number from here on
    due_at = message.due_at if message.due_at > message.created_at else None
    db.session.execute(PUT, {"queue": QUEUE, "task": DELIVER, "id": message.id, "at": due_at})


def forget_old(at: datetime) -> int:
    """Delete the jobs nobody took while the sweep sent their messages; return how many."""
    if db.engine.dialect.name != "postgresql":
        return 0
    gone = db.session.execute(FORGET, {"queue": QUEUE, "before": at - USELESS_AFTER})
    return int(gone.rowcount)  # type: ignore[attr-defined]

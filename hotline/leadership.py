"""Who ticks: on PostgreSQL one process of all, whoever holds the lock; on SQLite each that may.

A process that dies loses the lock with its session. One that was stopped and is not dead (SIGSTOP,
a machine that hangs) keeps its sessions, and with them the lock: who waits for the lead ends them
all when nobody has ticked for too long. What the stopped one had begun is rolled back, and when it
goes on it finds out that it leads no more.
"""

import threading
from contextlib import suppress
from datetime import timedelta

import sqlalchemy as sa
import structlog
from flask import Flask

from hotline.stillness import Stillness
from models import Mark, db

log = structlog.get_logger()
LOCK = 4_719_223_651  # any number of our own: who holds it on PostgreSQL is the one ticker
FROZEN_AFTER = timedelta(seconds=45)  # three ticks that did not come
HALVES = {"upper": LOCK >> 32, "lower": LOCK & 0xFFFFFFFF}
HOLDER = sa.text(
    """
    SELECT pid, application_name FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'advisory' AND granted AND classid = :upper AND objid = :lower
    AND objsubid = 1 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    """
)
END = sa.text(
    """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE pid = :pid OR (datname = current_database() AND application_name = :name AND :name <> '')
    """
)


class Leadership:
    """One ticker for all processes. Two would do nothing twice, only ask twice as often."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._connection: sa.Connection | None = None
        self._lock = threading.Lock()
        self._others = Stillness()

    def is_ours(self) -> bool:
        """Whether this process leads, or takes the lead now because nobody else does."""
        with self._lock, self._app.app_context():
            if db.engine.dialect.name != "postgresql":
                return True
            try:
                return self._holds_lock()
            except sa.exc.DBAPIError:
                if self._connection is not None:
                    log.warning("this process leads no more")
                self._drop()
                return False

    def give_up(self) -> None:
        """Let somebody else lead, from now on: a session that ends is noticed a moment later."""
        with self._lock:
            if self._connection is not None:
                with suppress(sa.exc.DBAPIError):
                    self._connection.execute(sa.select(sa.func.pg_advisory_unlock(LOCK)))
            self._drop()

    def _holds_lock(self) -> bool:
        if self._connection is not None:
            self._connection.execute(sa.text("SELECT 1"))  # raises when the server let go of us
            return True
        engine = db.engine.execution_options(isolation_level="AUTOCOMMIT")
        connection = engine.connect()
        if connection.scalar(sa.select(sa.func.pg_try_advisory_lock(LOCK))):
            self._connection = connection
            log.info("this process leads")
            return True
        with connection:
            self._watch(connection)
        return False

    def _watch(self, connection: sa.Connection) -> None:
        """Look whether who leads still ticks; when it has not for too long, end its sessions."""
        ticked_at = connection.scalar(sa.select(Mark.at).where(Mark.name == "tick"))
        if self._others.of(ticked_at) < FROZEN_AFTER:
            return
        self._others = Stillness()
        for pid, name in connection.execute(HOLDER, HALVES):
            connection.execute(END, {"pid": pid, "name": name})
            log.warning("who led does not tick: its sessions are ended", process=name)

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.invalidate()  # ends the session, and with it the lock
            self._connection.close()
        self._connection = None

"""One business operation, one transaction: the only place that commits."""

import fcntl
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from models import db

# Several writers in SQLite's own busy handler starve each other (measured: p95 of 2 to 4 seconds,
# and "locked" after five), so they queue here first. PostgreSQL needs no such queue.
_writer = threading.Lock()


@contextmanager
def unit_of_work() -> Iterator[None]:
    """Commit what the block did when it ends well, roll all of it back on any error.

    Opened by the edges (views, webhooks, jobs, commands) and never inside another one: what was
    loaded before is loaded anew inside. On SQLite it begins with BEGIN IMMEDIATE, because a read
    that turns into a write would lose an update or fail with "locked".
    """
    session = db.session()
    if session.info.get("writing"):
        raise RuntimeError("a unit of work inside a unit of work")
    session.rollback()  # ends the guard's read and gives its connection back before we wait
    with _writer_lock():
        session.info["writing"] = True
        try:
            session.connection(execution_options={"writes": True})
            yield
            session.commit()
        except BaseException:
            session.rollback()
            raise
        finally:
            session.info["writing"] = False


@contextmanager
def _writer_lock() -> Iterator[None]:
    """Wait for one's turn to write: among threads by a lock, among processes by a locked file."""
    if db.engine.dialect.name != "sqlite":
        yield
        return
    # Opened anew each time: a file opened before a fork would be locked for both at once.
    with _writer, open(f"{db.engine.url.database}.lock", "w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield  # closing the file lets the next one go on

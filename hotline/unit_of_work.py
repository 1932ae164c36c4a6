"""One business operation, one transaction: the only place that commits."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from models import db

# Several writers in SQLite's own busy handler starve each other (measured: p95 of 2 to 4 seconds),
# so they queue here first. PostgreSQL needs no such queue.
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
    if db.engine.dialect.name != "sqlite":
        yield
        return
    with _writer:
        yield

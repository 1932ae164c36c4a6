"""One business operation, one transaction: the only place that commits."""

import fcntl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TextIO

from hotline import turns
from hotline.errors import OutOfTime
from hotline.patience import Patience
from hotline.patient_connection import waiting_for
from models import db

# Several writers in SQLite's own busy handler starve each other (measured: p95 of 2 to 4 seconds,
# and "locked" after five), so they queue here first. PostgreSQL needs no such queue.
_writer = threading.Lock()


@contextmanager
def unit_of_work(within: timedelta | None = None, *, alone: bool = False) -> Iterator[None]:
    """Commit what the block did when it ends well, roll all of it back on any error.

    Opened by the edges (views, webhooks, jobs, commands) and never inside another one: what was
    loaded before is loaded anew inside. On SQLite it begins with BEGIN IMMEDIATE, because a read
    that turns into a write would lose an update or fail with "locked".

    With `within`, waiting for one's turn and all statements together get that long; then
    OutOfTime is raised. With `alone` nobody else writes meanwhile, on PostgreSQL either: for what
    must see everything that was reckoned by what it changes.
    """
    session = db.session()
    if session.info.get("writing"):
        raise RuntimeError("a unit of work inside a unit of work")
    patience = Patience(within) if within else None
    session.rollback()  # ends the guard's read and gives its connection back before we wait
    with _writer_lock(patience), waiting_for(patience):
        session.info["writing"] = True
        try:
            session.connection(execution_options={"writes": True, "patience": patience})
            turns.begin(alone=alone)
            yield
            session.commit()
        except BaseException:
            session.rollback()
            raise
        finally:
            session.info["writing"] = False


@contextmanager
def _writer_lock(patience: Patience | None) -> Iterator[None]:
    """Wait for one's turn to write: among threads by a lock, among processes by a locked file."""
    if db.engine.dialect.name != "sqlite":
        yield
        return
    if not _writer.acquire(timeout=patience.left() if patience else -1):
        raise OutOfTime
    try:
        # Opened anew each time: a file opened before a fork would be locked for both at once.
        with open(f"{db.engine.url.database}.lock", "w") as turn:
            _lock(turn, patience)
            yield  # closing the file lets the next one go on
    finally:
        _writer.release()


def _lock(turn: TextIO, patience: Patience | None) -> None:
    if patience is None:
        fcntl.flock(turn, fcntl.LOCK_EX)
        return
    while True:
        try:
            fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:  # the system has no lock that waits for a while
            patience.wait()

"""A connection to PostgreSQL that waits for a slow server only as long as somebody may wait for us.

`statement_timeout` is kept by the server: it says nothing when the server itself, or the way to it,
is what is slow. Here the waiting ends on our side, and the connection with it.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy.engine import Dialect

from hotline.errors import OutOfTime
from hotline.patience import Patience

# A server that works gives up first, and the connection can be used again.
GRACE = timedelta(seconds=0.5)
AT_ONCE = 0.01
TO_CONNECT = 0.6  # seconds that must be left; the driver may take two (config.NO_ANSWER)
_patience: ContextVar[Patience | None] = ContextVar("patience", default=None)


class PatientConnection(psycopg.Connection[Any]):
    """Whatever is waited for within `waiting_for` takes no longer; statements stay prepared."""

    def wait(self, gen: Any, *args: Any, **options: Any) -> Any:
        patience = _patience.get()
        if patience is None:
            return super().wait(gen, *args, **options)
        try:
            return super().wait(gen, *args, **{"timeout": _seconds(patience), **options})
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.pgconn.finish()  # the answer may still come: nobody may take it for another
            raise

    def rollback(self) -> None:
        """Go back, and let the server keep the statements it was taught.

        The driver has it forget all of them, for they might speak of tables that are gone by the
        way back: ours make no tables. Every page ends so, and each would be planned anew. After an
        error everything is forgotten, as the driver wants it.
        """
        if self.pgconn.transaction_status != TransactionStatus.INTRANS:
            super().rollback()
            return
        with self.lock:
            self.wait(self._exec_command(b"ROLLBACK"))


@contextmanager
def waiting_for(patience: Patience | None) -> Iterator[None]:
    """Let no connection of this thread wait longer than `patience` and a little more."""
    before = _patience.set(patience and patience.longer(GRACE))
    try:
        yield
    finally:
        _patience.reset(before)


def connect(
    dialect: Dialect, record: Any, arguments: list[Any], options: dict[str, Any]
) -> PatientConnection:
    """What SQLAlchemy does to connect, with a connection of our own kind; not begun too late."""
    patience = _patience.get()
    if patience is not None and _seconds(patience) < TO_CONNECT:
        raise psycopg.OperationalError("no time is left to connect")
    return PatientConnection.connect(*arguments, **options, application_name=name_of_process())


def name_of_process() -> str:
    """How the server knows all connections of this process as one's."""
    return f"huiyin {socket.gethostname()[:32]} {os.getpid()}"


def _seconds(patience: Patience) -> float:
    try:
        return patience.left()
    except OutOfTime:
        return AT_ONCE

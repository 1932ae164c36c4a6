"""The wake-up from other processes on PostgreSQL: one thread that listens for NOTIFY.

It only makes streams faster; they read again every second without it. So nothing is lost when its
connection is: it is made anew, on another server of the database if need be.
"""

import threading
from typing import Any

import psycopg
import structlog
from sqlalchemy.engine import Engine

from hotline.database import connection_arguments
from hotline.live_updates import streams
from hotline.live_updates.service import CHANNEL, awake

log = structlog.get_logger()
LOOK_UP_SECONDS = 1.0
PAUSE_SECONDS = 2.0
LISTENER = "huiyin-live"  # what the server's list of connections calls it

_lock = threading.Lock()
_thread: threading.Thread | None = None


def ensure(engine: Engine) -> None:
    """Listen from now on, once a process; nothing on SQLite."""
    global _thread
    if engine.dialect.name != "postgresql":
        return
    with _lock:
        if _thread is None or not _thread.is_alive():
            how = {**connection_arguments(engine), "application_name": LISTENER}
            _thread = threading.Thread(target=_listen, args=(how,), name="listen", daemon=True)
            _thread.start()


def _listen(how: dict[str, Any]) -> None:
    while not streams.stopping.is_set():
        try:
            with psycopg.connect(autocommit=True, **how) as connection:
                connection.execute(f"LISTEN {CHANNEL}")
                _wake_on_notice(connection)
        except psycopg.Error as error:
            log.warning("not listening for live updates", error=type(error).__name__)
            streams.stopping.wait(PAUSE_SECONDS)


def _wake_on_notice(connection: psycopg.Connection) -> None:
    while not streams.stopping.is_set():
        for _notice in connection.notifies(timeout=LOOK_UP_SECONDS, stop_after=1):
            with awake:
                awake.notify_all()

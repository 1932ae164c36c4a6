"""The wake-up from other processes on PostgreSQL: one thread that listens for NOTIFY.

It only makes streams faster; they read again every second without it.
"""

import threading

import psycopg
import structlog
from sqlalchemy.engine import Engine

from hotline.live_updates import streams
from hotline.live_updates.service import CHANNEL, awake

log = structlog.get_logger()
LOOK_UP_SECONDS = 1.0
PAUSE_SECONDS = 5.0

_lock = threading.Lock()
_thread: threading.Thread | None = None


def ensure(engine: Engine) -> None:
    """Listen from now on, once a process; nothing on SQLite."""
    global _thread
    if engine.dialect.name != "postgresql":
        return
    with _lock:
        if _thread is None or not _thread.is_alive():
            place = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
            _thread = threading.Thread(target=_listen, args=(place,), name="listen", daemon=True)
            _thread.start()


def _listen(place: str) -> None:
    while not streams.stopping.is_set():
        try:
            with psycopg.connect(place, autocommit=True) as connection:
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

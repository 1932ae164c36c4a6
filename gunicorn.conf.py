"""How gunicorn serves the hotline. Started by scripts/run as `python -m gunicorn`."""

import ctypes
import gc
import os
import signal
import sys
from contextlib import suppress
from functools import partial
from types import FrameType
from typing import Any

from dotenv import load_dotenv

from config import Config, ConfigError

MOST_HEAPS, OWN_FROM = -8, -3  # M_ARENA_MAX and M_MMAP_THRESHOLD of <malloc.h>
BIG = 64 * 1024  # bytes; what is as big as a page's text goes back to the system after use
STUCK_SECONDS = 30  # whoever has not ended so long after being told is ended
# A thread that computes gives way to others after so long. A call asks the database some dozens of
# times and waits anew after each: with Python's 5 ms a page drawn beside it held it up for 300 ms.
TURN_SECONDS = 0.0005

load_dotenv(".env")  # what the environment says already stays
try:
    settings = Config.from_env(os.environ)
except ConfigError as error:
    sys.exit(str(error))

bind = f"{settings.HOST}:{settings.PORT}"
worker_class = "hotline.half_requests.PatientWorker"
threads = settings.THREADS
graceful_timeout = 10
preload_app = True  # a process that dies is replaced by a fork, in milliseconds
control_socket_disable = True
forwarder_headers = ""  # nobody tells us by a header under which address we stand
loglevel = settings.LOG_LEVEL.lower()
logger_class = "hotline.server_log.ServerLog"


def on_starting(server: Any) -> None:
    """Refuse several processes on one SQLite file: the writers' queue is inside a process."""
    if server.cfg.workers > 1 and settings.SQLALCHEMY_DATABASE_URI.startswith("sqlite"):
        sys.exit("SQLite serves one process only. Take PostgreSQL by DATABASE_URL, or one worker.")


def when_ready(server: Any) -> None:
    """Let SIGHUP bring a new release, and no caller wait for it."""
    from hotline import handing_over, warm

    _share_heaps()
    warm.up(server.app.wsgi())
    gc.collect()
    gc.freeze()  # what is loaded stays shared with the processes that are forked
    server.handle_hup = partial(handing_over.begin_anew, server)
    handing_over.take_over(server)


def _share_heaps() -> None:
    """Let all threads share two heaps, where the C library would give each its own to keep: with
    sixty of them that were 30 MB that nobody uses. Other libraries than glibc have no such word.
    """
    with suppress(AttributeError, OSError):
        library = ctypes.CDLL(None)
        library.mallopt(MOST_HEAPS, 2)
        library.mallopt(OWN_FROM, BIG)


def post_worker_init(worker: Any) -> None:
    """Start the ticker, and see to it that live streams end when we are told to stop."""
    from hotline import handing_over, scheduler
    from hotline.live_updates import streams

    sys.setswitchinterval(TURN_SECONDS)
    worker.ticker = scheduler.start(worker.wsgi)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
        then = signal.getsignal(number)

        def stop(received: int, frame: FrameType | None, then: Any = then) -> None:
            streams.stop()  # gunicorn would wait for them
            signal.alarm(STUCK_SECONDS)
            then(received, frame)

        signal.signal(number, stop)
    if worker.age == 1:  # the first one; later ones answer at the same address
        address = settings.PUBLIC_BASE_URL
        sys.stdout.write(f"\nThe hotline answers at {address}  (Ctrl-C stops it)\n\n")
        sys.stdout.flush()
    handing_over.say_ready()


def worker_exit(server: Any, worker: Any) -> None:
    """Let the sweeps that run now come to their end."""
    if ticker := getattr(worker, "ticker", None):
        ticker.stop()

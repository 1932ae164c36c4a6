"""The open streams of this process: how many there may be, what wakes them, when they end."""

import threading
import time
import weakref
from collections.abc import Callable

from hotline.live_updates.service import awake

REREAD_SECONDS = 1.0  # a command in another process wakes nobody here
PING_SECONDS = 8.0

stopping = threading.Event()  # a stream looks here whenever it wakes, and ends


def stop() -> None:
    """Let every stream of this process end now; gunicorn would wait for them otherwise."""
    stopping.set()
    with awake:
        awake.notify_all()


def wait() -> None:
    """Until something was posted in this process, at most a second."""
    with awake:
        if not stopping.is_set():
            awake.wait(REREAD_SECONDS)


class Places:
    """How many streams are open: each holds a thread, and ordinary pages need some too."""

    def __init__(self) -> None:
        self._lock = threading.RLock()  # a holder may go while this thread takes a place
        self.taken = 0

    def take(self, limit: int, holder: object) -> Callable[[], None] | None:
        """Take a place for `holder` and return how to give it back; None when none is left.

        It is given back once: by that call, or when `holder` is gone without it, because the
        request failed between the view and its first frame.
        """
        with self._lock:
            if self.taken >= limit:
                return None
            self.taken += 1
        give_back = weakref.finalize(holder, self._give_back)
        give_back.atexit = False
        return give_back

    def _give_back(self) -> None:
        with self._lock:
            self.taken -= 1


places = Places()


class Silence:
    """How long a stream has said nothing: too long, and somebody on the way cuts it."""

    def __init__(self) -> None:
        self.broken()

    def broken(self) -> None:
        self._since = time.monotonic()

    @property
    def is_long(self) -> bool:
        return time.monotonic() - self._since >= PING_SECONDS

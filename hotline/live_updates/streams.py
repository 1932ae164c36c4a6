"""The open streams of this process: how many there may be, what wakes them, when they end."""

import threading
import time
import weakref
from collections import Counter
from collections.abc import Callable, Hashable
from functools import partial

from hotline.live_updates.service import awake

REREAD_SECONDS = 1.0  # a command in another process wakes nobody here
PING_SECONDS = 8.0
MOST_OF_ONE = 8  # open pages of one person or wall; the others of theirs poll

stopping = threading.Event()  # a stream looks here whenever it wakes, and ends


def stop() -> None:
    """Let every stream of this process end now; gunicorn would wait for them otherwise."""
    stopping.set()
    with awake:
        awake.notify_all()


class Place:
    """One stream's place: given back at the end of the `with`, else when nobody holds it any more.

    The second is for a request that fails before its stream begins, or whose server never closes
    it: werkzeug does not when the browser resets the connection.
    """

    def __init__(self, give_back: Callable[[], None]) -> None:
        self._give_back = weakref.finalize(self, give_back)  # it runs once
        self._give_back.atexit = False

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_error: object) -> None:
        self._give_back()


class Places:
    """How many streams are open: each holds a thread, and ordinary pages need some too."""

    def __init__(self) -> None:
        self._lock = threading.RLock()  # a place may be let go while this thread takes one
        self._of: Counter[Hashable] = Counter()

    @property
    def taken(self) -> int:
        with self._lock:
            return self._of.total()

    def take(self, limit: int, whose: Hashable) -> Place | None:
        """A place for `whose`; None when all `limit` are taken, when one person or wall has
        enough, or when the streams of this process are ending.
        """
        with self._lock:
            is_enough = self._of[whose] >= MOST_OF_ONE
            if self.taken >= limit or is_enough or stopping.is_set():
                return None
            self._of[whose] += 1
        return Place(partial(self._give_back, whose))

    def _give_back(self, whose: Hashable) -> None:
        with self._lock:
            self._of -= Counter({whose: 1})  # forgets who has none left


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

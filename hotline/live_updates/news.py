"""What was posted lately, read from the database once for all streams of a process.

Hundreds of open pages that each asked for themselves whenever something happens, and every second
besides, would keep a processor busy with a hotline at rest.
"""

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import Flask

from hotline.live_updates import feed
from hotline.live_updates.feed import LOOK_BACK, Update
from hotline.live_updates.service import awake
from hotline.live_updates.streams import REREAD_SECONDS

KEPT = 4000  # updates; who is further behind is told to look at everything


@dataclass(frozen=True)
class Listener:
    """By what it is known that somebody still hears: a row, and which of such rows still count."""

    ref: int
    still_count: Callable[[Collection[int]], Collection[int]]


class News:
    """The updates of one process in the order in which they became visible, numbered from 1."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._lock = threading.Lock()
        self._kept: deque[Update] = deque(maxlen=KEPT)
        self._number = 0
        self._reader: feed.Reader | None = None
        self._rung, self._read_at = -1, 0.0
        self._listeners: Counter[Listener] = Counter()
        self._over: set[Listener] = set()

    @contextmanager
    def heard_by(self, listener: Listener) -> Iterator[None]:
        """For as long as it is looked whether `listener` still hears."""
        with self._lock:
            self._listeners[listener] += 1
        try:
            yield
        finally:
            with self._lock:
                self._listeners -= Counter({listener: 1})

    def read(self) -> int:
        """Read what is new, unless another stream did so since it was posted; the last number."""
        with self._lock:
            rung, now = awake.rung, time.monotonic()
            if rung != self._rung or now - self._read_at >= REREAD_SECONDS:
                with self._app.app_context():
                    self._read()
                self._rung, self._read_at = rung, now
            return self._number

    def is_over_for(self, listener: Listener) -> bool:
        """Whether, at the last reading, the row of `listener` counted no more."""
        with self._lock:
            return listener in self._over

    def between(self, heard: int, number: int) -> list[Update] | None:
        """What came after `heard`, up to `number`; None when some of it is not kept any more."""
        with self._lock:
            first = len(self._kept) - (self._number - heard)
            if first < 0:
                return None
            return [self._kept[place] for place in range(first, first + number - heard)]

    def _read(self) -> None:
        newest = feed.newest_id()
        if self._reader is None or newest < self._reader.last_id:  # a copy was put back: anew
            self._reader = feed.Reader(newest)
            self._reader.pass_over(LOOK_BACK)
        while new := self._reader.read_all():
            self._kept.extend(new)
            self._number += len(new)
        self._over = set()
        for still_count in {one.still_count for one in self._listeners}:
            mine = {one for one in self._listeners if one.still_count is still_count}
            counting = still_count({one.ref for one in mine})
            self._over |= {one for one in mine if one.ref not in counting}


def of(app: Flask) -> News:
    """The news of the process that serves `app`."""
    news: News = app.extensions.setdefault("live_news", News(app))
    return news

"""What was posted lately, read from the database once for all streams of a process, by one thread.

Hundreds of open pages that each asked for themselves whenever something happens, and every second
besides, would keep a processor busy with a hotline at rest; and hundreds of threads that wake for
one call are in the way of whoever answers it.
"""

import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager

import structlog
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from hotline.live_updates import feed, streams
from hotline.live_updates.ear import NEVER, Ear
from hotline.live_updates.feed import LOOK_BACK, Update
from hotline.live_updates.service import awake

log = structlog.get_logger()
THREAD = "news"
TURN_SECONDS = 0.02  # what falls due within so long is told together
# Who moves to another department hears what is posted there: asked anew, the less often the more
# streams there are. That somebody hears nothing any more is seen at every reading.
ANEW_SECONDS, ANEW_EACH = 1.0, 0.05


class News:
    """The streams of one process, and the thread that reads for them as long as there are any."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._lock = threading.RLock()  # a stream may be let go while this thread adds one
        self._ears: dict[Ear, None] = {}  # in the order in which they came
        self._thread: threading.Thread | None = None
        self._reader = feed.Reader(0)
        self._rung, self._read_at, self._asked_at = -1, 0.0, 0.0

    @contextmanager
    def told_to(self, ear: Ear) -> Iterator[None]:
        """For as long as `ear` takes what is committed from now on."""
        try:
            with self._lock:
                self._ears[ear] = None
                if self._thread is None:
                    self._begin()
            yield
        finally:
            with self._lock:
                self._ears.pop(ear, None)

    def catch_up(self, ear: Ear, reader: feed.Reader) -> list[Update] | None:
        """What the database holds from where the browser of `ear` stopped; None when it hears
        nothing any more.

        Read in a transaction of its own, after it is known what `ear` takes: what is committed
        meanwhile comes twice at worst, and is told once.
        """
        with self._app.app_context():
            self._ask([ear])
        with self._app.app_context():
            found = reader.read(ear.audiences)
        ear.told = {one.id for one in found}
        return found if ear.audiences else None

    def turn(self) -> float:
        """Read what is new, if there may be something; tell whom it is time to tell. When the next
        is due."""
        rung, now = awake.rung, time.monotonic()
        if rung != self._rung or now - self._read_at >= streams.REREAD_SECONDS:
            self._rung, self._read_at = rung, now
            with self._app.app_context():
                self._spread(self._read())
        ears, now = self._all(), time.monotonic()
        for ear in ears:
            if ear.due_at <= now:
                ear.tell()
        return min((ear.due_at for ear in ears), default=NEVER)

    def _begin(self) -> None:
        with self._app.app_context():
            self._begin_at_the_end()
        thread = threading.Thread(target=self._run, name=THREAD, daemon=True)
        thread.start()
        self._thread = thread

    def _run(self) -> None:
        try:
            while self._goes_on():
                rung = awake.rung
                due_in = self.turn() - time.monotonic()
                with awake:
                    if awake.rung == rung and not streams.stopping.is_set():
                        awake.wait(min(streams.REREAD_SECONDS, max(TURN_SECONDS, due_in)))
        except SQLAlchemyError as error:  # browsers come back by themselves
            log.warning("no live updates", error=type(error).__name__)
        finally:
            self._end()

    def _goes_on(self) -> bool:
        with self._lock:
            if not self._ears:
                self._thread = None  # whoever comes next begins a new one
            return bool(self._ears) and not streams.stopping.is_set()

    def _end(self) -> None:
        with self._lock:
            if self._thread is not threading.current_thread():
                return
            self._thread = None
            for ear in self._all():
                ear.end()
            self._ears.clear()

    def _all(self) -> list[Ear]:
        with self._lock:
            return list(self._ears)

    def _begin_at_the_end(self) -> None:
        self._reader = feed.Reader(feed.newest_id())
        self._reader.pass_over(LOOK_BACK)

    def _read(self) -> list[Update]:
        if feed.newest_id() < self._reader.last_id:  # a copy was put back
            self._begin_at_the_end()
        new: list[Update] = []
        while more := self._reader.read_all():
            new += more
        return new

    def _spread(self, new: list[Update]) -> None:
        """Whoever is called hears it before it is looked at who else still hears."""
        ears = self._all()
        if time.monotonic() - self._asked_at >= max(ANEW_SECONDS, len(ears) * ANEW_EACH):
            self._ask(ears)
            self._asked_at = time.monotonic()
        called = {ear: None for ear in ears if ear.is_called(new)}
        self._give(called, new)
        self._give([ear for ear in ears if ear not in called], new)

    def _give(self, ears: Collection[Ear], new: list[Update]) -> None:
        for still_count in {ear.listener.still_count for ear in ears}:
            mine = [ear for ear in ears if ear.listener.still_count is still_count]
            counting = set(still_count({ear.listener.ref for ear in mine}))
            for ear in mine:
                if ear.listener.ref in counting and not ear.line.is_cut:
                    ear.take(new)
                else:
                    ear.end()

    def _ask(self, ears: Collection[Ear]) -> None:
        for audiences in {ear.listener.audiences for ear in ears}:
            mine = [ear for ear in ears if ear.listener.audiences is audiences]
            found = audiences({ear.listener.ref for ear in mine})
            for ear in mine:
                ear.audiences = frozenset(found.get(ear.listener.ref, ()))


def of(app: Flask) -> News:
    """The news of the process that serves `app`."""
    news: News = app.extensions.setdefault("live_news", News(app))
    return news

"""What one stream hears of the news of its process."""

import time
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self

from flask import Flask

from hotline.live_updates import feed, news, streams
from hotline.live_updates.feed import Update
from hotline.live_updates.news import Listener

# The audiences of who listens; None: this one hears nothing any more.
Hears = Callable[[], Iterable[str] | None]
OWN = ("user:", "wall:")
# Who moves to another department hears what is posted there: asked anew, the less often the more
# streams there are. That somebody hears nothing any more is seen at every reading.
ANEW_SECONDS, ANEW_EACH = 1.0, 0.05


class Ear:
    """How far one stream has heard: first what the database holds, then what others read, too."""

    def __init__(self, app: Flask, listener: Listener, hears: Hears, reader: feed.Reader) -> None:
        self._app, self._listener, self._hears = app, listener, hears
        self._news = news.of(app)
        self._reader = reader
        self._number = -1  # of the last news heard; none yet
        self._told: set[int] = set()
        self._audiences: frozenset[str] | None = frozenset()
        self._asked_at = 0.0
        self._following = self._news.heard_by(listener)

    def __enter__(self) -> Self:
        self._following.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._following.__exit__(kind, error, trace)

    def hear(self) -> list[Update | None] | None:
        """What is new for who listens, None in the place of what is not kept any more; None when
        nothing will be any more."""
        number = self._news.read()
        if self._news.is_over_for(self._listener):
            return None
        if self._number < 0:
            self._number = number
            return self._first()
        came, self._number = self._news.between(self._number, number), number
        if came is None:
            return [None]
        if time.monotonic() - self._asked_at >= max(ANEW_SECONDS, streams.places.taken * ANEW_EACH):
            with self._app.app_context():
                self._ask()
        if self._audiences is None:
            return None
        return [one for one in came if one.audience in self._audiences and one.id not in self._told]

    def is_one_of_many(self, update: Update) -> bool:
        """Whether many pages hear `update`, beside those few that watch over all of it."""
        watches = self._audiences is not None and "supervisors" in self._audiences
        return not watches and not update.audience.startswith(OWN)

    def _first(self) -> list[Update | None] | None:
        """What the database holds from where the browser stopped: read after the number was taken,
        so that what is committed meanwhile comes twice at worst, and is told once."""
        with self._app.app_context():
            self._ask()
            if self._audiences is None:
                return None
            found = self._reader.read(self._audiences)
        self._told = {one.id for one in found}
        return list(found)

    def _ask(self) -> None:
        audiences = self._hears()
        self._audiences = None if audiences is None else frozenset(audiences)
        self._asked_at = time.monotonic()

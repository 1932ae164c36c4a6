"""What one stream has still to tell: its own news at once, what many hear a moment later."""

import random
import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Protocol

from hotline.live_updates import streams
from hotline.live_updates.feed import Update
from hotline.live_updates.line import Line

OWN = ("user:", "wall:")
# What many hear they are not told at the same moment: so long each is waited for, and no longer.
HELD_EACH, HELD_AT_MOST = 0.01, 2.0
MOST_UNTOLD = 200  # tellings; a browser that takes none of them is told to look at everything
NEVER = float("inf")


class Still(Protocol):
    def __call__(self, refs: Collection[int], /) -> Collection[int]:
        """Those of `refs` that still count."""


class Audiences(Protocol):
    def __call__(self, refs: Collection[int], /) -> Mapping[int, Iterable[str]]:
        """What each of `refs` hears; what is not there any more is left out."""


@dataclass(frozen=True)
class Listener:
    """By which row it is known that somebody still hears, and what; asked of many such rows."""

    ref: int
    still_count: Still
    audiences: Audiences


class Ear:
    """One stream among those that `News` serves; only its own thread waits here."""

    def __init__(self, listener: Listener, line: Line) -> None:
        self.listener, self.line = listener, line
        self.audiences: frozenset[str] = frozenset()
        self.told: set[int] = set()  # by its own reading, when it began
        self.due_at = NEVER  # when it is told what is held back
        self._held: list[Update] = []
        self._untold: SimpleQueue[list[Update | None] | None] = SimpleQueue()

    def hear(self) -> list[Update | None] | None:
        """Wait for what is new, None in the place of what is not kept any more; empty when nothing
        came for as long as a stream may be silent, None when nothing will any more."""
        try:
            untold = self._untold.get(timeout=streams.PING_SECONDS)
        except Empty:
            untold = []
        if untold is None or streams.stopping.is_set():
            return None
        return [one for one in untold if one is None or one.id not in self.told]

    def is_called(self, new: Collection[Update]) -> bool:
        """Whether anything of `new` is for this one at once."""
        return any(one.audience in self.audiences and not self.is_one_of_many(one) for one in new)

    def is_one_of_many(self, update: Update) -> bool:
        """Whether many pages hear `update`, beside those few that watch over all of it."""
        return "supervisors" not in self.audiences and not update.audience.startswith(OWN)

    def take(self, new: Collection[Update]) -> None:
        """Hold of `new` what is for this one, for a while of its own; at once if it is called.

        What was held is told with it: a browser that comes back says only how far it has heard.
        """
        mine = [one for one in new if one.audience in self.audiences]
        if not mine:
            return
        self._held += mine
        if self.is_called(mine):
            self.tell()
        elif self.due_at == NEVER:
            held = min(HELD_AT_MOST, streams.places.taken * HELD_EACH)
            self.due_at = time.monotonic() + random.random() * held  # noqa: S311 - no secret

    def tell(self) -> None:
        """Let its thread tell what is held."""
        if self._untold.qsize() < MOST_UNTOLD:
            self._untold.put([*self._held])
        else:
            while not self._untold.empty():
                self._untold.get()
            self._untold.put([None])
        self._held, self.due_at = [], NEVER

    def end(self) -> None:
        """Nothing will be told any more."""
        self._held, self.due_at = [], NEVER
        self._untold.put(None)

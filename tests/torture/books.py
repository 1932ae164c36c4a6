"""What the telephone company knows, in memory: the truth that our own books must agree with.

It has the methods of the simulated company's ledger that its exchange and its REST interface use.
"""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from hotline.telephony.simulator.ledger import (
    Asked,
    Call,
    Message,
    Mode,
    Post,
    Recording,
    Thing,
)


@dataclass(frozen=True)
class Heard:
    """One answer to a caller: who gave it at last, after how long, and whether it was TwiML."""

    route: str
    by: str  # "us", "fallback", or "bin": the document that the company itself keeps for us
    seconds: float
    is_valid: bool


@dataclass(frozen=True)
class Acknowledged:
    """A request that we answered well: from then on it is ours to keep."""

    route: str
    query: str
    fields: tuple[tuple[str, str], ...]


class Books:
    """Calls, recordings, messages, every request and every answer; safe among threads."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._things: dict[str, Thing] = {}
        self._posts: list[tuple[datetime, Post]] = []
        self.made_recordings: dict[str, str] = {}  # of which call, also when deleted since
        self.heard: list[Heard] = []
        self.acknowledged: set[Acknowledged] = set()
        self.faults: Counter[str] = Counter()
        self.lost: set[str] = set()  # calls of which no word reached the hotline

    def save(self, thing: Thing) -> None:
        with self._lock:
            self._things[thing.sid] = thing
            if isinstance(thing, Recording):
                self.made_recordings[thing.sid] = thing.call_sid

    def note(self, heard: Heard) -> None:
        with self._lock:
            self.heard.append(heard)

    def acknowledge(self, what: Acknowledged) -> None:
        with self._lock:
            self.acknowledged.add(what)

    def count(self, fault: str) -> None:
        with self._lock:
            self.faults[fault] += 1

    def call(self, sid: str) -> Call | None:
        found = self._things.get(sid)
        return found if isinstance(found, Call) else None

    def calls(self, since: datetime) -> list[Call]:
        return self._newest(Call, since)

    def live_calls(self) -> list[Call]:
        return [one for one in self._all(Call) if one.mode is not Mode.ENDED]

    def recording(self, sid: str) -> Recording | None:
        found = self._things.get(sid)
        return found if isinstance(found, Recording) else None

    def recordings(self, since: datetime) -> list[Recording]:
        return self._newest(Recording, since)

    def messages(self, to: str = "") -> list[Message]:
        return [one for one in self._all(Message) if not to or one.to == to]

    def asked(self, call_sid: str) -> list[Asked]:
        return [one for one in self._all(Asked) if one.call_sid == call_sid]

    def refused(self, since: datetime) -> list[Asked]:
        return [one for one in self._newest(Asked, since) if one.code != 200]

    def delete(self, sid: str) -> None:
        with self._lock:
            self._things.pop(sid, None)

    def put_off(self, post: Post, due_at: datetime) -> None:
        with self._lock:
            self._posts.append((due_at, post))

    def take_posts(self, at: datetime, call_sid: str = "") -> list[Post]:
        with self._lock:
            taken = [
                (due_at, post)
                for due_at, post in self._posts
                if (post.call_sid == call_sid if call_sid else due_at <= at)
            ]
            self._posts = [one for one in self._posts if one not in taken]
        return [post for _, post in taken]

    @contextmanager
    def holding(self, sid: str, at: datetime) -> Iterator[None]:
        """One thread moves a call here, from its beginning to its end."""
        yield

    def _all(self, kind: type) -> list:
        with self._lock:
            return [one for one in self._things.values() if isinstance(one, kind)]

    def _newest(self, kind: type, since: datetime) -> list:
        found = [one for one in self._all(kind) if one.made_at >= since]
        return sorted(found, key=lambda one: one.made_at, reverse=True)

"""What the telephone company knows, in memory: the truth that our own books must agree with.

It has the methods of the simulated company's ledger that its exchange and its REST interface use.
"""

import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from hotline.telephony.simulator.ledger import (
    PREFIXES,
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
    """Calls, recordings, messages, every request and every answer; safe among threads.

    What is asked for often is found at once however much there is: a company does not get slow.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._things: dict[type, dict[str, Any]] = {kind: {} for kind in PREFIXES}
        self._asked: defaultdict[str, list[Asked]] = defaultdict(list)  # by their call
        self._refused: list[Asked] = []
        self._messages_to: defaultdict[str, list[Message]] = defaultdict(list)
        self._posts: defaultdict[str, list[Post]] = defaultdict(list)  # by their call or message
        self.made_recordings: dict[str, str] = {}  # of which call, also when deleted since
        self.heard: list[Heard] = []
        self.acknowledged: set[Acknowledged] = set()
        self.faults: Counter[str] = Counter()
        self.lost: set[str] = set()  # calls of which no word reached the hotline

    def save(self, thing: Thing) -> None:
        with self._lock:
            is_new = thing.sid not in self._things[type(thing)]
            self._things[type(thing)][thing.sid] = thing
            if isinstance(thing, Recording):
                self.made_recordings[thing.sid] = thing.call_sid
            elif isinstance(thing, Message) and is_new:
                self._messages_to[thing.to].append(thing)
            elif isinstance(thing, Asked):
                self._asked[thing.call_sid].append(thing)
                if thing.code != HTTPStatus.OK:
                    self._refused.append(thing)

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
        return self._things[Call].get(sid)

    def calls(self, since: datetime) -> list[Call]:
        return self._newest(self._all(Call), since)

    def live_calls(self) -> list[Call]:
        return [one for one in self._all(Call) if one.mode is not Mode.ENDED]

    def recording(self, sid: str) -> Recording | None:
        return self._things[Recording].get(sid)

    def recordings(self, since: datetime) -> list[Recording]:
        return self._newest(self._all(Recording), since)

    def messages(self, to: str = "") -> list[Message]:
        with self._lock:
            newest_first = reversed(self._messages_to.get(to, ()))
            return list(newest_first) if to else self._all(Message)

    def asked(self, call_sid: str) -> list[Asked]:
        with self._lock:
            return list(self._asked.get(call_sid, ()))

    def refused(self, since: datetime) -> list[Asked]:
        with self._lock:
            return self._newest(list(self._refused), since)

    def delete(self, sid: str) -> None:
        with self._lock:
            for things in self._things.values():
                things.pop(sid, None)

    def put_off(self, post: Post, due_at: datetime) -> None:
        with self._lock:
            self._posts[post.call_sid].append(post)

    def take_posts(self, at: datetime, call_sid: str) -> list[Post]:
        """The reports of one call that were put off; each is handed out once."""
        with self._lock:
            return self._posts.pop(call_sid, [])

    def take_receipts(self) -> list[Post]:
        """The reports of messages, which are due at once."""
        with self._lock:
            due = [sid for sid in self._posts if sid in self._things[Message]]
            return [post for sid in due for post in self._posts.pop(sid)]

    @contextmanager
    def holding(self, sid: str, at: datetime) -> Iterator[None]:
        """One thread moves a call here, from its beginning to its end."""
        yield

    def _all(self, kind: type) -> list:
        with self._lock:
            return list(self._things[kind].values())

    def _newest(self, those: list, since: datetime) -> list:
        found = [one for one in those if one.made_at >= since]
        return sorted(found, key=lambda one: one.made_at, reverse=True)

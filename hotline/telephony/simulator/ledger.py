"""What the simulated telephone company knows, in a file of its own beside our database."""

import json
import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

SCHEMA = """
CREATE TABLE IF NOT EXISTS things (
    sid TEXT PRIMARY KEY, kind TEXT NOT NULL, call_sid TEXT NOT NULL,
    made_at TEXT NOT NULL, body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS things_kind_made_at ON things (kind, made_at);
CREATE INDEX IF NOT EXISTS things_call_sid ON things (call_sid);
CREATE TABLE IF NOT EXISTS posts (
    id INTEGER PRIMARY KEY, call_sid TEXT NOT NULL, due_at TEXT NOT NULL, body TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS leases (sid TEXT PRIMARY KEY, until TEXT NOT NULL);
"""
LEASE = timedelta(seconds=40)
PATIENCE_SECONDS = 30.0
POLL_SECONDS = 0.02


class Mode(StrEnum):
    """What a simulated call is doing between two things that happen to it."""

    RINGING_US = "ringing_us"
    PLAYING = "playing"
    GATHERING = "gathering"
    RINGING_SEAT = "ringing_seat"
    RINGING_OUT = "ringing_out"  # the hotline lets this seat be rung
    TALKING = "talking"
    RECORDING = "recording"
    ENDED = "ended"


@dataclass
class Knobs:
    """How badly the line between the telephone company and us behaves."""

    drop: bool = False  # reports get lost
    duplicate: bool = False  # everything is sent twice
    shuffle: bool = False  # reports come in any order, after the call
    delay_seconds: int = 0  # reports come late
    forge: bool = False  # a stranger repeats everything with a signature of his own


@dataclass
class Call:
    """One connection, as the company sees it. Legs have a `parent_sid`."""

    sid: str
    from_: str
    to: str
    direction: str
    made_at: datetime
    status: str = "ringing"
    mode: Mode = Mode.RINGING_US
    parent_sid: str = ""
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    due_at: datetime | None = None  # when the present mode runs out
    verbs: list[str] = field(default_factory=list)  # what is left of the document, as XML
    current: str = ""  # the verb being carried out, as XML
    leg_sid: str = ""
    status_url: str = ""  # of a leg, or of a call we let be placed: where its reports go
    voice_url: str = ""  # of a call we let be placed: what is asked when it is picked up
    sequence: int = 0
    heard: list[str] = field(default_factory=list)  # what the caller heard, in order
    knobs: Knobs = field(default_factory=Knobs)

    @property
    def is_placed(self) -> bool:
        """Whether the hotline has asked for it."""
        return self.direction == "outbound-api"

    @property
    def seconds(self) -> int:
        """How long it lasted in whole seconds: a leg from the moment somebody picked up."""
        if self.ended_at is None:
            return 0
        return int((self.ended_at - (self.answered_at or self.made_at)).total_seconds())


@dataclass
class Recording:
    sid: str
    call_sid: str
    made_at: datetime
    source: str
    sound: str  # the name of a file in static/sounds
    seconds: int


@dataclass
class Message:
    sid: str
    from_: str
    to: str
    text: str
    made_at: datetime
    status: str = "queued"

    @property
    def is_passed_on(self) -> bool:
        return self.status != "queued"


@dataclass
class Asked:
    """A request that was made to the hotline, and how it answered; 0 when nobody did."""

    sid: str
    call_sid: str
    url: str
    fields: dict[str, str]
    made_at: datetime
    code: int


@dataclass
class Post:
    """A report that is still to be sent."""

    call_sid: str
    url: str
    fields: dict[str, str]


Thing = Call | Recording | Message | Asked
Other = TypeVar("Other", Recording, Message, Asked)
PREFIXES = {Call: "CA", Recording: "RE", Message: "SM", Asked: "NO"}


def new_sid(kind: type[Thing]) -> str:
    return PREFIXES[kind] + secrets.token_hex(16)


class Busy(Exception):
    """Something else has been happening to this call for too long."""


class Ledger:
    """The file. Every method is one transaction."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._open() as connection:
            connection.executescript(SCHEMA)

    def save(self, thing: Thing) -> None:
        call_sid = thing.call_sid if isinstance(thing, Recording | Asked) else thing.sid
        with self._open() as connection:
            connection.execute(
                "INSERT INTO things VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT (sid) DO UPDATE SET body = excluded.body",
                (thing.sid, type(thing).__name__, call_sid, _text(thing.made_at), _dump(thing)),
            )

    def call(self, sid: str) -> Call | None:
        found = self._bodies("kind = 'Call' AND sid = ?", sid)
        return _call(found[0]) if found else None

    def calls(self, since: datetime) -> list[Call]:
        """Calls and legs begun since then, the newest first."""
        return [_call(body) for body in self._bodies("kind = 'Call' AND made_at >= ?", since)]

    def live_calls(self) -> list[Call]:
        found = self._bodies("kind = 'Call' AND json_extract(body, '$.mode') <> 'ended'")
        return [_call(body) for body in found]

    def recording(self, sid: str) -> Recording | None:
        found = self._bodies("kind = 'Recording' AND sid = ?", sid)
        return _of(Recording, found[0]) if found else None

    def recordings(self, since: datetime) -> list[Recording]:
        found = self._bodies("kind = 'Recording' AND made_at >= ?", since)
        return [_of(Recording, body) for body in found]

    def messages(self, to: str) -> list[Message]:
        """Short messages sent to a telephone, the newest first."""
        found = self._bodies("kind = 'Message' AND json_extract(body, '$.to') = ?", to)
        return [_of(Message, body) for body in found]

    def asked(self, call_sid: str) -> list[Asked]:
        """What the hotline was asked about one call, the newest first."""
        return [
            _of(Asked, body) for body in self._bodies("kind = 'Asked' AND call_sid = ?", call_sid)
        ]

    def refused(self, since: datetime) -> list[Asked]:
        """What the hotline was asked since then and did not answer well, the newest first."""
        condition = "kind = 'Asked' AND json_extract(body, '$.code') <> 200 AND made_at >= ?"
        return [_of(Asked, body) for body in self._bodies(condition, since)]

    def delete(self, sid: str) -> None:
        with self._open() as connection:
            connection.execute("DELETE FROM things WHERE sid = ?", (sid,))

    def forget(self, before: datetime) -> int:
        """Remove what was made before then, and what was still to be sent; return how many calls,
        recordings and messages.
        """
        with self._open() as connection:
            connection.execute("DELETE FROM posts WHERE due_at < ?", (_text(before),))
            connection.execute("DELETE FROM leases WHERE until < ?", (_text(before),))
            asked = "DELETE FROM things WHERE kind = 'Asked' AND made_at < ?"
            connection.execute(asked, (_text(before),))
            gone = connection.execute("DELETE FROM things WHERE made_at < ?", (_text(before),))
            return gone.rowcount

    def put_off(self, post: Post, due_at: datetime) -> None:
        """Keep a report to be sent later."""
        with self._open() as connection:
            connection.execute(
                "INSERT INTO posts (call_sid, due_at, body) VALUES (?, ?, ?)",
                (post.call_sid, _text(due_at), json.dumps(asdict(post))),
            )

    def take_posts(self, at: datetime, call_sid: str = "") -> list[Post]:
        """The reports that are due by `at`, or all those of one call; each is handed out once."""
        condition, value = ("call_sid = ?", call_sid) if call_sid else ("due_at <= ?", _text(at))
        with self._open() as connection:
            rows = connection.execute(
                f"DELETE FROM posts WHERE {condition} RETURNING id, body",  # noqa: S608 — ours
                (value,),
            ).fetchall()
        return [Post(**json.loads(body)) for _, body in sorted(rows)]

    @contextmanager
    def holding(self, sid: str, at: datetime) -> Iterator[None]:
        """Let one thing at a time happen to a call, in whatever process. Raises Busy."""
        waited = 0.0
        while not self._lease(sid, at):
            if waited > PATIENCE_SECONDS:
                raise Busy(sid)
            threading.Event().wait(POLL_SECONDS)
            waited += POLL_SECONDS
        try:
            yield
        finally:
            with self._open() as connection:
                connection.execute("DELETE FROM leases WHERE sid = ?", (sid,))

    def _lease(self, sid: str, at: datetime) -> bool:
        with self._open() as connection:
            taken = connection.execute(
                "INSERT INTO leases VALUES (?, ?) ON CONFLICT (sid) "
                "DO UPDATE SET until = excluded.until WHERE until < ?",
                (sid, _text(at + LEASE), _text(at)),
            )
            return taken.rowcount == 1

    def _bodies(self, condition: str, *values: str | datetime) -> list[dict[str, Any]]:
        bound = [_text(value) if isinstance(value, datetime) else value for value in values]
        with self._open() as connection:
            rows = connection.execute(
                f"SELECT body FROM things WHERE {condition} ORDER BY made_at DESC",  # noqa: S608 — ours
                bound,
            )
            return [json.loads(body) for (body,) in rows]

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with (
            closing(sqlite3.connect(self._path, timeout=10, isolation_level=None)) as connection,
        ):
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            if connection.in_transaction:
                connection.execute("COMMIT")


def _text(instant: datetime) -> str:
    return instant.isoformat(timespec="microseconds")


def _dump(thing: Thing) -> str:
    return json.dumps(asdict(thing), default=lambda instant: _text(instant), ensure_ascii=False)


def _call(body: dict[str, Any]) -> Call:
    for name in ("made_at", "answered_at", "ended_at", "due_at"):
        body[name] = body[name] and datetime.fromisoformat(body[name])
    body["mode"] = Mode(body["mode"])
    body["knobs"] = Knobs(**body["knobs"])
    return Call(**body)


def _of(kind: type[Other], body: dict[str, Any]) -> Other:
    return kind(**body | {"made_at": datetime.fromisoformat(body["made_at"])})

"""A database that is stopped, locked or slow: callers hear us within five seconds all the same."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

from tests.postgres import Cluster
from tests.torture.line import Plan
from tests.torture.places import DURABLE, Place, Size
from tests.torture.proxy import slow_proxy
from tests.torture.scene import Outcome, Scene, scene

MEANWHILE = 8  # so many answers are given while the database is away
# An answer from the disk is quick, and a database takes a while to come back.
FEW, PAUSE = 8, 0.5  # callers at once, and how long each waits between two calls
LONGEST = 20.0


def gone(place: Place, size: Size) -> Outcome:
    """PostgreSQL is stopped, in peace and at once, and started again; SQLite is locked."""
    plan = Plan(size.seed, duplicate=0.05, shuffle=0.1)
    with scene(place.folder, place.url, plan=plan, processes=place.processes) as it:
        it.answered_within = 5.0

        def strike(number: int) -> None:
            with _locked(place) if place.cluster is None else _stopped(place.cluster, number):
                some_answers(it)
            some_answers(it)  # and as many while it is there, before the next time

        seconds = it.load(size.calls, size.kills, strike, at_once=FEW, every=PAUSE)
        spooled = len(list((it.house.data_dir / "spool").glob("*.json")))
        return it.conclude(**{"on the disk afterwards": spooled, "seconds": round(seconds)})


def slow(place: Place, size: Size) -> Outcome:
    """Every answer of PostgreSQL takes longer and longer, up to twenty seconds."""
    with slow_proxy(place.url) as (url, delay), scene(place.folder, url) as it:
        it.answered_within = 5.0

        def strike(number: int) -> None:
            delay.seconds = (0.05, 0.5, 2.0, LONGEST)[number % 4]
            some_answers(it)
            delay.seconds = 0.0

        seconds = it.load(size.calls, size.kills, strike, at_once=FEW, every=PAUSE)
        spooled = len(list((it.house.data_dir / "spool").glob("*.json")))
        delay.seconds = 0.0
        return it.conclude(**{"on the disk afterwards": spooled, "seconds": round(seconds)})


def some_answers(it: Scene) -> None:
    """Wait until some callers have heard something, or nobody rings any more."""
    heard = len(it.provider.books.heard)
    over_at = time.monotonic() + LONGEST
    while len(it.provider.books.heard) < heard + MEANWHILE and time.monotonic() < over_at:
        threading.Event().wait(0.02)


@contextmanager
def _stopped(cluster: Cluster, number: int) -> Iterator[None]:
    """The server of PostgreSQL is away, by turns after its work and in the midst of it."""
    cluster.stop(("fast", "immediate")[number % 2])
    try:
        yield
    finally:
        cluster.start(DURABLE)


@contextmanager
def _locked(place: Place) -> Iterator[None]:
    """Another connection holds SQLite's one right to write."""
    path = place.url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, timeout=LONGEST * 3, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        yield

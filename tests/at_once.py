"""Two people who do something at the same moment, each in a connection of their own."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TypeVar

import pytest
import sqlalchemy as sa
from flask import current_app

from hotline.errors import HotlineError
from hotline.unit_of_work import unit_of_work
from models import db

Act = Callable[[], object]
T = TypeVar("T")


@pytest.fixture
def meanwhile(app, clock, engine_name, database_uri):
    """`meanwhile(first, second)`: what `second` answers, begun while the unit of work of `first`
    was unfinished; that one ends when the other stands waiting, or is over."""
    if engine_name != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    watcher = sa.create_engine(database_uri, isolation_level="AUTOCOMMIT")

    def meanwhile(first: Act, second: Callable[[], T]) -> T:
        is_done, may_end = threading.Event(), threading.Event()
        with ThreadPoolExecutor(2) as people:
            ahead = people.submit(act, app_of(), first, is_done, may_end)
            try:
                assert is_done.wait(timeout=30), ahead.exception(timeout=1)
                behind = people.submit(second)
                wait_until_stuck_or_over(watcher, behind)
            finally:
                may_end.set()
            assert ahead.result(timeout=30) is None
            answer = behind.result(timeout=30)
        db.session.rollback()
        return answer

    yield meanwhile
    watcher.dispose()


@pytest.fixture
def both(meanwhile):
    """`both(first, second)`: what refused the second, begun while the first was unfinished."""

    def both(first: Act, second: Act) -> HotlineError | None:
        return meanwhile(first, partial(act, app_of(), second, threading.Event(), passed()))

    return both


def act(app, what: Act, is_done: threading.Event, may_end: threading.Event) -> HotlineError | None:
    """Do it in a connection of its own; what refused it, or None."""
    with app.app_context():
        try:
            with unit_of_work():
                what()
                db.session.flush()
                is_done.set()
                assert may_end.wait(timeout=30)
        except HotlineError as refusal:
            return refusal
        finally:
            is_done.set()
    return None


def app_of():
    return current_app._get_current_object()


def passed() -> threading.Event:
    event = threading.Event()
    event.set()
    return event


def wait_until_stuck_or_over(watcher: sa.Engine, behind: Future) -> None:
    waiting = sa.text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    with watcher.connect() as connection:
        while not behind.done() and not connection.scalar(waiting):
            pass

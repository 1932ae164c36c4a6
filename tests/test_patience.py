"""Who waits where somebody is on the line: not for ever, not longer than needed, and nobody after
has to hurry for it."""

import time
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from hotline import database, patience
from hotline.errors import OutOfTime
from hotline.patience import Patience
from hotline.patient_connection import waiting_for
from tests.torture.proxy import slow_proxy

LONG, A_MOMENT, OVER = (timedelta(seconds=seconds) for seconds in (10, 0.1, -1))
ANSWER = sa.text("SELECT :answer")


def test_no_limit_is_told_as_none(monkeypatch):
    """To a database 0 milliseconds are for ever."""
    monkeypatch.setattr(patience.time, "monotonic", lambda: 1000.0)
    assert Patience(timedelta(microseconds=1)).milliseconds() == 1
    with pytest.raises(OutOfTime):
        Patience(timedelta(0)).milliseconds()


def test_who_waits_for_a_turn_looks_again_soon():
    began = time.monotonic()
    Patience(LONG).wait()
    assert time.monotonic() - began < LONG.total_seconds() / 2
    with pytest.raises(OutOfTime):
        Patience(OVER).wait()


@pytest.fixture
def way(database_uri, engine_name):
    """One line to PostgreSQL, and how long it keeps answers back."""
    if engine_name != "postgresql":
        pytest.skip("nothing lies between us and the file")
    with slow_proxy(database_uri) as (uri, delay):
        engine = sa.create_engine(uri, pool_size=1, max_overflow=0, pool_timeout=0)
        database.install(engine)
        yield engine, delay
        engine.dispose()


def ask(engine: sa.Engine, answer: str) -> str:
    with engine.connect() as line:
        return str(line.scalar(ANSWER, {"answer": answer}))


def test_an_answer_that_comes_too_late_is_nobodys_and_the_line_is_free(way):
    engine, delay = way
    assert ask(engine, "first") == "first"
    delay.seconds = LONG.total_seconds()
    with pytest.raises(OperationalError), waiting_for(Patience(A_MOMENT)):
        ask(engine, "late")
    delay.seconds = 0
    assert ask(engine, "mine") == "mine"


def test_whose_time_is_over_hurries_nobody_who_comes_after(way):
    engine, _ = way
    with engine.connect() as line, waiting_for(Patience(OVER)), pytest.raises(OperationalError):
        line.scalar(sa.text("SELECT pg_sleep(5)"))
    with engine.connect() as line:
        assert line.scalar(sa.text("SELECT 'here' FROM pg_sleep(0.1)")) == "here"

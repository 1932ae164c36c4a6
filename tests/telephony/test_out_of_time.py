"""A caller has fifteen seconds: whoever holds the database, an answer comes within five.

What the provider told us waits on the disk meanwhile, and becomes one call of one ticket later.
"""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
import structlog
from flask import current_app

from hotline import clock, turns
from hotline.errors import OutOfTime
from hotline.telephony import adapter, jobs, spool, webhooks
from hotline.unit_of_work import unit_of_work
from models import Call, Counter, Ticket, Webhook, db
from tests.telephony.company import Company, sid
from tests.torture.proxy import slow_proxy

BUDGET = webhooks.BUDGET
MOST_SECONDS = 5
STRANGER = """
import fcntl, sqlite3, sys
how, path = sys.argv[1:]
if how == "the file is locked":
    held = open(path + ".lock", "w")
    fcntl.flock(held, fcntl.LOCK_EX)
else:
    held = sqlite3.connect(path, isolation_level=None)
    held.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.readline()
"""


@contextmanager
def another_thread(_uri: str) -> Iterator[None]:
    """A unit of work of this process that does not come to its end."""
    app = current_app._get_current_object()
    held, over = threading.Event(), threading.Event()

    def write() -> None:
        with app.app_context(), unit_of_work():
            db.session.add(Counter(name="held", value=1))
            db.session.flush()
            held.set()
            over.wait(timeout=60)

    thread = threading.Thread(target=write)
    thread.start()
    assert held.wait(timeout=30)
    try:
        yield
    finally:
        over.set()
        thread.join()


def another_process(how: str) -> Callable[[str], AbstractContextManager[None]]:
    """A process that holds the turn of the writers, or the database itself."""

    @contextmanager
    def holding(uri: str) -> Iterator[None]:
        command = [sys.executable, "-c", STRANGER, how, uri.removeprefix("sqlite:///")]
        with subprocess.Popen(command, stdin=-1, stdout=-1, text=True) as process:
            assert process.stdout.readline() == "held\n"
            try:
                yield
            finally:
                process.stdin.close()

    return holding


def another_session(statement: str) -> Callable[[str], AbstractContextManager[None]]:
    """A session of PostgreSQL that has done `statement` and does not come to its end."""

    @contextmanager
    def holding(uri: str) -> Iterator[None]:
        with closing(psycopg.connect(uri.replace("+psycopg", ""))) as connection:
            connection.execute(statement)
            yield

    return holding


HOLDERS = {
    "sqlite": {
        "another thread writes": another_thread,
        "the file is locked": another_process("the file is locked"),
        "the database is locked": another_process("the database is locked"),
    },
    "postgresql": {
        "the raw rows are locked": another_session("LOCK TABLE webhooks IN EXCLUSIVE MODE"),
        "the calls are locked": another_session("LOCK TABLE calls IN ACCESS EXCLUSIVE MODE"),
        "the numbers are locked": another_session("SELECT FROM counters FOR UPDATE"),
    },
}


def holders(engine_name: str) -> list[AbstractContextManager[None]]:
    return list(HOLDERS[engine_name].values())


@pytest.mark.parametrize("place", range(3))
def test_whoever_holds_the_database_the_caller_hears_us_in_time(
    app, company: Company, database_uri, engine_name, place, monkeypatch
):
    company.say("voice", company.fields(sid()))  # so that there are rows to be locked
    fields = company.fields(sid())
    short = timedelta(seconds=0.4)  # the whole stretch is waited for once
    monkeypatch.setattr(webhooks, "BUDGET", short if place else BUDGET)
    with holders(engine_name)[place](database_uri):
        began = time.monotonic()
        xml = company.say("voice", fields)
        assert time.monotonic() - began < MOST_SECONDS
    assert "<Record" in xml
    assert "<Dial" not in xml
    (kept,) = spool.waiting(adapter.spool_folder(), at=clock.now())
    assert kept.form["CallSid"] == fields["CallSid"]
    assert rows_of(fields["CallSid"]) == (0, 0, 0)

    assert jobs.replay_spooled_webhooks() == 1
    assert not list(spool.waiting(adapter.spool_folder(), at=clock.now()))
    assert rows_of(fields["CallSid"]) == (1, 1, 1)
    assert company.say("voice", fields) == xml, "a repeat hears what the first one heard"
    assert rows_of(fields["CallSid"]) == (1, 1, 1)


def rows_of(call_ref: str) -> tuple[int, int, int]:
    """How many raw webhooks, calls and tickets there are of one call."""
    db.session.rollback()
    calls = sa.select(Call.ticket_id).where(Call.call_ref == call_ref)
    counts = (
        sa.select(sa.func.count()).select_from(Webhook).where(Webhook.call_ref == call_ref),
        sa.select(sa.func.count()).select_from(calls.subquery()),
        sa.select(sa.func.count()).select_from(Ticket).where(Ticket.id.in_(calls)),
    )
    return tuple(db.session.scalar(count) for count in counts)


def test_many_who_wait_one_after_the_other_share_one_stretch_of_time(app, engine_name):
    """Not each statement has three seconds, but all of them together."""
    if engine_name == "sqlite":
        pytest.skip("on SQLite nothing waits once a transaction has begun")
    began = time.monotonic()
    with pytest.raises(OutOfTime), unit_of_work(within=timedelta(seconds=1)):
        for _ in range(20):
            db.session.execute(sa.text("SELECT pg_sleep(0.4)"))
    assert time.monotonic() - began < 2
    with unit_of_work():  # and nobody after has to hurry
        turns.take("anything")
        db.session.execute(sa.text("SELECT pg_sleep(0.1)"))
        assert db.session.scalar(sa.text("SHOW statement_timeout")) == "0"


def test_work_that_comes_to_no_end_is_given_up(app):
    with pytest.raises(OutOfTime), unit_of_work(within=timedelta(seconds=0.2)):
        db.session.add(Counter(name="n", value=1))
        while True:
            db.session.scalars(sa.select(Counter)).all()
    assert db.session.get(Counter, "n") is None
    with unit_of_work():
        db.session.add(Counter(name="n", value=2))


def test_a_server_that_says_nothing_is_given_up(make_app, monkeypatch):
    monkeypatch.setattr(webhooks, "BUDGET", BUDGET)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        uri = f"postgresql+psycopg://huiyin@127.0.0.1:{mute.getsockname()[1]}/huiyin"
        app = make_app(SQLALCHEMY_DATABASE_URI=uri)
        with app.app_context():
            company = Company.of(app)
            began = time.monotonic()
            xml = company.say("voice", company.fields(sid()))
            assert time.monotonic() - began < MOST_SECONDS
            assert "<Record" in xml
            assert len(list(spool.waiting(adapter.spool_folder(), at=clock.now()))) == 1


def test_a_server_whose_answers_come_late_is_given_up(
    make_app, database_uri, engine_name, monkeypatch
):
    """No limit that the server keeps is of any use when the way to it is what is slow."""
    if engine_name == "sqlite":
        pytest.skip("nothing lies between us and the file")
    monkeypatch.setattr(webhooks, "BUDGET", BUDGET)
    with slow_proxy(database_uri) as (uri, delay):
        app = make_app(SQLALCHEMY_DATABASE_URI=uri)
        with app.app_context():
            company = Company.of(app)
            company.say("voice", company.fields(sid()))  # connected, and in the pool
            fields = company.fields(sid())
            delay.seconds = 20
            began = time.monotonic()
            assert "<Record" in company.say("voice", fields)
            assert time.monotonic() - began < MOST_SECONDS
            delay.seconds = 0
            assert jobs.replay_spooled_webhooks() == 1
            assert rows_of(fields["CallSid"]) == (1, 1, 1)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_log_on_a_full_disk_keeps_nobody_from_an_answer(company, monkeypatch):
    fields = company.fields(sid())
    with open("/dev/full", "w", buffering=1) as full, monkeypatch.context() as patched:
        patched.setattr(sys, "stderr", full)
        structlog.get_logger().error("nobody can read this")
        patched.setattr(webhooks, "BUDGET", timedelta(microseconds=1))
        assert "<Record" in company.say("voice", fields)
        with suppress(OSError):  # what could not be written is tried once more
            full.close()
    assert jobs.replay_spooled_webhooks() == 1

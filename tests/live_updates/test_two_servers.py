"""What is committed through one web process reaches the pages that are open at another."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import sqlalchemy as sa

from hotline.live_updates import feed
from hotline.live_updates.listening import LISTENER
from models import Role, db
from tests.conftest import SECRET
from tests.live_updates.listener import Listener, sign_in
from tests.live_updates.test_server import ROOT, ring, wait_for
from tests.makers import make_user
from tests.ports import free_port
from tests.workers import wait_until

COMMAND = [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", "app:create_app()"]


@pytest.fixture
def servers(app, engine_name, database_uri, tmp_path) -> Iterator[list[str]]:
    """The addresses of two web processes on one database."""
    if engine_name != "postgresql":
        pytest.skip("on SQLite there is one web process")
    with ExitStack() as ended:
        bases = []
        for _ in range(2):
            port = free_port()
            bases.append(f"http://127.0.0.1:{port}")
            settings = {
                "SECRET_KEY": SECRET,
                "DATABASE_URL": database_uri.replace("postgresql+psycopg", "postgresql"),
                "DATA_DIR": str(tmp_path / "var"),
                "PORT": str(port),
                "PUBLIC_BASE_URL": bases[-1],
                "TICKER": "off",
            }
            server = subprocess.Popen(COMMAND, env={**os.environ, **settings}, cwd=ROOT)
            ended.callback(server.wait, timeout=20)
            ended.callback(server.terminate)
        for base in bases:
            wait_for(int(base.rpartition(":")[2]))
        yield bases


def listeners() -> list[int]:
    """The server's processes behind connections that listen."""
    db.session.rollback()
    listening = "SELECT pid FROM pg_stat_activity WHERE application_name = :name"
    here = f"{listening} AND datname = current_database()"
    return list(db.session.scalars(sa.text(here), {"name": LISTENER}))


def seconds_until_heard(app, through: str, listener: Listener) -> float:
    """A call arrives through one process: how long until the page at the other hears of it."""
    db.session.rollback()
    before = feed.newest_id()
    assert "<Response>" in ring(app, f"{through}/hooks/simulator/voice").text
    answered = time.monotonic()
    while int(listener.last_id) <= before:
        listener.events(1)
    return time.monotonic() - answered


def test_a_call_through_one_process_shows_at_the_other_at_once(app, servers):
    one, other = servers
    operator = make_user(Role.OPERATOR)
    with Listener(sign_in(other, operator.username), other) as listener:
        wait_until(listeners)
        took = sorted(seconds_until_heard(app, one, listener) for _ in range(5))
    assert took[2] < 0.5  # without the wake-up it would be up to a second
    assert took[-1] < 3


def test_nothing_is_lost_when_the_connection_that_listens_is(app, servers):
    one, other = servers
    operator = make_user(Role.OPERATOR)
    with Listener(sign_in(other, operator.username), other) as listener:
        wait_until(listeners)
        before = listeners()
        db.session.execute(sa.text("SELECT pg_terminate_backend(:pid)"), {"pid": before[0]})
        for _ in range(3):
            seconds_until_heard(app, one, listener)
        wait_until(lambda: set(listeners()) - set(before))
        seconds_until_heard(app, one, listener)

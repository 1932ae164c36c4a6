"""Two PostgreSQL servers, the second in step with the first: the first dies, no call is lost.

What Patroni does on real machines (deploy/ha), this test does by hand: it promotes the second. The
torture run of the same name does it again and again.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from app import create_app
from tests.conftest import SECRET, config_for
from tests.live_updates.test_server import wait_for
from tests.ports import free_port
from tests.postgres import NoPostgres
from tests.ringing import Load
from tests.torture.pair import Pair, new_pair

ROOT = Path(__file__).parent.parent
GUNICORN = ["-m", "gunicorn", "--config", "gunicorn.conf.py", "app:create_app()"]
pytestmark = pytest.mark.postgres


@pytest.fixture
def pair() -> Iterator[Pair]:
    try:
        with new_pair() as two:
            yield two
    except NoPostgres as none:
        pytest.skip(str(none))


def test_the_leader_dies_and_every_call_is_there(pair, tmp_path):
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    environ = {
        **os.environ,
        "SECRET_KEY": SECRET,
        "DATABASE_URL": pair.url("postgres"),
        "DATA_DIR": str(tmp_path / "var"),
        "PORT": str(port),
        "PUBLIC_BASE_URL": base,
        "TICKER": "off",
        "THREADS": "8",
        "MAX_STREAMS": "4",
    }

    def flask(*command: str) -> None:
        subprocess.run([sys.executable, "-m", "flask", *command], cwd=ROOT, env=environ, check=True)

    flask("db", "upgrade")
    with ExitStack() as ended:
        server = subprocess.Popen([sys.executable, *GUNICORN], cwd=ROOT, env=environ)
        ended.callback(server.wait, timeout=60)
        ended.callback(server.terminate)
        wait_for(port)
        load = Load(create_app(config_for(f"sqlite:///{tmp_path}/none.sqlite", tmp_path)), base)
        try:
            load.wait_for_more(15)
            pair.kill_the_leader()
            load.wait_for_more(6)  # without any database: heard, and kept on the disk
            pair.promote_the_other()
            load.wait_for_more(30)
        finally:
            answers = load.stop()
        assert [answer for answer in answers.values() if answer != "heard"] == []
        flask("tick")  # takes in what was kept
    calls = pair.ask(pair.leader, "SELECT array_agg(call_ref) FROM calls")
    assert set(answers) - set(calls) == set()
    doubles = "SELECT count(*) - count(DISTINCT call_ref) FROM calls"
    assert pair.ask(pair.leader, doubles) == 0
    assert pair.ask(pair.leader, "SELECT count(*) FROM calls WHERE ticket_id IS NULL") == 0

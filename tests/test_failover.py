"""Two PostgreSQL servers, the second in step with the first: the first dies, no call is lost.

What Patroni does on real machines (deploy/ha), this test does by hand: it promotes the second.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from app import create_app
from tests.conftest import SECRET, config_for
from tests.live_updates.test_server import wait_for
from tests.ports import free_port
from tests.postgres import NoPostgres, owner, programs, run
from tests.ringing import Load
from tests.workers import wait_until

ROOT = Path(__file__).parent.parent
GUNICORN = ["-m", "gunicorn", "--config", "gunicorn.conf.py", "app:create_app()"]
pytestmark = pytest.mark.postgres


class Pair:
    """A server that leads, and one that has every commit before it is acknowledged."""

    def __init__(self, folder: Path) -> None:
        self._programs, self._owner = programs(folder), owner()
        self.ports = free_port(), free_port()
        self._folders = folder / "one", folder / "two"
        for place in self._folders:
            place.mkdir(mode=0o700)
            if self._owner:
                shutil.chown(place, self._owner)
        one, two = self._folders
        self._run("initdb", "-D", one, "-U", "huiyin", "-A", "trust", "-E", "UTF8", "--locale=C")
        self._start(0, "-c synchronous_standby_names=*")
        address = ("-h", "127.0.0.1", "-p", str(self.ports[0]), "-U", "huiyin")
        self._run("pg_basebackup", *address, "-D", two, "-R", "-c", "fast", "-X", "stream")
        self._start(1)
        wait_until(lambda: self.ask(0, "SELECT sync_state FROM pg_stat_replication") == "sync")
        hosts = ",".join(f"127.0.0.1:{port}" for port in self.ports)
        self.url = f"postgresql://huiyin@{hosts}/postgres?target_session_attrs=read-write"

    def ask(self, which: int, question: str) -> object:
        place = f"host=127.0.0.1 port={self.ports[which]} user=huiyin dbname=postgres"
        with psycopg.connect(place, autocommit=True) as connection:
            found = connection.execute(question).fetchone()
        return found and found[0]

    def kill_the_leader(self) -> None:
        self._run("pg_ctl", "-D", self._folders[0], "-m", "immediate", "-w", "stop")

    def promote_the_other(self) -> None:
        self._run("pg_ctl", "-D", self._folders[1], "-w", "promote")

    def end(self) -> None:
        for folder in self._folders:
            if (folder / "postmaster.pid").exists():
                self._run("pg_ctl", "-D", folder, "-m", "immediate", "-w", "stop")

    def _start(self, which: int, more: str = "") -> None:
        folder = self._folders[which]
        options = f"-c listen_addresses=127.0.0.1 -p {self.ports[which]} -k {folder} {more}"
        log = folder / "log.txt"
        self._run("pg_ctl", "-D", folder, "-l", log, "-w", "start", "-o", options)

    def _run(self, program: str, *arguments: object) -> None:
        run(self._programs / program, *map(str, arguments), owner=self._owner)


@pytest.fixture
def pair() -> Iterator[Pair]:
    with tempfile.TemporaryDirectory(prefix="huiyin-two-", dir="/tmp") as folder:
        os.chmod(folder, 0o755)
        try:
            two = Pair(Path(folder))
        except NoPostgres as none:
            pytest.skip(str(none))
        try:
            yield two
        finally:
            two.end()


def test_the_leader_dies_and_every_call_is_there(pair, tmp_path):
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    environ = {
        **os.environ,
        "SECRET_KEY": SECRET,
        "DATABASE_URL": pair.url,
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
    calls = pair.ask(1, "SELECT array_agg(call_ref) FROM calls")
    assert set(answers) - set(calls) == set()
    doubles = "SELECT count(*) - count(DISTINCT call_ref) FROM calls"
    assert pair.ask(1, doubles) == 0
    assert pair.ask(1, "SELECT count(*) FROM calls WHERE ticket_id IS NULL") == 0

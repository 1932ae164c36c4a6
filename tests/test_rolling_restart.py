"""Restarting under load, as deploy/systemd does it: no webhook of the provider fails.

The service manager holds the socket (deploy/systemd/huiyin-web.socket), so that who connects while
nobody serves waits a moment instead of being refused.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from models import Webhook, db
from tests.conftest import SECRET
from tests.live_updates.test_server import wait_for
from tests.ringing import Load
from tests.workers import wait_until

ROOT = Path(__file__).parent.parent
GUNICORN = ["-m", "gunicorn", "--config", "gunicorn.conf.py", "app:create_app()"]
# What systemd does before it starts a service with a socket: it is number 3, and so it is told.
HANDED_OVER = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
os.execv(sys.executable, [sys.executable, *sys.argv[2:]])
"""


class Manager:
    """Holds the socket, and starts and stops the server behind it."""

    def __init__(self, environ: dict[str, str]) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = int(self.socket.getsockname()[1])
        self.base = f"http://127.0.0.1:{self.port}"
        self._environ = {**os.environ, **environ, "PUBLIC_BASE_URL": self.base}
        self.start()

    def start(self) -> None:
        number = self.socket.fileno()
        command = [sys.executable, "-c", HANDED_OVER, str(number), *GUNICORN]
        self.server = subprocess.Popen(
            command, cwd=ROOT, env=self._environ, pass_fds=(number,), stdin=subprocess.DEVNULL
        )

    def reload(self) -> None:
        """A new process takes over while the old one ends."""
        old = self._processes()
        self.server.send_signal(signal.SIGHUP)
        wait_until(lambda: self._processes() and not old & self._processes())

    def restart(self) -> None:
        """The old one ends, then the new one begins."""
        self.stop()
        self.start()

    def stop(self) -> None:
        self.server.terminate()
        assert self.server.wait(timeout=60) == 0

    def _processes(self) -> set[str]:
        pid = self.server.pid
        return set(Path(f"/proc/{pid}/task/{pid}/children").read_text().split())


@pytest.fixture
def manager(app, database_uri, tmp_path) -> Iterator[Manager]:
    uri = database_uri.replace("postgresql+psycopg", "postgresql")
    manager = Manager(
        {
            "SECRET_KEY": SECRET,
            "DATABASE_URL": uri,
            "DATA_DIR": str(tmp_path / "var"),
            "TICKER": "off",
        }
    )
    try:
        wait_for(manager.port)
        yield manager
        manager.stop()
    finally:
        manager.server.kill()
        manager.socket.close()


@pytest.mark.parametrize("how", [Manager.reload, Manager.restart])
def test_no_webhook_fails_while_the_server_is_changed(app, manager, how):
    load = Load(app, manager.base)
    try:
        for _ in range(2):
            load.wait_for_more(10)
            how(manager)
        load.wait_for_more(10)
    finally:
        answers = load.stop()
    assert [answer for answer in answers.values() if answer != "heard"] == []
    db.session.rollback()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Webhook)) == len(answers)


LOADED = """
from pathlib import Path
Path(__file__).with_name("loaded").touch()
"""


@pytest.fixture
def release(tmp_path, monkeypatch) -> Path:
    """A folder with everything of ours in it, in which files can be exchanged."""
    folder = tmp_path / "release"
    folder.mkdir()
    for path in ROOT.iterdir():
        if not path.name.startswith("."):
            (folder / path.name).symlink_to(path)
    monkeypatch.setattr(sys.modules[__name__], "ROOT", folder)
    return folder


def answers(manager: Manager) -> bool:
    with urllib.request.urlopen(f"{manager.base}/healthz", timeout=15) as response:
        return bool(response.status == 200)


def exchange(file: Path, text: str) -> None:
    file.unlink()
    file.write_text(text, encoding="utf-8")


def test_a_reload_brings_the_new_release_unless_it_does_not_start(release, manager):
    first, program = manager._processes(), (release / "app.py").read_text(encoding="utf-8")
    exchange(release / "app.py", program + "\nraise RuntimeError('a bad release')\n")
    manager.server.send_signal(signal.SIGHUP)
    wait_until(lambda: manager._processes() - first)  # one that tries whether it starts
    wait_until(lambda: manager._processes() == first)
    assert answers(manager)

    exchange(release / "app.py", program + LOADED)
    manager.reload()
    assert (release / "loaded").exists()
    assert not first & manager._processes()


def test_what_is_forked_has_no_thread_and_no_connection(make_app):
    before = threading.active_count()
    app = make_app()
    assert threading.active_count() == before
    with app.app_context():
        pool = db.engine.pool
        assert (pool.checkedin(), pool.checkedout()) == (0, 0)

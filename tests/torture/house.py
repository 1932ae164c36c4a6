"""The hotline as it is served: gunicorn with our configuration, on a real port."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask

from app import create_app
from config import Config
from hotline.scheduler import JOBS, run_job
from models import db
from tests.conftest import SECRET

ROOT = Path(__file__).parents[2]
UP_SECONDS = 120
PROXIES = ("http_proxy", "https_proxy", "all_proxy")


class NotUp(Exception):
    """The server did not answer, or a process did not end."""


class CommandFailed(Exception):
    """A command of the hotline ended with an error."""


@dataclass
class House:
    """One installation below `folder`: any number of server and worker processes of it."""

    folder: Path
    database_url: str
    settings: dict[str, str]
    processes: int = 1
    _master: subprocess.Popen | None = None
    _workers: list[subprocess.Popen] = field(default_factory=list)

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def data_dir(self) -> Path:
        return self.folder / "var"

    def environment(self) -> dict[str, str]:
        bare = {k: v for k, v in os.environ.items() if k.lower() not in PROXIES}
        return bare | {
            "SECRET_KEY": SECRET,
            "DATABASE_URL": self.database_url.replace("postgresql+psycopg", "postgresql"),
            "DATA_DIR": str(self.data_dir),
            "FLASK_SKIP_DOTENV": "1",
            "THREADS": "16",
            "MAX_STREAMS": "4",
            "LOG_LEVEL": "ERROR",
            "TICKER": "off",
            **self.settings,
        }

    def serve(self) -> None:
        """Start the server and wait until it answers."""
        with (self.folder / "server.log").open("a") as log:
            self._master = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py",
                 "--workers", str(self.processes), "app:create_app()"],
                cwd=ROOT, env=self.environment(), stdout=log, stderr=log, process_group=0,
            )  # fmt: skip
        self.wait_until_up()

    def wait_until_up(self) -> None:
        over_at = time.monotonic() + UP_SECONDS
        while time.monotonic() < over_at:
            with suppress(OSError), self._get("/healthz"):
                return
            time.sleep(0.05)
        raise NotUp((self.folder / "server.log").read_text()[-3000:])

    def serving_pids(self) -> list[int]:
        """The processes that answer, beside the one that watches over them."""
        if self._master is None:
            return []
        children = Path(f"/proc/{self._master.pid}/task/{self._master.pid}/children")
        with suppress(OSError):
            return [int(pid) for pid in children.read_text().split()]
        return []

    def kill_one(self, place: int) -> bool:
        """kill -9 one of those that answer; whether there was one."""
        pids = self.serving_pids()
        if not pids:
            return False
        with suppress(ProcessLookupError):
            os.kill(pids[place % len(pids)], signal.SIGKILL)
            return True
        return False

    def kill_all(self) -> None:
        """kill -9 the server with everything below it."""
        if self._master is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._master.pid, signal.SIGKILL)
            self._master.wait()
            self._master = None

    def restart_gently(self) -> None:
        """New processes take over from the old ones, as `systemctl reload` does."""
        old = set(self.serving_pids())
        os.kill(self._master.pid, signal.SIGHUP)
        over_at = time.monotonic() + UP_SECONDS
        while old & set(self.serving_pids()) or not self.serving_pids():
            if time.monotonic() > over_at:
                raise NotUp("an old process did not end")
            time.sleep(0.05)

    def start_worker(self, *command: str) -> subprocess.Popen:
        """One more process that only works off what is due."""
        with (self.folder / "worker.log").open("a") as log:
            worker = subprocess.Popen(
                [sys.executable, *(command or ("-m", "flask", "worker"))],
                cwd=ROOT, env=self.environment(), stdout=log, stderr=log,
            )  # fmt: skip
        self._workers.append(worker)
        return worker

    def flask(self, *words: str | Path) -> str:
        """Run one command of the hotline; what it said. Raises CommandFailed."""
        done = subprocess.run(
            [sys.executable, "-m", "flask", *map(str, words)],
            cwd=ROOT, env=self.environment(), capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise CommandFailed(f"{words[0]}: {done.stdout[-500:]}{done.stderr[-500:]}")
        return done.stdout

    def stop(self) -> None:
        """End every process of this house."""
        if self._master is not None:
            self._master.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._master.wait(timeout=30)
            self.kill_all()
        for worker in self._workers:
            worker.kill()
            worker.wait()

    @contextmanager
    def inside(self) -> Iterator[Flask]:
        """An application of this house in our own process, to look and to sweep."""
        app = create_app(Config.from_env(self.environment()))
        with app.app_context():
            try:
                yield app
            finally:
                db.session.remove()
                db.engine.dispose()

    def _get(self, path: str):
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        return opener.open(f"http://127.0.0.1:{self.settings['PORT']}{path}", timeout=5)


def sweep(app: Flask, *names: str) -> dict[str, int | None]:
    """Run the sweeps of these names, or all, as the ticker does; what each of them did."""
    return {job.name: run_job(app, job) for job in JOBS if not names or job.name in names}

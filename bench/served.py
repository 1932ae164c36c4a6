"""The hotline and the bare floor as they are served: gunicorn, each on a port of its own."""

import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.ports import free_port

ROOT = Path(__file__).parents[1]
UP_SECONDS = 120
TICKS = os.sysconf("SC_CLK_TCK")
HOTLINE = ("--config", "gunicorn.conf.py", "app:create_app()")
FLOOR = ("--config", "bench/floor_gunicorn.py")
PROXIES = ("http_proxy", "https_proxy", "all_proxy")


class NotUp(Exception):
    """The server did not answer in time."""


@dataclass(frozen=True)
class Served:
    """One running server with one process that answers."""

    port: int
    master: int

    @property
    def pid(self) -> int:
        """The process that answers, below the one that watches over it."""
        children = Path(f"/proc/{self.master}/task/{self.master}/children").read_text()
        return int(children.split()[0])

    def cpu_seconds(self) -> float:
        """What the answering process has computed so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory_mb(self) -> float:
        """Its proportional share of memory (PSS)."""
        return memory_mb(self.pid)


def memory_mb(pid: int) -> float:
    """The proportional share of memory (PSS) of a process."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("Pss:")).split()[1]) / 1024


def settings_for(database: str, folder: Path) -> dict[str, str]:
    """What an installation on `database` is started with, beside what is shipped."""
    return {
        "SECRET_KEY": secrets.token_hex(32),
        "DATABASE_URL": database,
        "DATA_DIR": str(folder),
        "TICKER": "off",
        "FLASK_SKIP_DOTENV": "1",
    }


@contextmanager
def serving(how: tuple[str, ...], settings: Mapping[str, str], log: Path) -> Iterator[Served]:
    """The hotline or the floor with `settings`, up and running; ended afterwards."""
    port = free_port()
    bare = {name: value for name, value in os.environ.items() if name.lower() not in PROXIES}
    with log.open("a") as lines:
        master = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "gunicorn", *how],
            cwd=ROOT,
            env=bare
            | settings
            | {"PORT": str(port), "PUBLIC_BASE_URL": f"http://127.0.0.1:{port}"},
            stdout=lines,
            stderr=lines,
        )
    try:
        _wait_until_up(port, master, log)
        yield Served(port, master.pid)
    finally:
        master.send_signal(signal.SIGTERM)
        master.wait()


def _wait_until_up(port: int, master: subprocess.Popen[bytes], log: Path) -> None:
    over_at = time.monotonic() + UP_SECONDS
    while time.monotonic() < over_at and master.poll() is None:
        with (
            suppress(OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5),
        ):
            return
        time.sleep(0.05)
    raise NotUp(log.read_text()[-3000:])

"""Two servers of PostgreSQL, the second in step with the first; what Patroni does is done by hand.

A commit is acknowledged when it is on both disks. Who leads dies by kill -9 with everything below
it, the other one is promoted, and the dead one is made anew and follows.
"""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from tests.ports import free_port
from tests.postgres import NoPostgres, owner, programs, run
from tests.workers import wait_until

IN_STEP = "SELECT sync_state FROM pg_stat_replication WHERE state = 'streaming'"
CAUGHT_UP = "SELECT bool_and(replay_lsn = pg_current_wal_lsn()) FROM pg_stat_replication"


class Pair:
    """A server that leads, and one that has every commit before it is acknowledged."""

    def __init__(self, folder: Path) -> None:
        self._programs, self._owner = programs(folder), owner()
        if not (self._programs / "pg_basebackup").exists():
            raise NoPostgres("no pg_basebackup beside initdb, so no second server can be made")
        self.ports = free_port(), free_port()
        self._folders = folder / "one", folder / "two"
        self.leader = 0
        self._new_folder(0)
        self._run("initdb", "-D", self._folders[0], "-U", "huiyin", "-A", "trust",
                  "-E", "UTF8", "--locale=C")  # fmt: skip
        self._start(0)
        self.follow()

    @property
    def follower(self) -> int:
        return 1 - self.leader

    def url(self, database: str) -> str:
        """Both servers in one address: whoever takes writes is the one that is meant."""
        hosts = ",".join(f"127.0.0.1:{port}" for port in self.ports)
        return f"postgresql://huiyin@{hosts}/{database}?target_session_attrs=read-write"

    def ask(self, which: int, question: str, database: str = "postgres") -> object:
        place = f"host=127.0.0.1 port={self.ports[which]} user=huiyin dbname={database}"
        with psycopg.connect(place, autocommit=True) as connection:
            found = connection.execute(question)
            return row[0] if found.description and (row := found.fetchone()) else None

    def kill_the_leader(self) -> None:
        """As when its machine dies: no process of it has time for another word."""
        postmaster = int(
            (self._folders[self.leader] / "postmaster.pid").read_text(encoding="utf-8").split()[0]
        )
        below = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text(encoding="utf-8")
        for pid in (postmaster, *map(int, below.split())):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not Path(f"/proc/{postmaster}").exists() or _is_dead(postmaster))

    def promote_the_other(self) -> None:
        """From here on it leads, alone: nobody is left to be in step with."""
        self._run("pg_ctl", "-D", self._folders[self.follower], "-w", "promote")
        self.leader = self.follower

    def follow(self) -> None:
        """Make the other server anew as a copy of the leader, and return when it is in step."""
        folder = self._folders[self.follower]
        self._new_folder(self.follower)
        address = ("-h", "127.0.0.1", "-p", str(self.ports[self.leader]), "-U", "huiyin")
        self._run("pg_basebackup", *address, "-D", folder, "-R", "-c", "fast", "-X", "stream")
        with (folder / "postgresql.auto.conf").open("a", encoding="utf-8") as settings:
            settings.write("synchronous_standby_names = ''\n")  # once it leads, it leads alone
        self._start(self.follower)
        self.ask(self.leader, "ALTER SYSTEM SET synchronous_standby_names = '*'")
        self.ask(self.leader, "SELECT pg_reload_conf()")
        wait_until(lambda: self.ask(self.leader, IN_STEP) == "sync")

    def wait_until_same(self) -> None:
        """Until the follower shows everything that the leader has written."""
        wait_until(lambda: self.ask(self.leader, CAUGHT_UP) is True)

    def end(self) -> None:
        for folder in self._folders:
            if (folder / "postmaster.pid").exists():
                with suppress(RuntimeError):  # it was killed
                    self._run("pg_ctl", "-D", folder, "-m", "immediate", "-w", "stop")

    def _new_folder(self, which: int) -> None:
        shutil.rmtree(self._folders[which], ignore_errors=True)
        self._folders[which].mkdir(mode=0o700)
        if self._owner:
            shutil.chown(self._folders[which], self._owner)

    def _start(self, which: int) -> None:
        folder = self._folders[which]
        options = (
            f"-c listen_addresses=127.0.0.1 -p {self.ports[which]} -k {folder}"
            " -c max_connections=200"
        )
        log = folder / "log.txt"
        self._run("pg_ctl", "-D", folder, "-l", log, "-w", "start", "-o", options)

    def _run(self, program: str, *arguments: object) -> None:
        run(self._programs / program, *map(str, arguments), owner=self._owner)


def _is_dead(pid: int) -> bool:
    """Whether a process has ended and only waits to be counted."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2][1] == "Z"
    return True


@contextmanager
def new_pair() -> Iterator[Pair]:
    """Two servers of our own, running, and gone at the end. Raises NoPostgres."""
    # Not tempfile's default folder: the path of a socket must be shorter than 104 characters.
    with tempfile.TemporaryDirectory(prefix="huiyin-two-", dir="/tmp") as folder:
        os.chmod(folder, 0o755)
        two = Pair(Path(folder))
        try:
            yield two
        finally:
            two.end()

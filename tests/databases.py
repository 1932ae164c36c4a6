"""The databases of the tests: one with empty tables, made once a run, and a copy for each test."""

import fcntl
import os
import pickle
import shutil
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa

from tests.postgres import NoPostgres, running_postgres

EMPTY = "template_"  # how the name of a PostgreSQL database begins that holds tables and no rows
SWEEP = """
SET LOCAL lock_timeout = '2s';
SET LOCAL session_replication_role = replica;
DO $$
DECLARE t text; s text;
BEGIN
    FOR t IN SELECT tablename FROM pg_tables
        WHERE schemaname = 'public' AND tablename <> 'alembic_version'
    LOOP EXECUTE format('DELETE FROM %I', t); END LOOP;
    FOR s IN SELECT sequencename FROM pg_sequences
        WHERE schemaname = 'public' AND last_value IS NOT NULL
    LOOP EXECUTE format('ALTER SEQUENCE %I RESTART', s); END LOOP;
    PERFORM 1 FROM tickets;
END $$
"""

Once = Callable[[str, Callable[[], Any]], Any]


class Databases(Protocol):
    """Makes databases, each known by its place: a file, or a name on the server."""

    origin: str

    def new(self, folder: Path, template: str = "") -> str:
        """The place of a database to keep, with all that is in `template`, or without tables."""

    def lend(self, template: str, folder: Path) -> str:
        """The place of a copy of `template` for one test."""

    def give_back(self, place: str, template: str) -> None:
        """The test that had the copy is over."""

    def uri(self, place: str) -> str:
        """What a configuration calls the database at `place`."""


class Files:
    """On SQLite a database is a file; it goes with the folder of its test."""

    origin = "sqlite"

    def new(self, folder: Path, template: str = "") -> str:
        place = folder / "test.sqlite"
        return str(shutil.copy(template, place) if template else place)

    def lend(self, template: str, folder: Path) -> str:
        return self.new(folder, template)

    def give_back(self, place: str, template: str) -> None:
        pass

    def uri(self, place: str) -> str:
        return f"sqlite:///{place}"


class Server:
    """On PostgreSQL what was a copy of the empty one is emptied and lent again: it takes less."""

    def __init__(self, url: str) -> None:
        self.origin = f"postgresql-{zlib.crc32(url.encode()):08x}"
        self._url = sa.make_url(url.replace("postgresql://", "postgresql+psycopg://", 1))
        self._swept: list[str] = []
        self._sweepers: dict[str, psycopg.Connection] = {}
        self._tables: dict[str, int] = {}

    def new(self, folder: Path, template: str = "") -> str:
        return self._create("filled_", template) if template else self._create(EMPTY)

    def lend(self, template: str, folder: Path) -> str:
        if template.startswith(EMPTY) and self._swept:
            return self._swept.pop()
        place = self._create("test_", template)
        if template.startswith(EMPTY):
            self._sweepers[place] = self._connect(self._url.set(database=place))
            self._tables[place] = self._count_tables(place)
        return place

    def give_back(self, place: str, template: str) -> None:
        if template.startswith(EMPTY) and self._sweep(place):
            self._swept.append(place)
        else:
            self._drop(place)

    def uri(self, place: str) -> str:
        return self._url.set(database=place).render_as_string(hide_password=False)

    def close(self) -> None:
        for place in list(self._sweepers):
            self._drop(place)

    def _create(self, prefix: str, template: str = "template1") -> str:
        name = f"{prefix}{uuid4().hex[:12]}"
        self._administer(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def _drop(self, place: str) -> None:
        if sweeper := self._sweepers.pop(place, None):
            sweeper.close()
        self._administer(f"DROP DATABASE {place} WITH (FORCE)")

    def _administer(self, statement: str) -> None:
        with self._connect(self._url) as connection:
            connection.execute(statement)

    def _sweep(self, place: str) -> bool:
        """Empty all tables and begin all numbers anew; False when somebody still holds a lock, or
        a test took a table away."""
        if self._count_tables(place) != self._tables[place]:
            return False
        try:
            with self._sweepers[place].transaction():
                self._sweepers[place].execute(SWEEP)
        except psycopg.errors.LockNotAvailable:
            return False
        return True

    def _count_tables(self, place: str) -> int:
        found = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        (count,) = self._sweepers[place].execute(found).fetchone() or (0,)
        return int(count)

    def _connect(self, url: sa.URL) -> psycopg.Connection:
        plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
        return psycopg.connect(plain, autocommit=True)


@pytest.fixture(scope="session")
def engine_name(request: pytest.FixtureRequest) -> str:
    return str(request.config.getoption("--engine"))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a PostgreSQL on which databases may be made; a skip says why there is none."""
    try:
        with running_postgres() as url:
            yield url
    except NoPostgres as none:
        pytest.skip(str(none))


@pytest.fixture(scope="session")
def databases(engine_name: str, request: pytest.FixtureRequest) -> Iterator[Databases]:
    """Where the databases of this process come from."""
    if engine_name == "sqlite":
        yield Files()
        return
    server = Server(request.getfixturevalue("postgres_server"))
    yield server
    server.close()


@pytest.fixture(scope="session")
def once(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Once:
    """`once(name, make)`: what `make()` gave the first process of this run that asked for it."""
    folder = tmp_path_factory.getbasetemp()
    if (
        "PYTEST_XDIST_WORKER" in os.environ
    ):  # each worker has a folder of its own in that of the run
        folder = folder.parent

    def once(name: str, make: Callable[[], Any]) -> Any:
        kept = folder / f"{databases.origin}-{name}"
        with kept.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not kept.exists():
                kept.write_bytes(pickle.dumps(make()))
            return pickle.loads(kept.read_bytes())

    return once

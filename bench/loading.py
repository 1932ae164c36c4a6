"""Bulk loading into a migrated, empty database: indexes fall before and stand again afterwards.

Every CHECK and UNIQUE holds all the time; foreign keys are checked over all rows at the end.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import psycopg
from psycopg import sql

from bench.tables import Table


class Target(Protocol):
    """Where rows go."""

    def write(self, table: Table) -> None:
        """Write what waits in `table`."""


@contextmanager
def loading(url: str, names: list[str]) -> Iterator[Target]:
    """The database at `url`, ready to take rows of the tables `names` quickly."""
    target = Sqlite(url) if url.startswith("sqlite") else Postgresql(url)
    try:
        target.begin(names)
        yield target
        target.finish()
    finally:
        target.close()


class Sqlite:
    """One file, written without a journal: whoever is interrupted begins anew."""

    def __init__(self, url: str) -> None:
        self._db = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        self._indexes: list[str] = []

    def begin(self, names: list[str]) -> None:
        for pragma in (
            "journal_mode=OFF",
            "synchronous=OFF",
            "foreign_keys=OFF",
            "cache_size=-300000",
            "temp_store=FILE",
        ):
            self._db.execute(f"PRAGMA {pragma}")
        found = "SELECT name, sql, tbl_name FROM sqlite_master WHERE type = 'index' AND sql <> ''"
        for name, statement, table in self._db.execute(found).fetchall():
            if table in names:
                self._indexes.append(statement)
                self._db.execute(f'DROP INDEX "{name}"')

    def write(self, table: Table) -> None:
        rows = table.take()
        columns = ", ".join(f'"{name}"' for name in table.columns)
        marks = ", ".join("?" * len(table.columns))
        self._db.execute("BEGIN")
        self._db.executemany(f"INSERT INTO {table.name} ({columns}) VALUES ({marks})", rows)  # noqa: S608 - names of our models
        self._db.execute("COMMIT")

    def finish(self) -> None:
        for statement in self._indexes:
            self._db.execute(statement)
        self._db.execute("ANALYZE")
        broken = self._db.execute("PRAGMA foreign_key_check").fetchmany(3)
        if broken:
            raise RuntimeError(f"rows that point to nothing: {broken}")
        self._db.execute("PRAGMA journal_mode=WAL")

    def close(self) -> None:
        self._db.close()


INDEXES = """
SELECT indexdef, format('DROP INDEX %%I', indexname) FROM pg_indexes
WHERE schemaname = 'public' AND tablename = ANY(%s)
AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexname::regclass)
"""
KEYS = """
SELECT format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s',
              conrelid::regclass, conname, pg_get_constraintdef(oid)),
       format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname)
FROM pg_constraint WHERE contype = 'f'
AND (conrelid::regclass::text = ANY(%s) OR confrelid::regclass::text = ANY(%s))
ORDER BY conname
"""


class Postgresql:
    """By COPY, in one transaction a chunk."""

    def __init__(self, url: str) -> None:
        plain = url.replace("postgresql+psycopg://", "postgresql://", 1)
        self._db = psycopg.connect(plain, autocommit=True)
        self._again: list[str] = []
        self._names: list[str] = []

    def begin(self, names: list[str]) -> None:
        self._names = names
        self._do("SET timezone TO 'UTC'")
        self._do("SET maintenance_work_mem TO '512MB'")
        for query, parameters in ((KEYS, (names, names)), (INDEXES, (names,))):
            for again, drop in self._db.execute(query, parameters).fetchall():
                self._again.insert(0, again)
                self._do(drop)

    def write(self, table: Table) -> None:
        columns = sql.SQL(", ").join(map(sql.Identifier, table.columns))
        into = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), columns)
        with self._db.cursor() as cursor, cursor.copy(into) as copy:
            for row in table.take():
                copy.write_row(row)

    def finish(self) -> None:
        for statement in self._again:
            self._do(statement)
        for name in self._names:
            if self._db.execute(
                "SELECT pg_get_serial_sequence(%s, column_name) FROM information_schema.columns"
                " WHERE table_name = %s AND column_name = 'id'",
                (name, name),
            ).fetchone():
                self._do(
                    f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id))"  # noqa: S608
                    f" FROM {name} HAVING max(id) IS NOT NULL"
                )
        self._do("VACUUM ANALYZE")

    def close(self) -> None:
        self._db.close()

    def _do(self, statement: Any) -> None:
        self._db.execute(statement)

"""A SQLite file copied in one step, and put back.

In one step because a copy in steps begins anew whenever somebody writes, and never ends; not by
`cp` because that loses what is still in the write-ahead log.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa

from hotline.i18n import N_
from hotline.operations import manifest
from hotline.operations.manifest import Unfit

FILE_NAME = "database.sqlite"
BESIDE = ("-wal", "-shm", "-journal")


def take(connection: sa.Connection, file: Path) -> None:
    """Write what the transaction of `connection` sees to `file`; others write on meanwhile."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)  # noqa: S101 - this engine's
    os.close(os.open(file, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600))
    with closing(sqlite3.connect(file, isolation_level=None)) as target:
        driver.backup(target, pages=-1)
        target.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
    manifest.sync(file)


@contextmanager
def opened(file: Path, url: sa.URL) -> Iterator[sa.Connection]:
    """A connection to what is in `file`, restored to a scratch place that goes away afterwards."""
    with TemporaryDirectory(prefix="huiyin-check-") as folder:
        scratch = Path(folder) / FILE_NAME
        shutil.copyfile(file, scratch)
        with _reading(scratch) as connection:
            yield connection


def complaints(connection: sa.Connection) -> list[str]:
    """What SQLite itself finds wrong with a database."""
    found = list(connection.exec_driver_sql("PRAGMA integrity_check").scalars())
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").scalars()
    wrong = {"integrity_check"} if found != ["ok"] else set()
    return sorted(wrong | {f"foreign_key_check: {table}" for table in broken})


def is_empty(url: sa.URL) -> bool:
    """Whether there is nothing yet where the database is to be."""
    place = _place(url)
    if any(Path(f"{place}{suffix}").exists() for suffix in BESIDE):
        return False  # a log without its file, or somebody who has it open
    if not place.exists() or not place.stat().st_size:
        return True
    with _reading(place) as connection:
        return not sa.inspect(connection).get_table_names()


def put_back(file: Path, url: sa.URL) -> None:
    """Make `file` the database: copied whole under another name first, then in one move."""
    place = _place(url)
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = place.with_name(f"{place.name}.part")
    part.unlink(missing_ok=True)
    with open(os.open(part, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "wb") as target:
        with file.open("rb") as source:
            shutil.copyfileobj(source, target)
        target.flush()
        os.fsync(target.fileno())
    if not is_empty(url):
        part.unlink()
        raise Unfit(N_("Somebody began to use this database meanwhile: nothing was restored."))
    part.replace(place)
    manifest.sync(place.parent)


def _place(url: sa.URL) -> Path:
    return Path(url.database or "")


@contextmanager
def _reading(file: Path) -> Iterator[sa.Connection]:
    engine = sa.create_engine(f"sqlite:///{file}", poolclass=sa.NullPool)
    try:
        with engine.connect() as connection:
            yield connection
    except (sa.exc.DatabaseError, sqlite3.DatabaseError) as error:
        raise Unfit(N_("The file of the database is damaged.")) from error
    finally:
        engine.dispose()

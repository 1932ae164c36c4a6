"""A PostgreSQL database copied by pg_dump from one snapshot, and put back by pg_restore."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import sqlalchemy as sa

from hotline.i18n import N_
from hotline.operations import fingerprints, manifest
from hotline.operations.manifest import Unfit

FILE_NAME = "database.dump"
MAY_MAKE_DATABASES = "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
WHOLE = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")


def take(connection: sa.Connection, file: Path) -> None:
    """Write what the transaction of `connection` sees to `file`; others write on meanwhile.

    Raises Unfit when it could not be checked afterwards, or when pg_dump is not there or fails.
    """
    if not connection.exec_driver_sql(MAY_MAKE_DATABASES).scalar():
        raise Unfit(
            N_(
                "To check a copy, a database is made and dropped again, and this role may not."
                " As an administrator of the server: ALTER ROLE … CREATEDB"
            )
        )
    snapshot = connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one()
    how = ("--format=custom", f"--snapshot={snapshot}", f"--file={file}")
    _run("pg_dump", *how, url=connection.engine.url)
    manifest.sync(file)


@contextmanager
def opened(file: Path, url: sa.URL) -> Iterator[sa.Connection]:
    """A connection to what is in `file`, restored to a scratch database on the same server."""
    name = f"huiyin_check_{uuid4().hex[:12]}"
    with _administering(url) as administrator:
        administrator.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE template0")
        try:
            scratch = url.set(database=name)
            put_back(file, scratch)
            with _connected(scratch) as connection:
                yield connection
        finally:
            administrator.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


def complaints(connection: sa.Connection) -> list[str]:
    """Nothing: the server checked every constraint while the rows went in."""
    return []


def is_empty(url: sa.URL) -> bool:
    """Whether the database has no table of ours."""
    with _connected(url) as connection:
        return not fingerprints.names(connection)


def put_back(file: Path, url: sa.URL) -> None:
    """Restore `file` into the empty database of `url`: all of it, or nothing."""
    _run("pg_restore", *WHOLE, str(file), url=url)


@contextmanager
def _connected(url: sa.URL) -> Iterator[sa.Connection]:
    engine = sa.create_engine(url, poolclass=sa.NullPool, hide_parameters=True)
    with engine.connect() as connection:
        yield connection


@contextmanager
def _administering(url: sa.URL) -> Iterator[sa.Connection]:
    with _connected(url) as connection:
        yield connection.execution_options(isolation_level="AUTOCOMMIT")


def _run(program: str, *arguments: str, url: sa.URL) -> None:
    """Run one of PostgreSQL's client programs on a database; no secret on the command line."""
    found = shutil.which(program)
    if found is None:
        raise Unfit(
            N_(
                "%(program)s is not on the PATH. Install PostgreSQL's client programs, of the"
                " server's release or a newer one."
            ),
            program=program,
        )
    address = url._replace(drivername="postgresql", password=None).render_as_string()
    secret = {"PGPASSWORD": str(url.password)} if url.password else {}
    done = subprocess.run(  # noqa: S603 - our own words only
        [found, *arguments, f"--dbname={address}"],
        env={**os.environ, **secret},
        capture_output=True,
        text=True,
        umask=0o077,
        check=False,
    )
    if done.returncode:
        raise Unfit(N_("%(program)s failed: %(why)s"), program=program, why=_why(done.stderr))


def _why(stderr: str) -> str:
    """The first sentence of a program; what follows may quote rows."""
    said = [line for line in stderr.splitlines() if "error:" in line] or [""]
    return said[0].partition("error:")[2].strip()[:300]

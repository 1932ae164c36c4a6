"""Databases to measure on: files of SQLite, and databases of one PostgreSQL server."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from tests.postgres import new_cluster

ENGINES = ("sqlite", "postgresql")
# As durable as in earnest, unlike the server of the tests; room for two hundred streams.
DURABLE = "-c listen_addresses='' -c max_connections=600 -c shared_buffers=1GB"


@contextmanager
def postgres(given: str) -> Iterator[str]:
    """The address of a server: the `given` one, else our own for the time being."""
    if given:
        yield given
        return
    with new_cluster(DURABLE) as cluster:
        yield cluster.url


def database(server: str, name: str) -> tuple[str, bool]:
    """The address of the database `name` there, and whether it was made just now."""
    with psycopg.connect(server, autocommit=True) as connection:
        found = "SELECT FROM pg_database WHERE datname = %s"
        is_there = connection.execute(found, (name,)).fetchone() is not None
        if not is_there:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return _named(server, name), not is_there


@contextmanager
def empty_beside(url: str, folder: Path) -> Iterator[str]:
    """The address of an empty database of the same kind, gone at the end."""
    if url.startswith("sqlite"):
        yield f"sqlite:///{folder}/empty.sqlite"
        return
    name = f"empty_{secrets.token_hex(4)}"
    address, _ = database(url, name)
    try:
        yield address
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
            connection.execute(drop)


def _named(server: str, name: str) -> str:
    before, mark, options = server.partition("?")
    return f"{before.rpartition('/')[0]}/{name}{mark}{options}"

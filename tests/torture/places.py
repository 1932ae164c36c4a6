"""Where a scenario runs: a folder, a database of its own, and on PostgreSQL the server itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from flask_migrate import upgrade

from app import create_app
from models import db
from tests.conftest import config_for
from tests.postgres import Cluster, new_cluster

DURABLE = "-c listen_addresses='' -c max_connections=300"  # fsync and all, as in life
WEB_PROCESSES = 3  # on PostgreSQL; SQLite serves one


@dataclass(frozen=True)
class Size:
    calls: int
    kills: int
    seed: int = 1
    workers: int = 3


@dataclass(frozen=True)
class Place:
    folder: Path
    url: str  # of the migrated database
    cluster: Cluster | None = None

    @property
    def is_sqlite(self) -> bool:
        return self.url.startswith("sqlite")

    @property
    def processes(self) -> int:
        return 1 if self.is_sqlite else WEB_PROCESSES


@contextmanager
def new_place(folder: Path, engine: str) -> Iterator[Place]:
    """A migrated, empty database; on PostgreSQL with a durable server that is ours alone."""
    folder.mkdir(parents=True, exist_ok=True)
    if engine == "sqlite":
        url = f"sqlite:///{folder / 'torture.sqlite'}"
        _migrate(url, folder)
        yield Place(folder, url)
        return
    with new_cluster(DURABLE) as cluster:
        with psycopg.connect(cluster.url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE torture")
        url = cluster.url.replace("/postgres?", "/torture?")
        url = url.replace("postgresql://", "postgresql+psycopg://")
        _migrate(url, folder)
        yield Place(folder, url, cluster)


def _migrate(url: str, folder: Path) -> None:
    app = create_app(config_for(url, folder))
    with app.app_context():
        upgrade()
        db.engine.dispose()

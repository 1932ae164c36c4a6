"""The fixtures every test may use: an application on a fresh database, a stopped clock, people.

The whole suite runs on SQLite by default and on PostgreSQL with `--engine=postgresql`.
"""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask, has_app_context
from flask.testing import FlaskClient
from flask_migrate import upgrade
from hypothesis import settings

from app import create_app
from config import Config
from hotline import clock as clock_module
from hotline.telephony import webhooks
from models import db
from tests import compiled, makers
from tests.at_once import both as both  # a fixture
from tests.postgres import NoPostgres, running_postgres

SECRET = "a secret that only the tests know, 0123456789"
EMPTY = "template_"  # how the name of a PostgreSQL database begins that holds tables and no rows
SWEEP = """
SET LOCAL lock_timeout = '2s';
SET LOCAL session_replication_role = replica;
DO $$
DECLARE t text; s text;
BEGIN
    FOR t IN SELECT tablename FROM pg_tables
        WHERE schemaname = 'public' AND tablename <> 'alembic_version'
    LOOP EXECUTE format('DELETE FROM %%I', t); END LOOP;
    FOR s IN SELECT sequencename FROM pg_sequences
        WHERE schemaname = 'public' AND last_value IS NOT NULL
    LOOP EXECUTE format('ALTER SEQUENCE %%I RESTART', s); END LOOP;
    PERFORM 1 FROM tickets;
END $$
"""
MONDAY_MORNING = datetime(2026, 11, 16, 1, 30, tzinfo=UTC)  # 09:30 in Shanghai

# No example fails because this machine has much to do.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """No webhook is given up because this machine has much to do (test_out_of_time takes care)."""
    monkeypatch.setattr(webhooks, "BUDGET", timedelta(minutes=1))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--engine", choices=("sqlite", "postgresql"), default="sqlite")


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


def config_for(uri: str, folder: Path, **settings: Any) -> Config:
    """A configuration for tests: the simulator, no ticker, everything below `folder`."""
    return Config(
        **{
            "SECRET_KEY": SECRET,
            "SQLALCHEMY_DATABASE_URI": uri,
            "PUBLIC_BASE_URL": "http://localhost",
            "DATA_DIR": folder / "var",
            "TICKER": False,
            "THREADS": 8,
            "MAX_STREAMS": 4,
            **settings,
        }
    )


@pytest.fixture(scope="session")
def migrated(
    engine_name: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> str:
    """A migrated, empty database to copy for each test: a file, or a PostgreSQL template."""
    folder = tmp_path_factory.mktemp("template")
    if engine_name == "sqlite":
        place = f"sqlite:///{folder / 'empty.sqlite'}"
        _migrate(place, folder)
        return place
    server = request.getfixturevalue("postgres_server")
    name = f"{EMPTY}{uuid4().hex[:12]}"
    _administer(server, f"CREATE DATABASE {name}")
    _migrate(_database(server, name), folder)
    return name


def _migrate(uri: str, folder: Path) -> None:
    app = create_app(config_for(uri, folder))
    with app.app_context():
        upgrade()
        db.engine.dispose()


def _administer(server: str, statement: str) -> None:
    engine = sa.create_engine(_driver(server), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(statement))
    engine.dispose()


def _driver(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def _database(server: str, name: str) -> str:
    url = sa.make_url(_driver(server)).set(database=name)
    return url.render_as_string(hide_password=False)


@pytest.fixture
def database_uri(
    migrated: str, engine_name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[str]:
    """A database of this test alone."""
    if engine_name == "sqlite":
        shutil.copy(migrated.removeprefix("sqlite:///"), tmp_path / "test.sqlite")
        yield f"sqlite:///{tmp_path / 'test.sqlite'}"
        return
    server = request.getfixturevalue("postgres_server")
    swept: list[str] = request.getfixturevalue("swept")
    is_empty = migrated.startswith(EMPTY)
    name = swept.pop() if is_empty and swept else _copy(server, migrated)
    yield _database(server, name)
    if is_empty and _sweep(_database(server, name)):
        swept.append(name)
    else:
        _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def swept(postgres_server: str) -> Iterator[list[str]]:
    """Databases that a test has left and that are empty again: making one takes 0.3 s."""
    names: list[str] = []
    yield names
    for name in names:
        _administer(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


def _copy(server: str, template: str) -> str:
    name = f"test_{uuid4().hex[:12]}"
    _administer(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    return name


def _sweep(uri: str) -> bool:
    """Empty all tables and begin all numbers anew; False when somebody still holds a lock."""
    engine = sa.create_engine(uri)
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql(SWEEP)
    except sa.exc.OperationalError:
        return False
    finally:
        engine.dispose()
    return True


class Browser(FlaskClient):
    """A browser whose every request has a context of its own, as on a server.

    The context of the `app` fixture would be shared otherwise: who is signed in, the language and
    the database session of one request would leak into the next.
    """

    def open(self, *args: Any, **kwargs: Any) -> Any:
        if has_app_context():
            db.session.rollback()  # what the test has read is read anew afterwards
        with self.application.app_context():
            return super().open(*args, **kwargs)


@pytest.fixture
def make_app(database_uri: str, tmp_path: Path) -> Iterator[Callable[..., Flask]]:
    """An application on this test's database, with other settings if need be."""
    made: list[Flask] = []

    def make(**settings: Any) -> Flask:
        app = create_app(config_for(database_uri, tmp_path, **settings))
        with app.app_context():
            compiled.share(app, db.engine)
        app.test_client_class = Browser
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Iterator[Flask]:
    """The application, inside its context."""
    app = make_app()
    with app.app_context():
        yield app
        db.session.remove()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser nobody signed in yet; forms need no CSRF token unless a test turns it on."""
    app.config["WTF_CSRF_ENABLED"] = False
    return app.test_client()


@pytest.fixture
def sign_in(app: Flask) -> Callable[..., FlaskClient]:
    """`sign_in(user)`: a browser of its own in which `user` is signed in."""
    app.config["WTF_CSRF_ENABLED"] = False

    def sign_in(user: Any) -> FlaskClient:
        client = app.test_client()
        answer = client.post(
            "/login", data={"username": user.username, "password": makers.PASSWORD}
        )
        assert answer.status_code == 303, answer.get_data(as_text=True)
        return client

    return sign_in


class Clock:
    """A clock that stands still until it is told to advance."""

    def __init__(self, time: datetime) -> None:
        self.time = time

    def __call__(self) -> datetime:
        return self.time

    def advance(self, **amount: float) -> None:
        self.time += timedelta(**amount)

    def set(self, time: datetime) -> None:
        self.time = time


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The stopped clock: Monday 16 November 2026, 09:30 in Shanghai, a working day."""
    stopped = Clock(MONDAY_MORNING)
    monkeypatch.setattr(clock_module, "now", stopped)
    return stopped


@pytest.fixture
def count_queries(app: Flask) -> Iterator[list[str]]:
    """The SQL statements sent while the test holds this fixture; clear it before what you count."""
    statements: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA", "SAVEPOINT", "RELEASE")):
            statements.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    yield statements
    sa.event.remove(db.engine, "before_cursor_execute", note)

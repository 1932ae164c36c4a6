"""The fixtures every test may use: an application on a fresh database, a stopped clock, people.

They run on SQLite by default and, as far as they know the engine, on PostgreSQL with
`--engine=postgresql`.
"""

import gc
from collections.abc import Callable, Hashable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, has_app_context
from flask.testing import FlaskClient
from flask_migrate import upgrade
from hypothesis import settings
from markupsafe import Markup

from app import create_app
from config import Config
from hotline import clock as clock_module
from hotline.accounts import passwords
from hotline.drawn_once import Shelf
from hotline.exports.slots import slots
from hotline.telephony import webhooks
from models import db
from tests import compiled, makers
from tests.at_once import both as both  # a fixture, as the five below
from tests.at_once import meanwhile as meanwhile
from tests.databases import Databases, Once
from tests.databases import databases as databases
from tests.databases import engine_name as engine_name
from tests.databases import once as once
from tests.databases import postgres_server as postgres_server
from tests.same_on_both import pytest_collection_modifyitems as pytest_collection_modifyitems
from tests.same_on_both import pytest_sessionfinish as pytest_sessionfinish
from tests.same_on_both import pytest_terminal_summary as pytest_terminal_summary
from tests.same_on_both import pytest_testnodedown as pytest_testnodedown
from tests.with_demo import load_demo as load_demo
from tests.with_demo import sounds as sounds
from tests.with_demo import with_demo as with_demo

SECRET = "a secret that only the tests know, 0123456789"
MONDAY_MORNING = datetime(2026, 11, 16, 1, 30, tzinfo=UTC)  # 09:30 in Shanghai

# No example fails because this machine has much to do.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """No webhook is given up because this machine has much to do (test_out_of_time takes care)."""
    monkeypatch.setattr(webhooks, "BUDGET", timedelta(minutes=1))


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords cost next to nothing (tests/accounts/test_passwords.py has the true cost)."""
    monkeypatch.setattr(passwords, "_hasher", makers.CHEAP)


@pytest.fixture(autouse=True)
def drawn_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is drawn once is drawn each time, and must look as it did of the same values before: so
    every test that looks at a page tells when a part shows what it was not given."""
    get, put = Shelf.get, Shelf.put

    def compare(shelf: Shelf, key: Hashable, html: Markup) -> None:
        assert get(shelf, key) in (None, html)
        put(shelf, key, html)

    monkeypatch.setattr(Shelf, "get", lambda shelf, key: None)
    monkeypatch.setattr(Shelf, "put", compare)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--engine", choices=("sqlite", "postgresql"), default="sqlite")


def pytest_collection_finish() -> None:
    """What is imported stays: looking through it for garbage again and again takes a tenth."""
    gc.collect()
    gc.freeze()


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
def migrated(databases: Databases, once: Once, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The place of a migrated, empty database to copy for each test."""

    def migrate() -> str:
        folder = tmp_path_factory.mktemp("template")
        place = databases.new(folder)
        app = create_app(config_for(databases.uri(place), folder))
        with app.app_context():
            upgrade()
            db.engine.dispose()
        return place

    return str(once("migrated", migrate))


@pytest.fixture
def template(request: pytest.FixtureRequest, migrated: str) -> str:
    """What this test gets a copy of: a database with the demo for who asks for it, else no rows."""
    asked = "with_demo" in request.fixturenames
    return str(request.getfixturevalue("with_demo")) if asked else migrated


@pytest.fixture
def database_uri(template: str, databases: Databases, tmp_path: Path) -> Iterator[str]:
    """A database of this test alone."""
    place = databases.lend(template, tmp_path)
    yield databases.uri(place)
    databases.give_back(place, template)


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
    for user_id in slots.running():  # of exports that a test did not read to their end
        slots.give_back(user_id)


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

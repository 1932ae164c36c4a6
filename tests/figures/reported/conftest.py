"""A database with some random weeks in it; each test gets a copy. What counts every figure a
second time asks for other weeks as well (`MORE_WEEKS`)."""

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from app import create_app
from hotline import clock as clock_module
from models import Category, Department, User, db
from tests import conftest as suite
from tests.figures.reported.history import Weeks

SEED, ANOTHER = 3, 11
STEPS = 560
MONDAY = datetime(2026, 11, 16, 1, 30, tzinfo=UTC)
MORE_WEEKS = pytest.mark.parametrize("lived", [SEED, ANOTHER], indirect=True)


@dataclass
class Past:
    """What the weeks left: when they ended, who was who, what was what."""

    end: datetime
    people: dict[str, int]


@dataclass
class Known:
    """The same with the rows of this test's database."""

    end: datetime
    people: dict[str, User]

    def __getitem__(self, name: str) -> User:
        return self.people[name]

    def department(self, code: str) -> Department:
        return db.session.scalars(select(Department).where(Department.code == code)).one()

    def category(self, code: str) -> Category:
        return db.session.scalars(select(Category).where(Category.code == code)).one()


@pytest.fixture(scope="session", params=[SEED])
def lived(request, migrated_empty, engine_name, tmp_path_factory):
    """The place of a database that has lived through the weeks of one seed, and what they left."""
    folder = tmp_path_factory.mktemp("weeks")
    if engine_name == "sqlite":
        place = uri = f"sqlite:///{folder / 'weeks.sqlite'}"
        shutil.copy(migrated_empty.removeprefix("sqlite:///"), folder / "weeks.sqlite")
    else:
        server = request.getfixturevalue("postgres_server")
        place = f"weeks_{request.param}_{folder.name}".replace("-", "_")
        suite._administer(server, f"CREATE DATABASE {place} TEMPLATE {migrated_empty}")
        uri = suite._database(server, place)
    app = create_app(suite.config_for(uri, folder))
    stopped = suite.Clock(MONDAY)
    with pytest.MonkeyPatch.context() as patched, app.app_context():
        patched.setattr(clock_module, "now", stopped)
        weeks = Weeks(stopped, request.param)
        weeks.live(STEPS)
        people = {name: person.id for name, person in weeks.house.people.items()}
        db.session.remove()
        db.engine.dispose()
    return place, Past(stopped.time, people)


@pytest.fixture(scope="session")
def migrated_empty(engine_name, tmp_path_factory, request):
    """The empty database of the whole suite, under a name of its own."""
    return suite.migrated.__wrapped__(engine_name, tmp_path_factory, request)


@pytest.fixture(scope="session")
def migrated(lived):
    """In the place of the empty database."""
    return lived[0]


@pytest.fixture
def weeks(app, clock, lived):
    """The weeks behind us; the clock stands where they ended."""
    past = lived[1]
    clock.set(past.end)
    people = {name: db.session.get_one(User, user_id) for name, user_id in past.people.items()}
    return Known(past.end, people)

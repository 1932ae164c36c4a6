"""A database with some random weeks in it; each test gets a copy. What counts every figure a
second time asks for other weeks as well (`MORE_WEEKS`)."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from app import create_app
from hotline import clock as clock_module
from hotline.figures import jobs
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
def lived(request, migrated_empty, databases, once, tmp_path_factory):
    """The place of a database that has lived through the weeks of one seed, and what they left."""

    def live():
        folder = tmp_path_factory.mktemp("weeks")
        place = databases.new(folder, migrated_empty)
        app = create_app(suite.config_for(databases.uri(place), folder))
        stopped = suite.Clock(MONDAY)
        with pytest.MonkeyPatch.context() as patched, app.app_context():
            patched.setattr(clock_module, "now", stopped)
            weeks = Weeks(stopped, request.param)
            weeks.live(STEPS)
            while request.param == ANOTHER and jobs.keep_figures():
                pass  # these weeks are read from what is kept of their days, the others live
            people = {name: person.id for name, person in weeks.house.people.items()}
            db.session.remove()
            db.engine.dispose()
        return place, stopped.time, people

    place, end, people = once(f"weeks-{request.param}", live)
    return place, Past(end, people)


@pytest.fixture(scope="session")
def migrated_empty(databases, once, tmp_path_factory):
    """The empty database of the whole suite, under a name of its own."""
    return suite.migrated.__wrapped__(databases, once, tmp_path_factory)


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

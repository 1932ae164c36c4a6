"""A database with the demo in it, as of five very different moments; each test gets a copy."""

from datetime import UTC, datetime
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest

from app import create_app
from hotline.demo import service
from hotline.demo.staff import PASSWORD
from hotline.unit_of_work import unit_of_work
from models import User, db
from tests import conftest as suite
from tests import makers
from tests.databases import Databases, Once

MOMENTS = {
    "Monday at nine": "2026-11-16T09:00",
    "Sunday night": "2026-11-15T23:20",
    "three in the morning": "2026-11-18T03:00",
    "a holiday": "2026-10-01T11:00",
    "a make-up Saturday": "2026-10-10T16:05",
}


def moment(name: str) -> datetime:
    local = datetime.fromisoformat(MOMENTS[name]).replace(tzinfo=ZoneInfo("Asia/Shanghai"))
    return local.astimezone(UTC)


@pytest.fixture(scope="session", params=MOMENTS)
def when(request: pytest.FixtureRequest) -> str:
    """The name of the moment at which the demo was started."""
    return str(request.param)


@pytest.fixture
def start(when: str) -> datetime:
    return moment(when)


@pytest.fixture(scope="session")
def sounds(once: Once, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the voicemails of all these demos are."""
    return Path(once("sounds", lambda: tmp_path_factory.mktemp("sounds")))


@pytest.fixture(scope="session")
def migrated(
    migrated: str,
    when: str,
    sounds: Path,
    databases: Databases,
    once: Once,
    tmp_path_factory: pytest.TempPathFactory,
) -> str:
    """In the place of the empty database: one with the demo, to be copied."""

    def load() -> str:
        folder = tmp_path_factory.mktemp("demo")
        place = databases.new(folder, migrated)
        app = create_app(suite.config_for(databases.uri(place), folder))
        with app.app_context():
            at, password_hash = moment(when), makers.CHEAP.hash(PASSWORD)
            with unit_of_work():
                assert service.seed(at, Random(1), password_hash=password_hash, sounds=sounds)
            db.session.remove()
            db.engine.dispose()
        return place

    return str(once(when, load))


@pytest.fixture
def who(app: object) -> dict[str, User]:
    """The colleagues by their login."""
    return {user.username: user for user in db.session.query(User)}

"""A database with the demo in it, as of five very different moments; each test gets a copy."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from hotline.demo.staff import PASSWORD
from models import User, db
from tests.with_demo import LoadDemo

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
def with_demo(load_demo: LoadDemo, when: str) -> str:
    return load_demo(when, moment(when), PASSWORD)


@pytest.fixture
def template(with_demo: str) -> str:
    return with_demo


@pytest.fixture
def who(app: object) -> dict[str, User]:
    """The colleagues by their login."""
    return {user.username: user for user in db.session.query(User)}

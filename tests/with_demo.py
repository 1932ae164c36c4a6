"""A database with the demo in it, loaded once a run; each test that asks for one gets a copy."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from random import Random

import pytest

from app import create_app
from hotline.demo import service
from hotline.unit_of_work import unit_of_work
from models import db
from tests import conftest as suite
from tests import makers
from tests.databases import Databases, Once

LoadDemo = Callable[[str, datetime, str], str]


@pytest.fixture(scope="session")
def sounds(once: Once, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the voicemails of all these demos are."""
    return Path(once("sounds", lambda: tmp_path_factory.mktemp("sounds")))


@pytest.fixture(scope="session")
def load_demo(
    migrated: str,
    sounds: Path,
    databases: Databases,
    once: Once,
    tmp_path_factory: pytest.TempPathFactory,
) -> LoadDemo:
    """`load_demo(name, at, password)`: the place of a database with the demo as of `at`."""

    def load_demo(name: str, at: datetime, password: str) -> str:
        def load() -> str:
            folder = tmp_path_factory.mktemp("demo")
            place = databases.new(folder, migrated)
            app = create_app(suite.config_for(databases.uri(place), folder))
            with app.app_context():
                password_hash = makers.CHEAP.hash(password)
                with unit_of_work():
                    assert service.seed(at, Random(1), password_hash=password_hash, sounds=sounds)
                db.session.remove()
                db.engine.dispose()
            return place

        return str(once(name, load))

    return load_demo


@pytest.fixture(scope="session")
def with_demo(load_demo: LoadDemo) -> str:
    """Who asks for it finds the demo in the database, as of the time at which the clock stands."""
    return load_demo("monday-morning", suite.MONDAY_MORNING, makers.PASSWORD)

"""A board with the demo behind it, and calls that ring at seats."""

import pytest

from models import User, db
from tests.calls.conftest import hang_up as hang_up
from tests.calls.conftest import report_leg as report_leg
from tests.calls.conftest import ring as ring
from tests.calls.conftest import sit as sit


@pytest.fixture
def boss(with_demo, app, clock):
    return db.session.scalars(db.select(User).where(User.username == "sup")).one()

"""A board with the demo behind it, and calls that ring at seats."""

from random import Random

import pytest

from hotline.demo import service as demo
from hotline.unit_of_work import unit_of_work
from models import User, db
from tests.calls.conftest import hang_up as hang_up
from tests.calls.conftest import report_leg as report_leg
from tests.calls.conftest import ring as ring
from tests.calls.conftest import sit as sit
from tests.makers import _HASH


@pytest.fixture
def boss(app, clock, tmp_path):
    with unit_of_work():
        demo.seed(clock(), Random(11), password_hash=_HASH, sounds=tmp_path)
    return db.session.scalars(db.select(User).where(User.username == "sup")).one()

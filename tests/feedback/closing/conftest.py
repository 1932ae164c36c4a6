"""A house in which tickets end."""

import pytest

from tests.stages import make_house


@pytest.fixture
def house(app, clock):
    return make_house()

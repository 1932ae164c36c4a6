"""What every story of the quality inspection begins with."""

import pytest

from models import Population, Work
from tests.quality.house import answered, closed, draw, make_inspected_house, sheets_of


@pytest.fixture
def house(app, clock):
    return make_inspected_house()


@pytest.fixture
def answer(house, clock):
    """The sheet of an answer that nobody was told yet."""
    answered(house, clock())
    (sheet,) = sheets_of(draw(house, clock(), population=Population.ANSWERS))
    return sheet.id


@pytest.fixture
def call(house, clock):
    """The sheet of the operator's call on a closed ticket."""
    closed(house, clock())
    (sheet,) = sheets_of(draw(house, clock()), Work.CALL)
    return sheet.id

"""A hotline whose lists are taken away; no export outlives its test."""

import pytest

from hotline.exports.slots import slots
from tests.exports.lists.house import House


@pytest.fixture(autouse=True)
def no_export_is_left_running():
    yield
    assert slots.running() == frozenset()


@pytest.fixture
def house(app, clock):
    return House(clock)

"""A hotline with a carrier of short messages, and one caller whose answer is owed."""

import pytest

from models import Callback, Channel
from tests.callbacks.by_message.steps import Carrier, answered
from tests.stages import House, make_house
from tests.telephony.company import Company


@pytest.fixture
def carrier(app) -> Carrier:
    carrier = Carrier()
    app.extensions["senders"] = {Channel.EMAIL: carrier, Channel.SMS: carrier}
    return carrier


@pytest.fixture
def company(app, clock) -> Company:
    return Company.of(app)


@pytest.fixture
def house(app, clock, carrier) -> House:
    return make_house()


@pytest.fixture
def client(house, sign_in):
    return sign_in(house["operator"])


@pytest.fixture
def owed(house, clock) -> Callback:
    """The department has answered; the operator is to tell the caller."""
    return answered(house, clock)

import pytest
from flask import Flask

from tests.telephony.company import Company


@pytest.fixture
def company(app: Flask) -> Company:
    """The simulated company's account, posting to the application of this test."""
    return Company.of(app)

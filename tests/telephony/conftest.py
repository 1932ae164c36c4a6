from collections.abc import Callable
from typing import Any

import pytest
import requests
from flask import Flask

from hotline.telephony import adapter
from models import User, db
from tests.makers import PASSWORD
from tests.telephony.company import Company
from tests.telephony.server import serving


@pytest.fixture
def company(app: Flask) -> Company:
    """The simulated company's account, posting to the application of this test."""
    return Company.of(app)


class Browser:
    """A browser at a served application: real requests, so that nothing is shared with the test."""

    def __init__(self, app: Flask) -> None:
        self._base = app.config["PUBLIC_BASE_URL"]
        self._session = requests.Session()
        self._session.trust_env = False

    def get(self, path: str, **options: Any) -> requests.Response:
        return self._session.get(self._url(path), allow_redirects=False, timeout=30, **options)

    def post(self, path: str, **options: Any) -> requests.Response:
        return self._session.post(self._url(path), allow_redirects=False, timeout=30, **options)

    def _url(self, path: str) -> str:
        return path if path.startswith("http") else self._base + path


@pytest.fixture
def sign_in_at() -> Callable[[Flask, User], Browser]:
    """`sign_in_at(app, user)`: a browser at a served application in which `user` is signed in."""

    def sign_in(app: Flask, user: User) -> Browser:
        browser = Browser(app)
        answer = browser.post("/login", data={"username": user.username, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        return browser

    return sign_in


@pytest.fixture
def live(make_app, clock):
    """The hotline on a port, with its context pushed for the test to look in."""
    with serving(make_app) as app, app.app_context():
        app.config["WTF_CSRF_ENABLED"] = False
        yield app
        db.session.remove()


@pytest.fixture
def exchange(live):
    return adapter.exchange()

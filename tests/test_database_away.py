"""The database is away, or locked: whoever is signed in reads a sentence, and what to do."""

import sqlite3

import pytest
from sqlalchemy.engine import make_url

from models import Role
from tests.makers import make_user

SENTENCE = "The database does not answer just now."
NOBODY_LISTENS = "postgresql+psycopg://huiyin@127.0.0.1:1/huiyin"


@pytest.fixture
def deserted(make_app):
    """An installation whose database server is down; a browser that was signed in before."""
    client = make_app(SQLALCHEMY_DATABASE_URI=NOBODY_LISTENS, TICKER=False).test_client()
    with client.session_transaction() as session:
        session["_user_id"] = "a token that nobody can look up"
    return client


@pytest.mark.parametrize(("language", "sentence"), [("en", SENTENCE), ("zh", "数据库暂时没有响应")])
def test_who_is_signed_in_reads_so_in_the_language_of_the_browser(deserted, language, sentence):
    answer = deserted.get("/callbacks", headers={"Accept-Language": language})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert sentence in answer.text


def test_a_part_of_a_page_is_one_line(deserted):
    headers = {"HX-Request": "true", "Accept-Language": "en"}
    answer = deserted.get("/chrome/bell", headers=headers)
    assert answer.status_code == 503
    assert SENTENCE in answer.text
    assert "<html" not in answer.text


@pytest.fixture
def locked(app, engine_name):
    """Somebody else holds the one lock of all writers."""
    if engine_name != "sqlite":
        pytest.skip("of SQLite: one writer at a time")
    path = make_url(app.config["SQLALCHEMY_DATABASE_URI"]).database

    def lock():
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("PRAGMA busy_timeout=5000")
        other.execute("BEGIN IMMEDIATE")
        return other

    return lock


def test_who_writes_meanwhile_is_led_back_to_the_page(sign_in, locked):
    client = sign_in(make_user(Role.SUPERVISOR, locale="en"))
    other = locked()
    headers = {"Referer": "http://localhost/outbox", "Accept-Language": "en"}
    answer = client.post("/outbox/stop", headers=headers)
    other.execute("ROLLBACK")
    assert answer.status_code == 503
    assert SENTENCE in answer.text
    assert 'href="/outbox"' in answer.text
    assert client.post("/outbox/stop").status_code == 303


def test_who_only_reads_reads_on(sign_in, locked, clock):
    user = make_user(Role.SUPERVISOR, locale="en")
    client = sign_in(user)
    clock.advance(minutes=5)
    other = locked()
    answer = client.get("/outbox")
    other.execute("ROLLBACK")
    assert answer.status_code == 200
    assert "Messages to judge" in answer.text

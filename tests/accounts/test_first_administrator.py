"""The first administrator: by a one-time code in the browser, or by a command."""

import re

import pytest

from hotline.accounts.cli import create_admin
from models import AuditEvent, PolicySetting, Role, User, db
from tests.makers import make_user

GOOD = {
    "username": "fang.yuan",
    "display_name": "方圆",
    "new_password": "a long secret 42",
    "again": "a long secret 42",
}


@pytest.fixture
def run(app):
    runner = app.test_cli_runner()
    return lambda *words, **more: runner.invoke(create_admin, list(words), **more)


@pytest.fixture
def code(run, clock):
    return re.search(r"[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}", run("--setup-code").output)[0]


def test_the_code_makes_one_administrator_and_is_spent(client, code):
    assert "/setup" in client.get("/login").text
    assert client.get("/setup").status_code == 200

    answer = client.post("/setup", data={**GOOD, "code": code.upper()})

    assert (answer.status_code, answer.location) == (303, "/")
    assert client.get("/users").status_code == 200
    assert db.session.query(User).one().roles == {Role.ADMINISTRATOR}
    assert client.get("/setup").status_code == 404
    assert client.post("/setup", data={**GOOD, "code": code}).status_code == 404
    assert "/setup" not in client.get("/login").text
    assert db.session.get(PolicySetting, "setup_code") is None


def test_the_code_is_stored_as_a_fingerprint_only(code):
    stored = db.session.get(PolicySetting, "setup_code").value
    assert code not in stored
    assert len(stored) == 64


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"code": "aaaa-aaaa-aaaa"}, "code"),
        ({"code": ""}, "code"),
        ({"again": "other secret 42"}, "again"),
        ({"new_password": "short", "again": "short"}, "new_password"),
        ({"username": "方圆"}, "username"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_the_code_stays_good(client, code, typed, field):
    answer = client.post("/setup", data={**GOOD, "code": code, **typed})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert db.session.query(User).count() == 0

    assert client.post("/setup", data={**GOOD, "code": code}).status_code == 303


def test_a_code_is_good_for_a_day_and_a_new_one_voids_it(client, code, run, clock):
    newer = re.search(r"\w{4}-\w{4}-\w{4}", run("--setup-code").output)[0]
    assert client.post("/setup", data={**GOOD, "code": code}).status_code == 422
    clock.advance(days=1)
    assert client.post("/setup", data={**GOOD, "code": newer}).status_code == 422


def test_there_is_no_code_once_somebody_administers(run, app):
    make_user(Role.ADMINISTRATOR)
    answer = run("--setup-code")
    assert answer.exit_code == 0
    assert "administrator already" in answer.output
    assert db.session.get(PolicySetting, "setup_code") is None


def test_the_command_makes_an_administrator_with_a_one_time_password(run, client):
    answer = run("--username", "boss")
    one_time = re.search(r"One-time password: (\S+)", answer.output)[1]

    client.post("/login", data={"username": "boss", "password": one_time})
    assert client.get("/users").location == "/profile/password"
    assert db.session.query(AuditEvent).filter_by(kind="create_user").one().subject == "boss"


def test_the_command_asks_for_a_name_and_takes_a_password(run, client):
    answer = run("--password", "a long secret 42", input="boss\n")
    assert answer.exit_code == 0, answer.output
    client.post("/login", data={"username": "boss", "password": "a long secret 42"})
    assert client.get("/users").status_code == 200


def test_the_command_refuses_in_a_sentence(run):
    answer = run("--username", "boss", "--password", "short")
    assert answer.exit_code == 1
    assert "Traceback" not in answer.output
    assert "10" in answer.output

"""Getting in, staying in, getting out: what a person and an attacker would notice."""

import re

import pytest
from sqlalchemy import func, select

from hotline.accounts import jobs, sessions
from models import AuditEvent, LoginAttempt, LoginSession, Role, db
from tests.makers import PASSWORD, make_user

WRONG = "not the password 1"


def login(client, username, password, **more):
    return client.post("/login", data={"username": username, "password": password, **more})


def kinds():
    return list(db.session.scalars(select(AuditEvent.kind).order_by(AuditEvent.id)))


def test_a_person_signs_in_and_comes_where_they_wanted_to_go(client, clock):
    user = make_user(Role.OPERATOR)

    stranger = client.get("/profile?x=1")
    assert (stranger.status_code, stranger.location) == (303, "/login?next=/profile?x%3D1")

    answer = login(client, f"  {user.username.upper()} ", PASSWORD, next="/profile")
    assert (answer.status_code, answer.location) == (303, "/profile")
    assert user.display_name in client.get("/profile").text
    assert kinds() == ["login"]


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "/\tevil.example",
        "javascript:alert(1)",
        "",
    ],
)
def test_nobody_is_sent_away_from_the_house_after_signing_in(client, target):
    user = make_user(Role.OPERATOR)
    assert login(client, user.username, PASSWORD, next=target).location == "/"


def test_a_wrong_password_and_an_unknown_name_sound_alike(client):
    user = make_user(Role.OPERATOR)
    disabled = make_user(Role.OPERATOR, is_active=False)

    wrong = login(client, user.username, WRONG)
    unknown = login(client, "nobody", PASSWORD)
    closed = login(client, disabled.username, PASSWORD)

    sentence = "用户名或密码不正确"
    for answer in (wrong, unknown, closed):
        assert answer.status_code == 422
        assert sentence in answer.text
    assert f'value="{user.username}"' in wrong.text
    assert WRONG not in wrong.text
    assert kinds() == ["login_failed"] * 3


def test_after_five_wrong_tries_the_right_password_does_not_help_for_a_quarter_of_an_hour(
    client, clock
):
    user = make_user(Role.OPERATOR)
    for _ in range(5):
        assert login(client, user.username, WRONG).status_code == 422

    assert login(client, user.username, PASSWORD).status_code == 429
    clock.advance(minutes=15, seconds=1)
    assert login(client, user.username, PASSWORD).status_code == 303
    assert db.session.scalar(select(func.count()).select_from(LoginAttempt)) == 0


def test_one_address_may_not_try_many_names(client, clock):
    user = make_user(Role.OPERATOR)
    with db.engine.begin() as connection:
        connection.execute(
            LoginAttempt.__table__.insert(),
            [{"username": f"x{i}", "address": "127.0.0.1", "at": clock.time} for i in range(30)],
        )
    assert login(client, user.username, PASSWORD).status_code == 429


def test_every_login_is_a_new_session_and_logout_ends_it_on_the_server(app, client, clock):
    user = make_user(Role.OPERATOR)
    login(client, user.username, PASSWORD)
    with client.session_transaction() as cookie:
        stolen = dict(cookie)
    first = db.session.scalars(select(LoginSession)).one()
    assert stolen["_user_id"] not in (first.token_hash, str(user.id))

    client.post("/logout")
    thief = app.test_client()
    with thief.session_transaction() as cookie:
        cookie.update(stolen)
    assert thief.get("/profile").status_code == 303
    assert kinds() == ["login", "logout"]

    login(client, user.username, PASSWORD)
    rows = db.session.scalars(select(LoginSession).order_by(LoginSession.id)).all()
    assert len({row.token_hash for row in rows}) == 2


@pytest.mark.parametrize(
    ("proxies", "counted"), [(0, "127.0.0.1"), (1, "198.51.100.7"), (2, "203.0.113.9")]
)
def test_an_address_is_believed_from_as_many_proxies_as_there_are(make_app, proxies, counted):
    """What a browser claims by itself stands further left, and counts for nothing."""
    app = make_app(PROXIES=proxies)
    app.config["WTF_CSRF_ENABLED"] = False
    claims = {"X-Forwarded-For": "10.0.0.1, 203.0.113.9, 198.51.100.7", "X-Real-IP": "10.0.0.1"}
    tried = {"username": "nobody", "password": WRONG}
    assert app.test_client().post("/login", data=tried, headers=claims).status_code == 422
    with app.app_context():
        assert db.session.scalars(select(LoginAttempt.address)).all() == [counted]


def test_a_session_ends_after_half_an_hour_without_a_person(sign_in, clock):
    client = sign_in(make_user(Role.OPERATOR))

    clock.advance(minutes=29)
    assert client.get("/profile").status_code == 200
    clock.advance(minutes=29)
    assert client.get("/profile").status_code == 200
    clock.advance(minutes=30)
    assert client.get("/profile").status_code == 303


def test_a_page_that_refreshes_itself_does_not_keep_the_session_alive(sign_in, clock):
    client = sign_in(make_user(Role.OPERATOR))
    clock.advance(minutes=20)
    assert client.get("/chrome/bell", headers={"HX-Request": "true"}).status_code == 200
    assert client.get("/live/poll").status_code == 200
    clock.advance(minutes=10)
    assert client.get("/profile").status_code == 303


def test_activity_is_written_at_most_once_a_minute(sign_in, clock, count_queries):
    client = sign_in(make_user(Role.OPERATOR))

    def writes():
        count_queries.clear()
        client.get("/profile")
        return [s for s in count_queries if s.startswith("UPDATE login_sessions")]

    clock.advance(seconds=59)
    assert writes() == []
    clock.advance(seconds=1)
    assert len(writes()) == 1
    assert writes() == []


def test_twelve_hours_are_the_end_however_busy_somebody_is(sign_in, clock):
    client = sign_in(make_user(Role.OPERATOR))
    for _ in range(35):
        clock.advance(minutes=20)
        assert client.get("/profile").status_code == 200
    clock.advance(minutes=20)
    assert client.get("/profile").status_code == 303


def test_only_a_fingerprint_of_the_token_is_stored(client):
    user = make_user(Role.OPERATOR)
    login(client, user.username, PASSWORD)
    with client.session_transaction() as cookie:
        token = cookie["_user_id"]
    row = db.session.scalars(select(LoginSession)).one()
    assert row.token_hash == sessions.fingerprint(token) != token


def test_a_stranger_chooses_language_and_theme_before_signing_in(client):
    assert 'lang="zh-CN"' in client.get("/login").text

    client.post("/preferences", data={"locale": "en", "next": "/login"})
    client.post("/preferences", data={"theme": "dark", "next": "/login"})
    page = client.get("/login").text

    assert '<html lang="en" data-bs-theme="dark">' in page
    assert client.post("/preferences", data={"locale": "fr"}).status_code == 422


def test_old_tries_and_sessions_are_forgotten(client, clock):
    user = make_user(Role.OPERATOR)
    login(client, user.username, PASSWORD)
    login(client, user.username, WRONG)
    assert jobs.forget_old_logins() == 0

    clock.advance(minutes=15)
    assert jobs.forget_old_logins() == 1
    clock.advance(days=2)
    assert jobs.forget_old_logins() == 1
    assert kinds() == ["login", "login_failed"]


def test_a_long_password_costs_no_more_than_a_short_one(client):
    user = make_user(Role.OPERATOR)
    assert login(client, user.username, "x" * 100_000).status_code == 422


def test_the_door_and_the_profile_take_no_form_of_another_site(app, clock):
    user, browser = make_user(Role.OPERATOR), app.test_client()
    typed = {"username": user.username, "password": PASSWORD}
    assert login(browser, **typed).status_code == 400

    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/login").text)[1]
    assert login(browser, **typed, csrf_token=token).status_code == 303
    assert browser.post("/logout").status_code == 400
    assert browser.post("/preferences", data={"locale": "en"}).status_code == 400
    assert browser.post("/profile", data={"csrf_token": token}).status_code == 400, (
        "a token from before the login is void"
    )

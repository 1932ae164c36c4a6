"""Password, roles, disabling: whoever was inside is outside at once."""

import re

import pytest

from models import LoginSession, Role, User, db
from tests.makers import PASSWORD, make_department, make_user

NEW = "a much better secret 7"


@pytest.fixture
def admin(sign_in):
    return sign_in(make_user(Role.ADMINISTRATOR))


def is_inside(client):
    return client.get("/profile").status_code == 200


def form_of(user, **changed):
    return {
        "display_name": user.display_name,
        "roles": sorted(user.roles),
        "department": user.department_id or "",
        "email": user.email,
        **changed,
    }


def test_a_new_password_ends_every_session_but_the_one_it_was_typed_in(sign_in):
    user = make_user(Role.OPERATOR)
    here, elsewhere = sign_in(user), sign_in(user)

    typed = {"current_password": PASSWORD, "new_password": NEW, "again": NEW}
    assert here.post("/profile/password", data=typed).status_code == 303

    assert is_inside(here)
    assert not is_inside(elsewhere)
    assert len({row.token_hash for row in db.session.query(LoginSession)}) == 3


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"current_password": "wrong"}, "current_password"),
        ({"again": "something else 9"}, "again"),
        ({"new_password": "short 1", "again": "short 1"}, "new_password"),
        ({"new_password": "onlyletters", "again": "onlyletters"}, "new_password"),
        ({"new_password": PASSWORD, "again": PASSWORD}, "new_password"),
    ],
)
def test_a_bad_new_password_is_refused_beside_its_field(sign_in, typed, field):
    user = make_user(Role.OPERATOR)
    client, before = sign_in(user), user.password_hash
    all_typed = {"current_password": PASSWORD, "new_password": NEW, "again": NEW} | typed

    answer = client.post("/profile/password", data=all_typed)

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert db.session.get(User, user.id).password_hash == before
    assert NEW not in answer.text


def test_another_role_or_department_signs_a_person_out(sign_in, admin):
    user = make_user(Role.OPERATOR)
    client, legal = sign_in(user), make_department("legal")

    admin.post(f"/users/{user.id}", data=form_of(user, display_name="新名字"))
    assert is_inside(client)

    handler = form_of(user, roles=["handler"], department=legal.id)
    assert admin.post(f"/users/{user.id}", data=handler).status_code == 303
    assert not is_inside(client)
    assert db.session.get(User, user.id).roles == {Role.HANDLER}


def test_a_disabled_person_is_out_and_stays_out_until_enabled(sign_in, admin, client):
    user = make_user(Role.OPERATOR)
    inside = sign_in(user)

    assert admin.post(f"/users/{user.id}/disable").status_code == 303
    assert not is_inside(inside)
    credentials = {"username": user.username, "password": PASSWORD}
    assert client.post("/login", data=credentials).status_code == 422

    admin.post(f"/users/{user.id}/enable")
    assert client.post("/login", data=credentials).status_code == 303


def test_a_one_time_password_lets_in_only_to_choose_an_own_one(sign_in, admin, client):
    user = make_user(Role.OPERATOR)
    page = admin.post(f"/users/{user.id}/reset-password").text
    one_time = re.search(r'id="one-time">([^<]+)<', page)[1]

    client.post("/login", data={"username": user.username, "password": one_time})
    assert client.get("/workspace").location == "/profile/password"
    assert client.post("/profile", data={"locale": "en"}).location == "/profile/password"

    typed = {"current_password": one_time, "new_password": NEW, "again": NEW}
    client.post("/profile/password", data=typed)
    assert client.get("/workspace").status_code == 200
    assert one_time not in admin.get(f"/users/{user.id}").text


def test_what_people_set_about_themselves_is_kept(sign_in):
    user = make_user(Role.OPERATOR)
    client = sign_in(user)
    typed = {
        "locale": "en",
        "theme": "dark",
        "email": "zhou@huiyin.example",
        "phone_number": "138 0013 8000",
        "line": "021-5555 0100",
    }

    assert client.post("/profile", data=typed).status_code == 303

    stored = db.session.get(User, user.id)
    assert (stored.locale, stored.theme, stored.email) == ("en", "dark", "zhou@huiyin.example")
    assert (stored.phone_number, stored.line) == ("+8613800138000", "+862155550100")
    assert '<html lang="en" data-bs-theme="dark">' in client.get("/profile").text


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("email", "no address"),
        ("phone_number", "110110"),
        ("line", "+1 202 555 0100"),
        ("locale", "fr"),
        ("theme", "pink"),
    ],
)
def test_a_bad_profile_says_why_and_keeps_what_was_typed(sign_in, field, text):
    user = make_user(Role.OPERATOR)
    good = {"locale": "zh", "theme": "system", "email": "typed@huiyin.example"}

    answer = sign_in(user).post("/profile", data=good | {field: text})

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert field in ("locale", "theme") or f'value="{text}"' in answer.text
    assert db.session.get(User, user.id).email == user.email != "typed@huiyin.example"

"""Accounts as the administrator keeps them, and who may not be made what."""

import re

import pytest
from sqlalchemy import func, select

from hotline.callbacks import service as callbacks
from hotline.unit_of_work import unit_of_work
from models import AuditEvent, Callback, CallbackKind, Role, Ticket, User, db
from tests.makers import make_category, make_department, make_ticket, make_user

COLLEAGUE = {"username": "Zhou.Min", "display_name": "周敏", "roles": ["operator"]}


@pytest.fixture
def boss():
    return make_user(Role.ADMINISTRATOR)


@pytest.fixture
def admin(sign_in, boss):
    return sign_in(boss)


def count_users():
    return db.session.scalar(select(func.count()).select_from(User))


def test_a_new_colleague_gets_a_password_that_is_shown_once_and_changed_at_once(admin, client):
    answer = admin.post("/users/new", data=COLLEAGUE)
    one_time = re.search(r'id="one-time">([^<]+)<', answer.text)[1]

    assert answer.status_code == 200
    assert re.fullmatch(r"[a-z2-9]{4}(-[a-z2-9]{4}){2}", one_time)
    client.post("/login", data={"username": "zhou.min", "password": one_time})
    assert client.get("/profile").location == "/profile/password"
    event = db.session.scalar(select(AuditEvent).where(AuditEvent.kind == "create_user"))
    assert (event.subject, event.data["roles"]) == ("zhou.min", ["operator"])
    assert one_time not in str(event.data)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"username": "x"}, "username"),
        ({"username": "Min Zhou"}, "username"),
        ({"display_name": "  "}, "display_name"),
        ({"roles": []}, "roles"),
        ({"roles": ["king"]}, "roles"),
        ({"roles": ["administrator", "operator"]}, "roles"),
        ({"roles": ["auditor", "supervisor"]}, "roles"),
        ({"roles": ["handler"]}, "department"),
        ({"department": "99"}, "department"),
        ({"email": "nowhere"}, "email"),
        ({"email": "周敏@x.example"}, "email"),
        ({"email": "a@x.example,b@y.example"}, "email"),
        ({"email": "<a>b@x.example"}, "email"),
        ({"line": "call me"}, "line"),
    ],
)
def test_a_bad_account_says_why_keeps_what_was_typed_and_writes_nothing(admin, typed, field):
    before = count_users()
    answer = admin.post("/users/new", data={**COLLEAGUE, "email": "typed@x.example", **typed})

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert 'value="typed@x.example"' in answer.text or "email" in typed
    assert count_users() == before


def test_a_user_name_is_given_once(admin):
    taken = make_user(Role.OPERATOR)
    answer = admin.post("/users/new", data={**COLLEAGUE, "username": taken.username.upper()})
    assert 'id="username-error"' in answer.text


def test_nobody_changes_the_own_roles_nor_disables_oneself(admin, boss):
    make_user(Role.ADMINISTRATOR)
    typed = {"display_name": "我", "roles": ["auditor"]}

    assert admin.post(f"/users/{boss.id}", data=typed).status_code == 422
    assert admin.post(f"/users/{boss.id}/disable").status_code == 422
    assert db.session.get(User, boss.id).roles == {Role.ADMINISTRATOR}
    assert db.session.get(User, boss.id).is_active


def test_the_list_is_filtered_and_paged(admin):
    legal = make_department("legal")
    handler = make_user(Role.HANDLER, department=legal, username="zzz", display_name="韩冬")
    for _ in range(55):
        make_user(Role.OPERATOR)

    first = admin.get("/users").text
    assert handler.username not in first
    more = re.search(r'href="(/users\?after=[^"]+)"', first)[1].replace("&amp;", "&")
    assert "韩冬" in admin.get(more).text
    assert "韩冬" in admin.get("/users?role=handler").text
    assert "韩冬" in admin.get("/users?q=韩").text
    assert "韩冬" not in admin.get("/users?state=disabled").text
    assert admin.get("/users?role=nonsense").status_code == 200


def test_what_a_disabled_operator_held_goes_to_the_pool(admin, clock):
    op, legal = make_user(Role.OPERATOR), make_department("legal")
    ticket = make_ticket(operator=op, category=make_category(lead=legal))
    with unit_of_work():
        ticket, op = db.session.get(Ticket, ticket.id), db.session.get(User, op.id)
        callbacks.promise(ticket, CallbackKind.TELL, at=clock.time, owner=op)

    admin.post(f"/users/{op.id}/disable")

    assert db.session.get(Ticket, ticket.id).owner_id is None
    assert db.session.scalars(select(Callback)).one().owner_id is None

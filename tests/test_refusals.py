"""A refused form names everything that is wrong with it, wherever that is found out."""

import re

import pytest

from hotline.errors import Invalid, TransitionRefused
from hotline.refusals import Refusals, Several, each_of, given
from models import Role
from tests.makers import make_department, make_user

WRONG = re.compile(r'id="([\w.-]+)-error"')


def test_one_refusal_is_raised_as_it_is_and_several_together():
    with pytest.raises(TransitionRefused), Refusals() as wrong:
        wrong.read(_refuse, TransitionRefused("Too late.", field="then"))
    with pytest.raises(Several) as several, Refusals() as wrong:
        wrong.read(_refuse, Invalid("Not so.", field="name"))
        wrong.read(
            _refuse, Several([Invalid("Again.", field="name"), Invalid("Nor so.", field="on")])
        )
        assert wrong.read(given, "here", "Write it.", "question") == "here"
    told = {one.field: one.sentence for one in each_of(several.value)}
    assert told == {"name": "Not so.", "on": "Nor so."}
    assert (several.value.field, several.value.status) == ("name", 422)


def _refuse(error):
    raise error


def test_another_error_is_not_hidden_behind_what_was_refused():
    with pytest.raises(ZeroDivisionError), Refusals() as wrong:
        wrong.refuse("Not so.", field="name")
        wrong.read(lambda: 1 // 0)


@pytest.mark.parametrize(
    ("address", "typed", "wrong"),
    [
        (
            "/departments/new",
            {"code": "A B", "kind": "office", "position": "0"},
            {"code", "name_zh", "name_en"},
        ),
        (
            "/departments/new",
            {"code": "x" * 33, "name_zh": "字" * 65, "kind": "king", "position": "-1"},
            {"code", "name_zh", "kind", "position"},
        ),
        ("/categories/new", {"code": "", "position": "x"}, {"demand_kind", "level", "position"}),
        (
            "/users/new",
            {"username": "!", "display_name": ""},
            {"username", "display_name", "roles"},
        ),
        (
            "/users/new",
            {"username": "new", "display_name": "字" * 65, "email": "x", "phone_number": "1"},
            {"display_name", "email", "phone_number"},
        ),
        ("/opening-hours/business", {"mon": "x", "fri": "y"}, {"mon", "fri"}),
        ("/special-days", {"on": "", "hours": "x"}, {"is_working", "on", "hours"}),
        (
            "/profile",
            {"locale": "zh", "theme": "", "email": "x", "phone_number": "1"},
            {"email", "phone_number"},
        ),
    ],
)
def test_the_pages_of_the_administration_name_every_wrong_field(
    clock, sign_in, address, typed, wrong
):
    make_department()
    page = sign_in(make_user(Role.ADMINISTRATOR)).post(address, data=typed)
    assert page.status_code == 422
    assert set(WRONG.findall(page.text)) >= wrong


@pytest.mark.parametrize(
    ("came_from", "back"),
    [
        ("http://localhost/outbox?after=3", "/outbox?after=3"),
        ("https://evil.example/outbox", None),
        ("http://localhost//evil.example/outbox", None),
        ("http://localhost/outbox/7/let_be", None),  # no page: only a form is sent there
        ("http://[", None),
        ("", None),
    ],
)
def test_a_button_that_is_refused_leads_back_to_its_page_and_nowhere_else(sign_in, came_from, back):
    client = sign_in(make_user(Role.SUPERVISOR, locale="en"))
    answer = client.post("/outbox/7/let_be", headers={"Referer": came_from})
    assert answer.status_code == 404
    found = re.search(r'<a [^>]*href="([^"]+)"[^>]*>(?:(?!</a>).)*Back to the page', answer.text)
    assert (found[1] if found else None) == back

"""A session that ended under somebody's hands: back to the page afterwards, no page in a part."""

import pytest

from models import Role
from tests.makers import make_user


@pytest.fixture
def idle(app, clock, sign_in):
    """A browser whose person has done nothing for too long."""
    browser = sign_in(make_user(Role.OPERATOR))
    clock.advance(minutes=31)
    return browser


def test_a_form_that_comes_too_late_leads_back_to_the_page_it_stood_on(idle):
    page = {"Referer": "http://localhost/workspace"}
    answer = idle.post("/seat", data={"state": "free"}, headers=page)
    assert (answer.status_code, answer.location) == (303, "/login?next=/workspace")


def test_so_does_one_whose_token_went_with_the_session(app, client):
    app.config["WTF_CSRF_ENABLED"] = True
    page = {"Referer": "http://localhost/workspace/17"}
    answer = client.post("/workspace/17/answer", headers=page)
    assert (answer.status_code, answer.location) == (303, "/login?next=/workspace/17")
    assert client.post("/login").status_code == 400, "the door itself has nowhere to send to"


@pytest.mark.parametrize(
    ("path", "headers"),
    [("/chrome/owed", {"HX-Request": "true"}), ("/live", {"Accept": "text/event-stream"})],
)
def test_a_part_of_a_page_is_never_the_login_page(idle, path, headers):
    answer = idle.get(path, headers=headers)
    assert (answer.status_code, answer.text) == (401, "")

"""What is being typed survives a reload and a lost session, and goes when it was sent."""

import pytest

from hotline.drafts import service as drafts
from hotline.drafts.jobs import forget_old_drafts
from hotline.unit_of_work import unit_of_work
from models import Draft, Role, db
from tests.makers import make_user
from tests.workspace.house import call_in, make_house


def test_what_was_typed_comes_back_after_a_lost_session(clock, sign_in):
    house = make_house()
    ticket = call_in(house)
    typed = {
        "question": "工资欠了两个月，还没说完",
        "caller_kind": "family",
        "is_confidential": "y",
    }

    first = sign_in(house.operator)
    assert first.post(f"/drafts/ticket:{ticket.id}", json=typed).status_code == 204
    first.post("/logout")

    page = sign_in(house.operator).get(f"/workspace/{ticket.id}").text
    assert "工资欠了两个月，还没说完" in page
    assert 'value="family" checked' in page
    assert "已恢复上次草稿" in page


def test_a_draft_that_was_left_before_the_department_came_brings_it(clock, sign_in):
    house = make_house()
    ticket = call_in(house)
    browser = sign_in(house.operator)
    for key, page in ((f"ticket:{ticket.id}", f"/workspace/{ticket.id}"), ("log", "/log")):
        browser.post(f"/drafts/{key}", json={"category": str(house.wages.id), "department": ""})
        assert (
            f'<option value="{house.legal.id}" translate="no" selected>' in browser.get(page).text
        )


def test_a_sent_form_leaves_no_draft(clock, sign_in):
    house = make_house()
    ticket = call_in(house)
    browser = sign_in(house.operator)
    browser.post(f"/drafts/ticket:{ticket.id}", json={"question": "半句话"})

    browser.post(f"/workspace/{ticket.id}/save", data=house.typed(ticket))

    assert db.session.query(Draft).count() == 0


def test_nobody_sees_anothers_draft(clock, sign_in):
    house = make_house()
    ticket = call_in(house)
    sign_in(house.operator).post(f"/drafts/ticket:{ticket.id}", json={"question": "只给自己看"})

    page = sign_in(make_user(Role.OPERATOR)).get(f"/workspace/{ticket.id}").text

    assert "只给自己看" not in page


@pytest.mark.parametrize(
    "sent",
    [
        ["a list"],
        "a text",
        {"question": 7},
        {"question": "half a character \ud800"},
        {"question": "a\0b"},
        {"question": "x" * (drafts.LONGEST_VALUE + 1)},
        {f"field{i}": "" for i in range(drafts.MOST_FIELDS + 1)},
    ],
)
def test_what_no_form_of_ours_would_send_is_not_kept(clock, sign_in, sent):
    house = make_house()

    answer = sign_in(house.operator).post("/drafts/log", json=sent)

    assert answer.status_code == 422
    assert db.session.query(Draft).count() == 0


def test_a_draft_nobody_came_back_for_is_forgotten_after_a_week(app, clock):
    user = make_user(Role.OPERATOR)
    for key in ("ticket:1", "ticket:2"):
        with unit_of_work():
            drafts.save(user, key, {"question": "三个月没发工资"}, at=clock())
        clock.advance(days=4)
    assert forget_old_drafts() == 1
    assert [draft.key for draft in db.session.scalars(db.select(Draft))] == ["ticket:2"]


def test_of_very_many_drafts_of_one_person_those_typed_last_are_kept(app, clock, monkeypatch):
    """Whoever is signed in may send any key: a table that grows without end serves nobody."""
    monkeypatch.setattr(drafts, "MOST_OF_ONE", 3)
    writer, colleague = make_user(Role.OPERATOR), make_user(Role.OPERATOR)
    for key in ("log", "ticket:1", "ticket:2", "log", "ticket:3", "ticket:4"):
        with unit_of_work():
            drafts.save(writer, key, {"question": key}, at=clock())
            drafts.save(colleague, "log", {"question": "别人的"}, at=clock())
        clock.advance(minutes=1)
    kept = db.session.scalars(db.select(Draft).where(Draft.user_id == writer.id))
    assert {draft.key for draft in kept} == {"log", "ticket:3", "ticket:4"}
    assert drafts.of(colleague, "log") == {"question": "别人的"}

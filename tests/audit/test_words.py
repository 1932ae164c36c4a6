"""The trail is for people: every kind has its words, and values are said as people say them."""

import re

import pytest

from hotline.audit import kinds
from hotline.sla.ladder import LADDER
from hotline.tickets.timeline_looks import LOOKS
from models import Role
from tests.handoffs.house import accept, answer, hand_off, make_house
from tests.makers import make_user

WEEK = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "08:30-12:00, 13:30-17:30")


@pytest.fixture
def administrator(app, clock, sign_in):
    return sign_in(make_user(Role.ADMINISTRATOR))


@pytest.fixture
def auditor(app, clock, sign_in):
    return sign_in(make_user(Role.AUDITOR))


def rows_of(page):
    return page[page.index("<tbody>") : page.index("</tbody>")]


def said(auditor, place="/audit", **asked):
    return re.sub(r"<[^>]+>", "\n", rows_of(auditor.get(place, query_string=asked).text))


def test_every_kind_of_the_story_has_its_words_on_the_auditors_page():
    assert set(LOOKS) <= set(kinds.TICKET_KINDS)


def test_so_has_every_step_of_every_ladder():
    steps = {step.kind for step in LADDER}
    assert len(steps) == 14
    assert steps <= set(kinds.TICKET_KINDS)
    assert steps <= set(LOOKS)


def test_a_policy_is_called_by_its_name_and_its_values_by_their_unit(administrator, auditor):
    page = administrator.get("/policies").text
    typed = dict(re.findall(r'<input class="form-control" id="(\w+)"[^>]* value="([^"]*)"', page))
    checked = re.findall(r'type="checkbox" id="(\w+)"[^>]* checked', page)
    form = typed | dict.fromkeys(checked, "y") | {"accept_minutes": "180", "tell_days": "2"}
    del form["query_code"]
    administrator.post("/policies", data=form)

    words = said(auditor, kind="set_policy")
    assert "工作时间2小时 → 工作时间3小时" in words
    assert "1个工作日 → 2个工作日" in words
    assert "开 → 关" in words
    for raw in ("accept_minutes", "tell_days", "query_code", "before", "120"):
        assert raw not in words


def test_hours_are_written_as_hours_and_only_the_days_that_changed(administrator, auditor):
    administrator.post("/opening-hours/business", data=WEEK)
    administrator.post("/opening-hours/business", data=WEEK | {"fri": "08:30-12:00"})

    words = said(auditor, kind="set_opening_hours")
    assert "08:30-12:00, 13:30-17:30 → 08:30-12:00\n" in words
    assert "全会统一" in words
    for raw in ("510", "[[", "business", "before"):
        assert raw not in words


def test_roles_and_changed_fields_have_their_labels(administrator, auditor):
    user = make_user(Role.OPERATOR, display_name="林晓")
    form = {"display_name": "林小", "roles": ["operator", "reviewer"]}
    administrator.post(f"/users/{user.id}", data=form)

    words = said(auditor, kind="change_user")
    assert "接线员" in words
    assert "质检员" in words
    assert "姓名" in words
    for raw in ("display_name", "['operator'", "roles"):
        assert raw not in words


def test_a_ticket_row_says_what_changed_and_nothing_that_anybody_wrote(auditor):
    house = make_house()
    hand_off(house, note="老板叫王大富")
    accept(house)
    answer(house, words="工资已补发给王建国")

    words = said(auditor, "/audit/tickets")
    assert "转办权益保障部" in words
    assert "待处理 → 待签收" in words
    assert "办理中 → 待回访" in words
    assert "答复期限：11月23日（周一）17:30" in words
    for secret in ("王大富", "王建国", "工资已补发"):
        assert secret not in words


def test_a_page_of_ticket_events_takes_few_queries(auditor, count_queries):
    house = make_house()
    hand_off(house)
    accept(house)
    answer(house)
    count_queries.clear()
    auditor.get("/audit/tickets")
    assert len(count_queries) <= 9

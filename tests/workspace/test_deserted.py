"""A department with nobody in it is shown as such, and never offered to the caller."""

import pytest

from hotline.unit_of_work import unit_of_work
from models import Department, Role, db
from tests.makers import make_category, make_department, make_user
from tests.workspace.house import call_in, make_house


@pytest.fixture
def empty(app, clock):
    return make_department("culture", name_zh="宣教部")


def test_a_department_with_nobody_cannot_be_chosen_and_says_why(clock, sign_in, empty):
    house = make_house()
    page = sign_in(house.operator).get(f"/workspace/{call_in(house).id}").text

    assert f'<option value="{empty.id}" translate="no" disabled>宣教部 (无人办理)</option>' in page
    assert f'<option value="{house.legal.id}" translate="no">权益保障部</option>' in page


def test_no_sentence_is_said_for_a_department_with_nobody(clock, sign_in, empty):
    house = make_house()
    browser = sign_in(house.operator)
    chosen = {"level": "ordinary", "urgency": "normal"}

    assert (
        "您的事已转宣教部"
        not in browser.get("/log/words", query_string=chosen | {"department": empty.id}).text
    )
    assert (
        "您的事已转权益保障部"
        in browser.get("/log/words", query_string=chosen | {"department": house.legal.id}).text
    )


def test_a_category_suggests_only_who_is_there(clock, sign_in, empty):
    house = make_house()
    culture = make_category("culture", empty, name_zh="文体活动")
    browser = sign_in(house.operator)
    chosen, asks = {"category": culture.id, "level": "ordinary"}, {"HX-Trigger-Name": "category"}

    page = browser.get("/log/words", query_string=chosen, headers=asks).text
    assert "selected" not in page.split("</select>")[0]
    assert "还没有人办理" in page

    keeper = make_user(Role.SUPERVISOR)
    with unit_of_work():
        db.session.get_one(Department, empty.id).keeper_id = keeper.id
    page = browser.get("/log/words", query_string=chosen, headers=asks).text
    assert f'value="{empty.id}" translate="no" selected' in page
    assert "您的事已转宣教部" in page

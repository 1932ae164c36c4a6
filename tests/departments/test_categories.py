"""Categories as an administrator keeps them and operators find them."""

import re

import pytest
from sqlalchemy import select

from hotline.departments import queries
from hotline.departments.categories import initials_of
from models import Category, Role, db
from tests.makers import make_category, make_department, make_user

GOOD = {
    "code": "overtime_pay",
    "name_zh": "加班工资",
    "name_en": "Overtime pay",
    "demand_kind": "complaint",
    "level": "ordinary",
    "is_active": "y",
}


@pytest.fixture
def admin(sign_in):
    return sign_in(make_user(Role.ADMINISTRATOR))


def only(code):
    return db.session.scalars(select(Category).where(Category.code == code)).one()


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("拖欠工资", "tqgz"),
        ("城市管理类转12345", "csgllz12345"),
        ("入会条件与方法（个人）", "rhtjyffgr"),
        ("VIP卡", "vipk"),
        ("名" * 40, "m" * 32),
    ],
)
def test_initials_are_what_people_type(name, initials):
    assert initials_of(name) == initials


def test_initials_are_made_from_the_name_and_can_be_corrected(admin):
    group = make_category("pay")
    admin.post("/categories/new", data={**GOOD, "parent": group.id})
    assert (only("overtime_pay").initials, only("overtime_pay").parent_id) == ("jbgz", group.id)

    path = f"/categories/{only('overtime_pay').id}"
    admin.post(path, data={**GOOD, "name_zh": "重新加班", "parent": group.id, "initials": "CXJB"})
    assert only("overtime_pay").initials == "cxjb"


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"code": "Overtime"}, "code"),
        ({"code": "pay"}, "code"),
        ({"name_zh": ""}, "name_zh"),
        ({"name_en": ""}, "name_en"),
        ({"initials": "jb-gz"}, "initials"),
        ({"initials": "加班"}, "initials"),
        ({"demand_kind": "wish"}, "demand_kind"),
        ({"level": "impossible"}, "level"),
        ({"parent": "77777"}, "parent"),
        ({"lead_department": "x"}, "lead_department"),
        ({"position": "many"}, "position"),
    ],
)
def test_a_bad_category_says_why_keeps_what_was_typed_and_writes_nothing(admin, typed, field):
    make_category("pay")
    answer = admin.post("/categories/new", data=GOOD | {"position": "7"} | typed)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert f'value="{GOOD["name_en"]}"' in answer.text or field == "name_en"
    assert db.session.scalars(select(Category.code)).all() == ["pay"]


def test_there_are_two_levels_and_no_more(admin):
    group = make_category("pay")
    leaf = make_category("overtime", parent_id=group.id)
    below_leaf = admin.post("/categories/new", data={**GOOD, "parent": leaf.id})
    assert 'id="parent-error"' in below_leaf.text

    other = make_category("insurance")
    moved = {**GOOD, "code": "pay", "parent": other.id}
    assert 'id="parent-error"' in admin.post(f"/categories/{group.id}", data=moved).text


def test_operators_choose_among_the_active_leaves_of_active_groups(app):
    group = make_category("pay")
    unpaid = make_category("unpaid", parent_id=group.id)
    overtime = make_category("overtime", parent_id=group.id)
    make_category("old", parent_id=group.id, is_active=False)
    make_category("retired", is_active=False)

    assert queries.groups() == [(group, [unpaid, overtime])]


def test_the_page_shows_groups_leaves_and_who_leads(admin):
    rights = make_department("rights", name_zh="权益保障部")
    group = make_category("pay", lead=rights, name_zh="劳动报酬")
    make_category("unpaid", parent_id=group.id)
    page = admin.get("/categories").text
    assert page.index("劳动报酬") < page.index("拖欠工资")
    assert "权益保障部" in page
    assert (
        f'value="{group.id}" translate="no" selected'
        in admin.get(f"/categories/new?parent={group.id}").text
    )


def test_a_category_may_begin_confidential(app, clock, sign_in):
    browser = sign_in(make_user(Role.ADMINISTRATOR))
    legal = make_department()
    group = make_category("pay", legal)
    category = make_category(lead=legal, parent_id=group.id)
    operator = sign_in(make_user(Role.OPERATOR))
    assert "data-confidential" not in operator.get("/log").text

    page = browser.get(f"/categories/{category.id}").text
    assert "默认保密" in page
    browser.post(
        f"/categories/{category.id}",
        data={
            "code": category.code,
            "parent": group.id,
            "name_zh": category.name_zh,
            "name_en": category.name_en,
            "demand_kind": category.demand_kind.value,
            "level": category.level.value,
            "is_confidential_by_default": "y",
            "is_active": "y",
        },
    )

    written = re.findall(r"<option [^>]*data-search[^>]*>", operator.get("/log").text)
    assert ["data-confidential" in option for option in written] == [True]

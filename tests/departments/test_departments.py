"""The tree of departments as an administrator keeps it."""

import pytest
from sqlalchemy import select

from hotline.departments import queries
from hotline.handoffs import service as handoffs
from hotline.unit_of_work import unit_of_work
from models import AuditEvent, Department, DepartmentKind, Role, Ticket, User, db
from tests.makers import make_category, make_department, make_ticket, make_user

GOOD = {
    "code": "street_1",
    "name_zh": "云锦街道总工会",
    "name_en": "Yunjin Street Union",
    "kind": "street",
    "is_active": "y",
}


@pytest.fixture
def admin(sign_in):
    return sign_in(make_user(Role.ADMINISTRATOR))


def test_a_department_is_added_below_another_with_its_keeper(admin, clock):
    org = make_department("org")
    keeper = make_user(Role.HEAD, department=org)

    added = admin.post("/departments/new", data={**GOOD, "parent": org.id, "keeper": keeper.id})

    assert added.location == "/departments"
    street = db.session.scalars(select(Department).where(Department.code == "street_1")).one()
    assert (street.parent, street.keeper, street.kind) == (org, keeper, DepartmentKind.STREET)
    assert [(b.department.code, b.depth, b.staff) for b in queries.tree()] == [
        ("org", 0, 1),
        ("street_1", 1, 0),
    ]
    event = db.session.scalars(
        select(AuditEvent).where(AuditEvent.kind == "create_department")
    ).one()
    assert event.subject == "云锦街道总工会"


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"code": "Street 1"}, "code"),
        ({"code": "org"}, "code"),
        ({"name_zh": " "}, "name_zh"),
        ({"name_en": ""}, "name_en"),
        ({"name_zh": "名" * 65}, "name_zh"),
        ({"kind": "planet"}, "kind"),
        ({"parent": "9999"}, "parent"),
        ({"keeper": "9999"}, "keeper"),
        ({"position": "-1"}, "position"),
    ],
)
def test_a_bad_department_says_why_keeps_what_was_typed_and_writes_nothing(admin, typed, field):
    make_department("org")
    answer = admin.post("/departments/new", data={**GOOD, "phone_number": "021-1", **typed})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert 'value="021-1"' in answer.text
    assert db.session.scalars(select(Department.code)).all() == ["org"]


def test_only_who_can_answer_keeps_a_unit(admin):
    operator = make_user(Role.OPERATOR)
    answer = admin.post("/departments/new", data={**GOOD, "keeper": operator.id})
    assert 'id="keeper-error"' in answer.text


def test_the_tree_has_no_circle(admin):
    top = make_department("top")
    below = make_department("below", parent_id=top.id)
    typed = {**GOOD, "code": "top", "parent": below.id}
    assert 'id="parent-error"' in admin.post(f"/departments/{top.id}", data=typed).text
    assert db.session.get(Department, top.id).parent_id is None


def test_a_department_is_retired_only_when_nothing_needs_it(admin, clock):
    legal, op = make_department("legal"), make_user(Role.OPERATOR)
    make_user(Role.HANDLER, department=legal)
    category = make_category(lead=legal)
    ticket = make_ticket(operator=op, category=category)
    with unit_of_work():
        ticket, op = db.session.get(Ticket, ticket.id), db.session.get(User, op.id)
        handoffs.hand_off(ticket, db.session.get(Department, legal.id), actor=op, at=clock.time)
    retired = {**GOOD, "code": "legal"}
    del retired["is_active"]

    waiting = admin.post(f"/departments/{legal.id}", data=retired)
    assert 'id="is_active-error"' in waiting.text
    with unit_of_work():
        ticket, op = db.session.get(Ticket, ticket.id), db.session.get(User, op.id)
        handoffs.recall(ticket, actor=op, at=clock.time, reason="转错了")
    led = admin.post(f"/departments/{legal.id}", data=retired)
    assert 'id="is_active-error"' in led.text

    with unit_of_work():
        db.session.merge(category).lead_department_id = None
    assert admin.post(f"/departments/{legal.id}", data=retired).status_code == 303
    assert queries.active_departments() == []
    assert admin.get("/departments").status_code == 200


def test_what_was_changed_is_written_down(admin):
    legal = make_department("legal")
    admin.post(f"/departments/{legal.id}", data={**GOOD, "code": "legal"})
    event = db.session.scalars(
        select(AuditEvent).where(AuditEvent.kind == "change_department")
    ).one()
    assert event.data["changed"] == ["name_zh", "name_en", "kind"]


def test_the_tree_takes_two_queries_however_large_it_is(app, count_queries):
    for number in range(12):
        make_department(f"d{number}")
    count_queries.clear()
    assert len(queries.tree()) == 12
    assert len(count_queries) == 2

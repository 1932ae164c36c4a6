"""Two people save at the same moment on PostgreSQL: what the first one did counts for the second.

SQLite lets one writer in at a time, so there is nothing to see there.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import g

from hotline.accounts import roster, service
from hotline.calendars import service as calendars
from hotline.calendars.change_views import calendar_change
from hotline.departments import categories
from hotline.departments import service as departments
from hotline.errors import Invalid
from hotline.handoffs import service as handoffs
from hotline.sla import policies
from hotline.unit_of_work import unit_of_work
from models import (
    CalendarKind,
    Category,
    Counter,
    DemandKind,
    Department,
    DutyShift,
    Handoff,
    Level,
    LoginAttempt,
    OpeningHours,
    PolicySetting,
    Role,
    SpecialDay,
    Ticket,
    User,
    db,
)
from tests.at_once import Act, app_of
from tests.makers import make_category, make_department, make_ticket, make_user

NOW = datetime(2026, 11, 16, 1, 30, tzinfo=UTC)
TODAY = NOW.date()
SHIFT = (NOW + timedelta(hours=1), NOW + timedelta(hours=9))
NINE_TO_FIVE = tuple(((540, 1020),) for _ in range(7))


def user(row_id: int) -> User:
    return db.session.get_one(User, row_id)


def test_nobody_is_put_on_duty_twice(both):
    colleague = make_user(Role.OPERATOR).id
    refusal = both(
        lambda: roster.add_shift(user(colleague), *SHIFT),
        lambda: roster.add_shift(user(colleague), SHIFT[0] + timedelta(hours=1), SHIFT[1]),
    )
    assert refusal.field == "user"
    assert count(DutyShift) == 1


def test_one_leads_a_shift(both):
    people = [make_user(Role.OPERATOR).id for _ in range(2)]
    refusal = both(
        *(
            lambda one=one: roster.add_shift(user(one), *SHIFT, is_leader=True)
            for one in people
        )
    )  # fmt: skip
    assert refusal.field == "is_leader"
    assert count(DutyShift) == 1


def test_one_administrator_is_left(both):
    one, other = (make_user(Role.ADMINISTRATOR).id for _ in range(2))
    refusal = both(
        lambda: service.disable(user(one), actor=user(other), at=NOW),
        lambda: service.disable(user(other), actor=user(one), at=NOW),
    )
    assert isinstance(refusal, Invalid)
    assert service.has_administrator()


def test_an_administrator_stays_without_another_role(both):
    boss, colleague = make_user(Role.ADMINISTRATOR).id, make_user(Role.REVIEWER).id

    def becomes(role: Role) -> Act:
        person = service.Person(display_name="周敏", roles=frozenset({role}))
        return lambda: service.change_user(user(colleague), person, actor=user(boss), at=NOW)

    assert both(becomes(Role.ADMINISTRATOR), becomes(Role.OPERATOR)) is None
    assert user(colleague).roles == {Role.OPERATOR}


def test_a_user_name_is_had_by_one(both):
    def comes(name: str) -> Act:
        person = service.Person(display_name=name, roles=frozenset({Role.OPERATOR}))
        return lambda: service.create_user("zhou.min", person, password_hash="-", at=NOW)

    assert both(comes("周敏"), comes("周民")).field == "username"


def test_a_sixth_try_is_refused_however_fast_it_follows_the_fifth(both):
    def tries() -> None:
        service.count_try("zhou.min", at=NOW, address="192.0.2.1")

    with unit_of_work():
        for _ in range(service.TRIES_PER_ACCOUNT - 1):
            tries()
    assert isinstance(both(tries, tries), service.TooManyTries)
    assert count(LoginAttempt) == service.TRIES_PER_ACCOUNT


def details(department: Department, **news: object) -> departments.DepartmentDetails:
    names = ("code", "name_zh", "name_en", "kind", "parent", "is_active")
    return departments.DepartmentDetails(
        **{name: getattr(department, name) for name in names} | news
    )


def department(row_id: int) -> Department:
    return db.session.get_one(Department, row_id)


def changes(row_id: int, **news: Act) -> Act:
    """`department` gets what `news` find, in the transaction that asks for it."""

    def change() -> None:
        found = department(row_id)
        told = details(found, **{name: find() for name, find in news.items()})
        departments.change_department(found, told)

    return change


def test_the_tree_of_departments_has_no_circle(both):
    one, other = make_department("one").id, make_department("other").id
    refusal = both(
        changes(one, parent=lambda: department(other)),
        changes(other, parent=lambda: department(one)),
    )
    assert refusal.field == "parent"
    assert (department(one).parent_id, department(other).parent_id) == (other, None)


def category_details(**news: object) -> categories.CategoryDetails:
    usual = {"code": "wages", "name_zh": "工资", "name_en": "Wages", "initials": ""}
    kinds = {"demand_kind": DemandKind.CONSULTATION, "level": Level.ORDINARY}
    return categories.CategoryDetails(**usual | kinds | news)


def test_nothing_is_led_to_a_department_that_is_being_retired(both):
    legal = make_department("legal").id
    refusal = both(
        changes(legal, is_active=lambda: False),
        lambda: categories.add_category(category_details(lead_department=department(legal))),
    )
    assert refusal.field == "lead_department"


def test_nothing_is_handed_to_a_department_that_is_being_retired(both):
    legal = make_department("legal")
    make_user(Role.HANDLER, department=legal)
    operator = make_user(Role.OPERATOR)
    ticket, legal, operator = make_ticket(operator=operator).id, legal.id, operator.id

    def hands_off() -> None:
        handoffs.hand_off(
            db.session.get_one(Ticket, ticket), department(legal), actor=user(operator), at=NOW
        )

    refusal = both(changes(legal, is_active=lambda: False), hands_off)
    assert refusal.field == "department"
    assert count(Handoff) == 0

    with unit_of_work():
        department(legal).is_active = True
    refusal = both(hands_off, changes(legal, is_active=lambda: False))
    assert refusal.field == "is_active"
    assert department(legal).is_active


def test_a_group_within_a_group_is_none(both):
    top, group = make_category("top").id, make_category("group").id

    def get(row_id: int) -> Category:
        return db.session.get_one(Category, row_id)

    refusal = both(
        lambda: categories.change_category(
            get(group), category_details(code="group", parent=get(top))
        ),
        lambda: categories.add_category(category_details(code="leaf", parent=get(group))),
    )
    assert refusal.field == "parent"
    assert db.session.scalar(sa.select(Category).where(Category.code == "leaf")) is None


def test_hours_that_two_set_are_those_of_the_second(both):
    boss = make_user(Role.ADMINISTRATOR).id

    def sets(week: object) -> Act:
        return lambda: calendars.set_opening_hours(
            CalendarKind.CONTACT, week, actor=user(boss), at=NOW
        )

    assert both(sets(NINE_TO_FIVE), sets(NINE_TO_FIVE[:5] + ((), ()))) is None
    assert count(OpeningHours) == 5


def test_a_day_is_special_once(both):
    boss = make_user(Role.ADMINISTRATOR).id

    def says(is_working: bool) -> Act:
        return lambda: calendars.set_special_day(
            date(2026, 12, 1), is_working=is_working, actor=user(boss), at=NOW
        )

    assert both(says(False), says(True)) is None
    (day,) = db.session.scalars(sa.select(SpecialDay)).all()
    assert day.is_working


def test_a_policy_that_two_set_for_the_first_time_is_that_of_the_second(both):
    boss = make_user(Role.ADMINISTRATOR).id

    def sets(value: int) -> Act:
        return lambda: policies.set_value("result_attempts", value, actor=user(boss), at=NOW)

    assert both(sets(4), sets(5)) is None
    assert policies.get("result_attempts") == 5
    assert count(PolicySetting) == 1


def test_a_hand_off_that_is_being_written_follows_a_calendar_that_changes(meanwhile):
    """Who changes it waits for whoever writes, and sees what they reckoned by the old one."""
    boss, operator = make_user(Role.ADMINISTRATOR).id, make_user(Role.OPERATOR)
    ticket, legal = make_ticket(operator=operator).id, make_department("legal")
    make_user(Role.HANDLER, department=legal)
    operator, legal = operator.id, legal.id

    def hands_off() -> None:
        handoffs.hand_off(
            db.session.get_one(Ticket, ticket), department(legal), actor=user(operator), at=NOW
        )

    def closes_the_day() -> None:
        with app.test_request_context():
            g.user = user(boss)
            with calendar_change():
                calendars.set_special_day(TODAY, is_working=False, actor=g.user, at=NOW)

    app = app_of()
    meanwhile(hands_off, closes_the_day)
    (handoff,) = db.session.scalars(sa.select(Handoff)).all()
    assert handoff.accept_due_at.date() > TODAY


def test_who_writes_about_something_else_waits_for_nobody(app, engine_name):
    if engine_name != "postgresql":
        pytest.skip("SQLite has one writer at a time")

    def writes() -> None:
        with app.app_context(), unit_of_work(within=timedelta(seconds=10)):
            db.session.add(Counter(name="of somebody else", value=1))

    with unit_of_work(), ThreadPoolExecutor(1) as somebody:
        db.session.add(Counter(name="of ours", value=1))
        db.session.flush()
        somebody.submit(writes).result()
    assert count(Counter) == 2


def count(model: type) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0

"""An administrator changes when we are open, and every due time follows."""

import threading
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from hotline.calendars import queries, service
from hotline.errors import Invalid, NotFound
from hotline.sla.business_time import add, add_working_days, is_open
from hotline.unit_of_work import unit_of_work
from models import AuditEvent, CalendarKind, OpeningHours, Role, SpecialDay, User, db
from tests.makers import make_department, make_user
from tests.sla.office import OFFICE_DAY, hours, local

MORNINGS = (((510, 720),),) * 5 + ((), ())
BUSINESS = CalendarKind.BUSINESS


@pytest.fixture
def boss(app):
    return make_user(Role.ADMINISTRATOR)


def trail():
    events = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id))
    return [(event.kind, event.subject) for event in events]


def test_without_a_word_of_an_administrator_the_usual_hours_hold(app):
    calendar = queries.calendar_for(None)
    assert add(local("2026-11-16 11:00"), hours(2), calendar) == local("2026-11-16 14:30")
    assert is_open(local("2026-11-22 20:59"), queries.contact_hours())  # a Sunday
    assert not is_open(local("2026-11-22 21:00"), queries.contact_hours())
    assert is_open(local("2026-10-01 03:00"), queries.duty_calendar())  # around the clock


def test_a_department_keeps_its_own_hours_until_it_gives_them_up(boss, clock):
    legal, finance = make_department("legal"), make_department("finance")
    noon = local("2026-11-16 11:00")
    with unit_of_work():
        service.set_opening_hours(BUSINESS, MORNINGS, department=legal, actor=boss, at=clock())
    assert add(noon, hours(2), queries.calendar_for(legal)) == local("2026-11-17 09:30")
    assert add(noon, hours(2), queries.calendar_for(finance)) == local("2026-11-16 14:30")
    assert queries.has_own_hours(legal.id)

    with unit_of_work():
        service.use_default_hours(legal, actor=boss, at=clock())
    assert add(noon, hours(2), queries.calendar_for(legal)) == local("2026-11-16 14:30")
    assert not queries.has_own_hours(legal.id)
    assert trail() == [("set_opening_hours", "legal部"), ("use_default_hours", "legal部")]


def test_new_hours_replace_the_old_ones(boss, clock):
    for week in (MORNINGS, ((OFFICE_DAY),) * 7):
        with unit_of_work():
            service.set_opening_hours(BUSINESS, week, actor=boss, at=clock())
    assert queries.weekly_hours(BUSINESS) == ((OFFICE_DAY),) * 7
    assert len(db.session.scalars(select(OpeningHours)).all()) == 14
    event = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert event.data["before"][0] == [[510, 720]]
    assert event.data["after"][6] == [[510, 720], [810, 1050]]


def test_the_edit_counts_at_once_and_after_a_rollback_no_more(boss, clock):
    noon = local("2026-11-16 11:00")

    def edit_and_die():
        with unit_of_work():
            assert add(noon, hours(2), queries.calendar_for(None)) == local("2026-11-16 14:30")
            service.set_opening_hours(BUSINESS, MORNINGS, actor=boss, at=clock())
            assert add(noon, hours(2), queries.calendar_for(None)) == local("2026-11-17 09:30")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        edit_and_die()
    assert add(noon, hours(2), queries.calendar_for(None)) == local("2026-11-16 14:30")


def test_an_edit_made_elsewhere_is_seen_by_the_next_transaction(app, boss, clock):
    boss_id = boss.id
    before = queries.weekly_hours(BUSINESS)

    def edit():
        with app.app_context(), unit_of_work():
            actor = db.session.get_one(User, boss_id)
            service.set_opening_hours(BUSINESS, MORNINGS, actor=actor, at=clock())

    other = threading.Thread(target=edit)
    other.start()
    other.join()
    assert queries.weekly_hours(BUSINESS) == before  # this transaction keeps its view
    db.session.rollback()
    assert queries.weekly_hours(BUSINESS) == MORNINGS


def test_hours_are_read_once_per_transaction(app, count_queries):
    department = make_department()
    queries.calendar_for(department)
    count_queries.clear()
    for _ in range(20):
        queries.calendar_for(department)
    assert count_queries == []


@pytest.mark.parametrize(
    "week",
    [
        ((),) * 7,
        (((510, 720), (700, 800)),) + ((),) * 6,
        (((510, 1500),),) + ((),) * 6,
        (((720, 510),),) + ((),) * 6,
    ],
)
def test_hours_that_make_no_sense_are_refused(boss, clock, week):
    with pytest.raises(Invalid) as refusal, unit_of_work():
        service.set_opening_hours(BUSINESS, week, actor=boss, at=clock())
    assert refusal.value.field == "mon"
    assert db.session.scalars(select(OpeningHours)).all() == []


def test_special_days_of_the_house_and_of_one_department(boss, clock):
    legal, finance = make_department("legal"), make_department("finance")
    tuesday, saturday = date(2026, 11, 17), date(2026, 11, 21)
    with unit_of_work():
        service.set_special_day(tuesday, is_working=False, name="停电", actor=boss, at=clock())
        service.set_special_day(
            saturday,
            is_working=True,
            intervals=((540, 600),),
            department=legal,
            actor=boss,
            at=clock(),
        )
    monday = local("2026-11-16 10:00")
    assert add_working_days(monday, 1, queries.calendar_for(finance)) == local("2026-11-18 17:30")
    assert add_working_days(monday, 4, queries.calendar_for(legal)) == local("2026-11-21 10:00")
    assert add_working_days(monday, 4, queries.calendar_for(finance)) == local("2026-11-23 17:30")


def test_the_word_of_the_department_beats_that_of_the_house(boss, clock):
    legal = make_department("legal")
    tuesday = date(2026, 11, 17)
    with unit_of_work():
        service.set_special_day(tuesday, is_working=True, department=legal, actor=boss, at=clock())
        service.set_special_day(tuesday, is_working=False, actor=boss, at=clock())
    monday = local("2026-11-16 10:00")
    assert add_working_days(monday, 1, queries.calendar_for(legal)) == local("2026-11-17 17:30")
    assert add_working_days(monday, 1, queries.calendar_for(None)) == local("2026-11-18 17:30")


def test_a_second_word_about_a_day_replaces_the_first(boss, clock):
    tuesday = date(2026, 11, 17)
    for is_working in (False, True):
        with unit_of_work():
            service.set_special_day(tuesday, is_working=is_working, actor=boss, at=clock())
    (day,) = db.session.scalars(select(SpecialDay))
    assert day.is_working

    with unit_of_work():
        service.remove_special_day(day.id, actor=boss, at=clock())
    assert queries.special_days(2026, None) == []
    assert [kind for kind, _ in trail()] == ["set_special_day"] * 2 + ["remove_special_day"]
    with pytest.raises(NotFound), unit_of_work():
        service.remove_special_day(day.id, actor=boss, at=clock())


def test_new_office_hours_leave_the_hours_for_ringing_callers_alone(boss, clock):
    contact = (((600, 1080),),) * 7
    for kind, week in ((CalendarKind.CONTACT, contact), (BUSINESS, MORNINGS)):
        with unit_of_work():
            service.set_opening_hours(kind, week, actor=boss, at=clock())
    assert queries.weekly_hours(CalendarKind.CONTACT) == contact


def test_each_year_and_each_department_lists_its_own_special_days(boss, clock):
    legal = make_department("legal")
    for year, department in ((2026, None), (2027, None), (2026, legal)):
        with unit_of_work():
            service.set_special_day(
                date(year, 3, 2), is_working=False, department=department, actor=boss, at=clock()
            )
    assert [day.on.year for day in queries.special_days(2026, None)] == [2026]
    assert [day.department_id for day in queries.special_days(2026, legal.id)] == [legal.id]


def test_a_special_day_does_not_make_a_year_known(boss, clock):
    assert queries.is_year_known(2026)
    assert not queries.is_year_known(2090)
    with unit_of_work():
        service.set_special_day(date(2090, 2, 4), is_working=True, actor=boss, at=clock())
    assert not queries.is_year_known(2090)


def test_years_without_a_list_never_fail(app):
    due = add_working_days(local("2089-12-30 10:00"), 30, queries.calendar_for(None))
    assert due - local("2089-12-30 10:00") > timedelta(days=40)

"""From November on next year's official list is missed, once a person, until it is there."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from hotline.calendars import official, queries
from hotline.calendars.jobs import warn_of_missing_lists
from models import Notification, Role, db
from tests.calendars.test_official_lists import LIST_OF_2027, import_2027
from tests.makers import make_user

WARNING = "The official list of 2027 is not here yet."
TOLD = "The official working days of 2027 are not known: import the list."
NOVEMBER = datetime(2026, 10, 31, 16, tzinfo=UTC)  # midnight in Shanghai


@pytest.fixture
def boss(app, clock):
    return make_user(Role.ADMINISTRATOR, locale="en")


def notices():
    db.session.rollback()
    return db.session.scalars(select(Notification).order_by(Notification.id)).all()


@pytest.mark.parametrize(
    ("today", "missing"),
    [
        (date(2026, 10, 31), None),
        (date(2026, 11, 1), 2027),
        (date(2026, 12, 31), 2027),
        (date(2027, 1, 1), 2027),  # and from then on it is this year's
        (date(2027, 11, 1), 2027),
        (date(2024, 11, 1), None),  # 2025 is built in
        (date(2098, 12, 31), 2098),
    ],
)
def test_which_year_is_missed(app, today, missing):
    assert queries.missing_year(today) == missing


def test_the_pages_warn_from_november_on(clock, boss, sign_in):
    supervisor = make_user(Role.SUPERVISOR, locale="en")
    clock.set(NOVEMBER - timedelta(minutes=1))
    pages = ("/special-days", "/opening-hours/business", "/official-lists", "/policies")
    assert all(WARNING not in sign_in(boss).get(page).text for page in pages)
    assert WARNING not in sign_in(supervisor).get("/special-days").text
    clock.set(NOVEMBER)
    assert all(WARNING in sign_in(boss).get(page).text for page in pages)
    for page in ("/special-days", "/now"):
        assert WARNING in sign_in(supervisor).get(page).text
    import_2027(sign_in(boss))
    assert all(WARNING not in sign_in(boss).get(page).text for page in pages)
    assert WARNING not in sign_in(supervisor).get("/now").text


def test_administrators_and_supervisors_hear_of_it_once(clock, boss):
    make_user(Role.OPERATOR)
    make_user(Role.SUPERVISOR, is_active=False)
    supervisor = make_user(Role.SUPERVISOR, Role.OPERATOR)
    clock.set(NOVEMBER - timedelta(minutes=1))
    assert warn_of_missing_lists() == 0
    clock.set(NOVEMBER)
    assert warn_of_missing_lists() == 2
    clock.advance(days=1)
    assert warn_of_missing_lists() == 0
    assert {notice.user_id for notice in notices()} == {boss.id, supervisor.id}
    late = make_user(Role.ADMINISTRATOR)  # came in the meantime
    assert warn_of_missing_lists() == 1
    assert notices()[-1].user_id == late.id


def test_the_bell_leads_there_and_is_silent_when_the_list_is_imported(clock, boss, sign_in):
    make_user(Role.SUPERVISOR)
    clock.set(NOVEMBER)
    warn_of_missing_lists()
    browser = sign_in(boss)
    assert TOLD in browser.get("/notifications").text
    mine = next(notice for notice in notices() if notice.user_id == boss.id)
    opened = browser.post(f"/notifications/{mine.id}/open")
    assert opened.location == "/special-days?year=2027"
    assert [notice.read_at is None for notice in notices()] == [False, True]
    import_2027(browser, LIST_OF_2027)
    assert all(notice.read_at is not None for notice in notices())
    assert warn_of_missing_lists() == 0


def test_a_list_that_came_with_an_update_silences_the_bell_too(clock, boss, monkeypatch):
    clock.set(NOVEMBER)
    warn_of_missing_lists()
    monkeypatch.setattr(official, "is_official", lambda year: True)
    assert warn_of_missing_lists() == 1
    assert notices()[0].read_at is not None
    assert warn_of_missing_lists() == 0

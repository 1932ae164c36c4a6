"""Reporting months and years, what they are compared with, and addresses that mean nothing."""

from datetime import UTC, date

import pytest

from hotline.errors import Invalid
from hotline.figures import in_words, period
from hotline.figures.period import Period, Span
from hotline.sla import policies
from hotline.unit_of_work import unit_of_work
from models import Role
from tests.handoffs.house import at
from tests.makers import make_user

NOON = at("2026-11-20 12:00")


@pytest.fixture
def from_the_19th(app):
    """The assessment month of Beijing's 12345."""
    boss = make_user(Role.ADMINISTRATOR)
    with unit_of_work():
        policies.set_value("month_begins_on", 19, actor=boss, at=NOON)


def days(name):
    found = period.read(name, NOON)
    return found.first.isoformat(), found.last.isoformat()


def test_calendar_months(app):
    assert days("") == ("2026-11-01", "2026-11-30")
    assert days("2026-02") == ("2026-02-01", "2026-02-28")
    assert days("2024-02") == ("2024-02-01", "2024-02-29")
    assert days("2026-12") == ("2026-12-01", "2026-12-31")
    assert days("2026") == ("2026-01-01", "2026-12-31")


def test_months_from_the_19th(from_the_19th):
    assert days("") == ("2026-11-19", "2026-12-18")  # on 20 November December has begun
    assert days("2026-11") == ("2026-10-19", "2026-11-18")
    assert days("2026-01") == ("2025-12-19", "2026-01-18")
    assert days("2026") == ("2025-12-19", "2026-12-18")
    november = period.read("2026-11", NOON)
    assert november.before().name == "2026-10"
    assert november.year_before().name == "2025-11"
    january = period.read("2026-01", NOON)
    assert january.before().name == "2025-12"
    assert january.year_before().name == "2025-01"  # though it begins in a December
    year = period.read("2026", NOON)
    assert (year.name, year.before().name, year.year_before().name) == ("2026", "2025", "2025")
    assert period.month_of(date(2026, 11, 18)).name == "2026-11"
    assert period.month_of(date(2026, 12, 31)).name == "2027-01"


def test_months_follow_each_other_without_a_gap(app, from_the_19th):
    months = period.months_until(period.read("2026-11", NOON), 26)
    for one, following in zip(months, months[1:], strict=False):
        assert one.until == following.since
        assert following.before() == one


def test_half_a_month_is_compared_with_half_a_one(app):
    november = period.read("2026-11", NOON)
    cut = november.cut(NOON)
    assert (cut.first, cut.last) == (date(2026, 11, 1), date(2026, 11, 20))
    before = november.before().first_days(cut.days)
    assert (before.first, before.last) == (date(2026, 10, 1), date(2026, 10, 20))
    assert november.first_days(30) is november
    first_day = november.cut(at("2026-11-01 08:00"))
    assert (first_day.first, first_day.last) == (date(2026, 11, 1), date(2026, 11, 1))
    assert november.cut(at("2026-11-30 08:00")) is november  # nothing is missing but the evening
    over = period.read("2026-10", NOON)
    assert over.cut(NOON) is over


def test_any_days_and_the_days_before_them(app):
    week = period.read("2026-11-09..2026-11-15", NOON)
    assert (week.days, week.span) == (7, Span.DAYS)
    assert week.before() == Period(date(2026, 11, 2), date(2026, 11, 8))
    assert period.between(date(2024, 2, 29), date(2024, 2, 29)).year_before().first == date(
        2023, 2, 28
    )
    assert week.since == at("2026-11-09 00:00")
    assert week.until == at("2026-11-16 00:00")
    assert days("2026-11-09") == ("2026-11-09", "2026-11-09")
    assert days("2026-01-01..2029-01-03") == ("2026-01-01", "2029-01-03")  # three leap years
    assert week.year_before().name == "2025-11-09..2025-11-15"


def test_a_day_begins_at_our_midnight(app):
    """In UTC it is still November, and still the 19th."""
    night = at("2026-12-01 01:00").astimezone(UTC)
    assert period.read("", night).name == "2026-12"
    assert period.read("2026-12", night).cut(night).days == 1
    november = period.read("2026-11", NOON)
    assert not in_words.is_over(november, at("2026-11-30 23:59"))
    assert in_words.is_over(november, at("2026-12-01 00:00"))


NO_PERIODS = (
    "2026-13",
    "nonsense",
    "2026-11-31",
    "2026-11-02..2026-11-01",
    "2020-01-01..2026-01-01",
    "2026-01-01..2029-01-04",
    "..",
    "0000",
    "1999-12-31..2000-01-01",
    "2099-12-31..2100-01-01",
)


@pytest.mark.parametrize("name", NO_PERIODS)
def test_what_is_no_period(app, name):
    with pytest.raises(Invalid):
        period.read(name, NOON)

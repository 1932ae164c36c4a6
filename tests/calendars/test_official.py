"""The official list, checked day by day against a second, independent source."""

from datetime import date, timedelta

import chinese_calendar as second_source
import pytest

from hotline.calendars.official import days_of, is_official, list_of, official_day

MAKE_UP_DAYS_OF_2026 = {
    date(2026, 1, 4): "New Year's Day",
    date(2026, 2, 14): "Spring Festival",
    date(2026, 2, 28): "Spring Festival",
    date(2026, 5, 9): "Labour Day",
    date(2026, 9, 20): "National Day",
    date(2026, 10, 10): "National Day",
}


def is_working(on: date) -> bool:
    special = official_day(on)
    return special.is_working if special else on.weekday() < 5


@pytest.mark.parametrize("year", range(2015, 2027))
def test_every_day_agrees_with_the_second_source(year):
    new_year, next_new_year = date(year, 1, 1), date(year + 1, 1, 1)
    days = [new_year + timedelta(n) for n in range((next_new_year - new_year).days)]
    assert [on for on in days if is_working(on) != second_source.is_workday(on)] == []


def test_the_make_up_days_of_2026_say_which_holiday_they_pay_for():
    found = {on: day.holiday for on, day in days_of(2026).items() if day.is_working}
    assert found == MAKE_UP_DAYS_OF_2026


def test_a_weekend_within_a_holiday_carries_its_name():
    sunday = official_day(date(2026, 10, 4))
    assert (sunday.is_working, sunday.holiday) == (False, "National Day")
    assert [on.day for on, day in days_of(2026).items() if on.month == 6] == [19, 20, 21]


def test_the_week_of_national_day_is_called_after_the_moon_too_when_it_falls_in_it():
    both, alone = "National Day and Mid-Autumn Festival", "National Day"
    names = {
        year: {day.holiday for on, day in days_of(year).items() if on.month == 10}
        for year in (2015, 2020, 2023, 2025, 2026)
    }
    assert names == {2015: {alone}, 2020: {both}, 2023: {both}, 2025: {both}, 2026: {alone}}


@pytest.mark.parametrize("year", range(2015, 2028))
def test_the_lists_of_all_years_together_are_all_special_days(year):
    december = {on for on in days_of(year) if on.month == 12}
    listed = {on for on in list_of(year) if on.year == year}
    assert listed | december == set(days_of(year))
    assert december <= set(list_of(year + 1))


def test_ordinary_days_are_not_special():
    assert official_day(date(2026, 11, 20)) is None  # a Friday
    assert official_day(date(2026, 11, 21)) is None  # a Saturday


def test_a_run_of_days_off_crosses_new_year():
    assert official_day(date(2022, 12, 31)).holiday == "New Year's Day"


@pytest.mark.parametrize("year", range(2015, 2027))
def test_every_day_off_has_a_name(year):
    assert [on for on, day in days_of(year).items() if not day.holiday] == []


def test_a_year_without_its_list_has_its_holidays_but_no_make_up_days():
    assert is_official(2026)
    assert not is_official(2090)
    assert official_day(date(2090, 10, 1)).holiday == "National Day"


@pytest.mark.parametrize("year", [1900, 2500])
def test_a_year_nobody_knows_is_ordinary(year):
    assert days_of(year) == {}

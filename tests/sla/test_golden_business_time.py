"""Golden tables: due times around every kind of day, counted on the fingers from the notices of
the State Council for 2025 (12 November 2024) and 2026 (4 November 2025), and by the law after."""

from datetime import date, timedelta

import pytest

from hotline.calendars.chinese import Override, chinese_calendar
from hotline.calendars.official import OfficialDay
from hotline.sla.business_time import add, add_working_days, between, next_open
from tests.sla.office import OFFICE, OFFICE_DAY, hours, local

# Mornings from Monday to Friday and on Saturday; nobody on Wednesday.
DESK = chinese_calendar((((540, 720),),) * 2 + ((),) + (((540, 720),),) * 3 + ((),))
# 08:30–12:00, 13:30–17:30, and inventory on Wednesday 25 November.
STORES = chinese_calendar(OFFICE.weekly, (Override(date(2026, 11, 25), is_working=False),))
# No lunch; open until midnight.
NIGHT_DESK = chinese_calendar((((960, 1440),),) * 7)

LUNCH = [
    ("2026-11-20 08:30", 3.5, "2026-11-20 12:00"),  # the whole morning ends at noon
    ("2026-11-20 08:30", 3.75, "2026-11-20 13:45"),
    ("2026-11-20 11:59", 0.5, "2026-11-20 13:59"),
    ("2026-11-20 12:00", 0.5, "2026-11-20 14:00"),
    ("2026-11-20 13:29", 4, "2026-11-20 17:30"),
    ("2026-11-20 12:00", 7.5, "2026-11-23 12:00"),
    ("2026-11-20 08:30", 7.5, "2026-11-20 17:30"),
    ("2026-11-20 08:30", 37.5, "2026-11-26 17:30"),  # a week of five days
]
SPRING_FESTIVAL_2026 = [  # off 15 to 23 February, worked Saturdays 14 and 28
    ("2026-02-13 16:30", 2, "2026-02-14 09:30"),
    ("2026-02-14 16:30", 2, "2026-02-24 09:30"),
    ("2026-02-15 00:00", 0.5, "2026-02-24 09:00"),
    ("2026-02-18 10:00", 7.5, "2026-02-24 17:30"),
    ("2026-02-23 23:59", 1, "2026-02-24 09:30"),
    ("2026-02-27 17:00", 8, "2026-02-28 17:30"),
    ("2026-02-27 17:00", 8.5, "2026-03-02 09:00"),
    ("2026-02-10 08:30", 37.5, "2026-02-14 17:30"),  # 10, 11, 12, 13, make-up 14
]
NATIONAL_DAY_2025 = [  # off 1 to 8 October, worked Sunday 28 September, Saturday 11 October
    ("2025-09-26 17:00", 1, "2025-09-28 09:00"),
    ("2025-09-27 12:00", 2, "2025-09-28 10:30"),
    ("2025-09-28 17:00", 1, "2025-09-29 09:00"),
    ("2025-09-30 17:00", 1, "2025-10-09 09:00"),
    ("2025-10-08 17:29", 1, "2025-10-09 09:30"),
    ("2025-10-10 17:00", 1, "2025-10-11 09:00"),
    ("2025-10-11 17:00", 1, "2025-10-13 09:00"),
]
NATIONAL_DAY_2026 = [  # off 1 to 7 October, worked Sunday 20 September, Saturday 10 October
    ("2026-09-18 17:00", 1, "2026-09-20 09:00"),
    ("2026-09-20 17:00", 1, "2026-09-21 09:00"),
    ("2026-09-24 17:00", 1, "2026-09-28 09:00"),  # the Mid-Autumn Festival, 25 to 27
    ("2026-10-03 10:00", 1, "2026-10-08 09:30"),
    ("2026-10-10 17:00", 1, "2026-10-12 09:00"),
    ("2026-10-10 13:00", 4, "2026-10-10 17:30"),
]
YEAR_ENDS = [
    ("2024-12-31 17:00", 1, "2025-01-02 09:00"),
    ("2025-12-31 17:00", 8, "2026-01-04 17:30"),  # worked Sunday
    ("2026-01-02 09:00", 8, "2026-01-05 09:00"),
    ("2026-12-31 17:00", 1, "2027-01-04 09:00"),  # from here on without an official list
    ("2027-02-04 17:00", 1, "2027-02-11 09:00"),  # New Year's Eve Friday 5, two days made up
    ("2027-12-31 17:00", 1, "2028-01-04 09:00"),  # 1 January is a Saturday: Monday is off
]


@pytest.mark.parametrize(
    ("start", "amount", "due"),
    LUNCH + SPRING_FESTIVAL_2026 + NATIONAL_DAY_2025 + NATIONAL_DAY_2026 + YEAR_ENDS,
)
def test_working_hours(start, amount, due):
    assert add(local(start), hours(amount), OFFICE) == local(due)
    assert between(local(start), local(due), OFFICE) == hours(amount)


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2026-02-13 10:00", 1, "2026-02-14 17:30"),
        ("2026-02-13 10:00", 2, "2026-02-24 17:30"),
        ("2026-02-13 10:00", 5, "2026-02-27 17:30"),
        ("2026-02-13 10:00", 6, "2026-02-28 17:30"),
        ("2026-02-13 10:00", 7, "2026-03-02 17:30"),
        ("2026-02-10 17:31", 15, "2026-03-09 17:30"),
        ("2026-02-20 10:00", 1, "2026-02-24 17:30"),  # begun in the holiday
        ("2025-09-26 10:00", 1, "2025-09-28 17:30"),  # a Sunday
        ("2025-09-26 10:00", 3, "2025-09-30 17:30"),
        ("2025-09-26 10:00", 4, "2025-10-09 17:30"),
        ("2025-09-26 10:00", 6, "2025-10-11 17:30"),
        ("2025-09-26 10:00", 7, "2025-10-13 17:30"),
        ("2026-09-30 10:00", 1, "2026-10-08 17:30"),
        ("2026-09-30 10:00", 3, "2026-10-10 17:30"),
        ("2026-09-30 10:00", 4, "2026-10-12 17:30"),
        ("2025-12-31 10:00", 1, "2026-01-04 17:30"),
        ("2025-12-31 10:00", 2, "2026-01-05 17:30"),
        ("2026-12-30 10:00", 2, "2027-01-04 17:30"),
        ("2027-02-03 10:00", 2, "2027-02-11 17:30"),
        ("2027-12-30 10:00", 2, "2028-01-04 17:30"),
    ],
)
def test_working_days(start, days, due):
    assert add_working_days(local(start), days, OFFICE) == local(due)


@pytest.mark.parametrize(
    ("calendar", "start", "amount", "due"),
    [
        (DESK, "2026-11-24 11:00", 2, "2026-11-26 10:00"),  # nobody there on Wednesday
        (DESK, "2026-11-20 11:00", 2, "2026-11-21 10:00"),  # Saturday morning
        (DESK, "2026-11-21 11:00", 2, "2026-11-23 10:00"),
        (DESK, "2026-10-09 11:00", 5, "2026-10-12 10:00"),  # a make-up Saturday as any Saturday
        (DESK, "2026-09-19 11:00", 2, "2026-09-20 10:00"),  # a make-up Sunday as a Monday
        (DESK, "2026-09-30 11:00", 2, "2026-10-08 11:00"),
        (STORES, "2026-11-24 17:00", 2, "2026-11-26 10:00"),
        (OFFICE, "2026-11-24 17:00", 2, "2026-11-25 10:00"),  # where the others work
        (NIGHT_DESK, "2026-11-20 23:00", 2, "2026-11-21 17:00"),
        (NIGHT_DESK, "2026-11-20 16:00", 8, "2026-11-21 00:00"),
    ],
)
def test_departments_keep_their_own_hours(calendar, start, amount, due):
    assert add(local(start), hours(amount), calendar) == local(due)
    assert between(local(start), local(due), calendar) == hours(amount)


@pytest.mark.parametrize(
    ("calendar", "days", "due"),
    [
        (OFFICE, 2, "2026-11-26 17:30"),
        (STORES, 2, "2026-11-27 17:30"),
        (DESK, 2, "2026-11-27 12:00"),
        (NIGHT_DESK, 2, "2026-11-27 00:00"),
    ],
)
def test_a_department_closed_on_a_day_others_work_has_a_day_more(calendar, days, due):
    assert add_working_days(local("2026-11-24 10:00"), days, calendar) == local(due)


def test_our_own_word_holds_before_the_list():
    inventory = Override(date(2026, 10, 10), is_working=False)
    on_call = Override(date(2026, 10, 3), is_working=True, intervals=((540, 720),))
    calendar = chinese_calendar(OFFICE.weekly, (inventory, on_call))
    assert add(local("2026-09-30 17:00"), hours(1), calendar) == local("2026-10-03 09:30")
    assert add(local("2026-10-09 17:00"), hours(1), calendar) == local("2026-10-12 09:00")


def test_an_imported_list_holds_before_what_the_law_alone_says():
    off, worked = OfficialDay(False, "Spring Festival"), OfficialDay(True, "Spring Festival")
    festival = {date(2027, 2, day): off for day in range(5, 12)}
    made_up = {date(2027, 2, 14): worked, date(2027, 2, 20): worked}
    lists = ((2027, tuple((festival | made_up).items())),)
    calendar = chinese_calendar(OFFICE.weekly, (), lists)
    assert add(local("2027-02-04 17:00"), hours(1), calendar) == local("2027-02-12 09:00")
    assert add(local("2027-02-12 17:00"), hours(1), calendar) == local("2027-02-14 09:00")
    assert add_working_days(local("2027-02-04 10:00"), 8, calendar) == local("2027-02-20 17:30")
    assert add(local("2026-12-31 17:00"), hours(1), calendar) == local("2027-01-01 09:00")


@pytest.mark.parametrize(("year", "days"), [(2025, 248), (2026, 248)])
def test_a_year_has_so_many_working_days(year, days):
    whole = between(local(f"{year}-01-01 00:00"), local(f"{year + 1}-01-01 00:00"), OFFICE)
    assert whole == days * hours(7.5)


@pytest.mark.parametrize("year", [2027, 2028, 2040, 2098, 2099, 2150])
def test_a_year_without_a_list_never_fails(year):
    calendar = chinese_calendar((OFFICE_DAY,) * 5 + ((), ()))
    start = local(f"{year}-12-20 10:00")
    due = add_working_days(start, 30, calendar)
    assert timedelta(days=40) < due - start < timedelta(days=60)
    assert between(start, add(start, hours(200), calendar), calendar) == hours(200)
    assert next_open(start, calendar) >= start

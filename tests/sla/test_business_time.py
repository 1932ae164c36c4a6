"""Due times as a union office in China would count them on its fingers."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from hotline.calendars.chinese import ZONE, Override, chinese_calendar
from hotline.sla.business_time import (
    BusinessCalendar,
    CalendarError,
    add,
    add_working_days,
    between,
    is_open,
    next_open,
)
from tests.sla.office import OFFICE, OFFICE_DAY, hours, local

# A service hall: no lunch break, and Saturday mornings.
HALL = chinese_calendar((((540, 1020),),) * 5 + (((540, 720),), ()))
NEVER = BusinessCalendar(ZONE, ((),) * 7)
AROUND_THE_CLOCK = BusinessCalendar(ZONE, (((0, 1440),),) * 7)


@pytest.mark.parametrize(
    ("start", "amount", "due"),
    [
        ("2026-11-20 09:00", 2, "2026-11-20 11:00"),
        ("2026-11-20 10:00", 2, "2026-11-20 12:00"),  # ends with the morning, not after lunch
        ("2026-11-20 11:00", 2, "2026-11-20 14:30"),  # lunch does not count
        ("2026-11-20 12:40", 2, "2026-11-20 15:30"),  # starts inside lunch
        ("2026-11-20 17:00", 2, "2026-11-23 10:00"),  # over the weekend
        ("2026-11-20 23:10", 2, "2026-11-23 10:30"),  # Friday night
        ("2026-11-19 02:00", 2, "2026-11-19 10:30"),  # before dawn
        ("2026-11-22 12:00", 2, "2026-11-23 10:30"),  # on Sunday
        ("2026-02-13 17:00", 7, "2026-02-14 16:30"),  # the make-up Saturday counts
        ("2026-02-13 17:00", 9, "2026-02-24 09:30"),  # then comes Spring Festival
        ("2026-09-30 17:00", 2, "2026-10-08 10:00"),  # the week of National Day
        ("2026-10-09 17:00", 2, "2026-10-10 10:00"),  # its make-up Saturday
        ("2025-12-31 17:00", 2, "2026-01-04 10:00"),  # over New Year, to a make-up Sunday
        ("2026-12-31 17:00", 2, "2027-01-04 10:00"),  # into a year without an official list
        ("2026-11-20 12:40", 0, "2026-11-20 12:40"),
    ],
)
def test_working_hours(start, amount, due):
    assert add(local(start), hours(amount), OFFICE) == local(due)
    assert between(local(start), local(due), OFFICE) == hours(amount)


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2026-11-20 09:00", 5, "2026-11-27 17:30"),  # 最迟11月27日（周五）下班前
        ("2026-11-20 23:59", 5, "2026-11-27 17:30"),  # the hour does not matter
        ("2026-11-21 10:00", 1, "2026-11-23 17:30"),  # from a Saturday
        ("2026-11-19 10:00", 1, "2026-11-20 17:30"),
        ("2026-10-08 10:00", 2, "2026-10-10 17:30"),  # 10月10日补班计入
        ("2026-09-28 10:00", 5, "2026-10-10 17:30"),  # 29, 30, holidays, 8, 9, make-up 10
        ("2026-02-12 10:00", 3, "2026-02-24 17:30"),  # 13, make-up 14, Spring Festival, 24
        ("2026-12-30 10:00", 2, "2027-01-04 17:30"),
        ("2026-11-20 09:00", 30, "2027-01-04 17:30"),
    ],
)
def test_working_days(start, days, due):
    assert add_working_days(local(start), days, OFFICE) == local(due)


def test_departments_keep_their_own_hours():
    assert add(local("2026-11-20 16:30"), hours(2), HALL) == local("2026-11-21 10:30")
    assert add_working_days(local("2026-11-19 09:00"), 2, HALL) == local("2026-11-21 12:00")
    assert add_working_days(local("2026-11-20 09:00"), 2, HALL) == local("2026-11-23 17:00")


def test_an_administrator_knows_better_than_the_official_list():
    flood = Override(date(2026, 11, 23), is_working=False, name="Flood")
    open_day = Override(date(2026, 11, 21), is_working=True)
    short_day = Override(date(2026, 11, 20), is_working=True, intervals=((510, 720),))
    calendar = chinese_calendar(OFFICE.weekly, (short_day, open_day, flood))
    friday_noon = local("2026-11-20 11:00")
    assert add(friday_noon, hours(2), calendar) == local("2026-11-21 09:30")
    assert add_working_days(friday_noon, 1, calendar) == local("2026-11-21 17:30")
    assert add_working_days(friday_noon, 2, calendar) == local("2026-11-24 17:30")


def test_open_and_next_open():
    assert is_open(local("2026-11-20 08:30"), OFFICE)
    assert not is_open(local("2026-11-20 12:00"), OFFICE)  # closing is not open
    assert not is_open(local("2026-10-01 10:00"), OFFICE)
    assert next_open(local("2026-11-20 10:00"), OFFICE) == local("2026-11-20 10:00")
    assert next_open(local("2026-11-20 12:00"), OFFICE) == local("2026-11-20 13:30")
    assert next_open(local("2026-12-31 18:00"), OFFICE) == local("2027-01-04 08:30")


def test_what_comes_out_is_utc():
    start = local("2026-11-20 09:00")
    for due in (
        add(start, hours(0), OFFICE),
        add(start, hours(2), OFFICE),
        add_working_days(start, 5, OFFICE),
        next_open(start, OFFICE),
    ):
        assert due.tzinfo is UTC


def test_around_the_clock_is_the_wall_clock():
    start = local("2026-12-30 22:15")
    assert add(start, hours(75), AROUND_THE_CLOCK) == start.astimezone(UTC) + hours(75)


def test_time_runs_backwards_when_asked_backwards():
    early, late = local("2026-11-20 09:00"), local("2026-11-23 09:00")
    assert between(late, early, OFFICE) == -between(early, late, OFFICE) == -hours(7.5)


NEW_YORK = ZoneInfo("America/New_York")
SHOP = BusinessCalendar(NEW_YORK, (((60, 300),),) * 7)  # 01:00–05:00


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2026-03-08 01:30", "2026-03-08 04:30"),  # 02:00 to 03:00 does not exist
        ("2026-11-01 01:30", "2026-11-01 02:30"),  # 01:00 to 02:00 comes twice
        ("2026-03-07 04:00", "2026-03-08 03:00"),
    ],
)
def test_summer_time_begins_and_ends_inside_an_interval(start, due):
    assert add(local(start, NEW_YORK), hours(2), SHOP) == local(due, NEW_YORK)


def test_hours_that_the_summer_time_gap_swallows():
    torn = BusinessCalendar(NEW_YORK, (((60, 150), (180, 300)),) * 7)  # 01:00–02:30, 03:00–05:00
    sunday = date(2026, 3, 8)
    intervals = list(torn.open_intervals(sunday))
    assert sum((end - begin for begin, end in intervals), timedelta()) == hours(3)
    assert intervals == sorted(intervals)


@pytest.mark.parametrize(
    "ask",
    [
        lambda at: add(at, hours(1), NEVER),
        lambda at: add_working_days(at, 1, NEVER),
        lambda at: next_open(at, NEVER),
    ],
)
def test_a_calendar_that_never_opens_says_so(ask):
    with pytest.raises(CalendarError):
        ask(local("2026-11-20 09:00"))


@pytest.mark.parametrize(
    "ask",
    [
        lambda: add(local("2026-11-20 09:00"), -hours(1), OFFICE),
        lambda: add_working_days(local("2026-11-20 09:00"), 0, OFFICE),
        lambda: add(datetime(2026, 11, 20, 9), hours(1), OFFICE),  # noqa: DTZ001 - that is the point
        lambda: BusinessCalendar(ZONE, (OFFICE_DAY,) * 6),
        lambda: BusinessCalendar(ZONE, (((810, 1050), (510, 720)),) * 7),
        lambda: BusinessCalendar(ZONE, (((510, 1441),),) * 7),
        lambda: BusinessCalendar(ZONE, (((510, 720), (700, 800)),) * 7),
    ],
)
def test_what_makes_no_sense_is_refused(ask):
    with pytest.raises(ValueError, match="negative|at least one|naive|seven|in order"):
        ask()

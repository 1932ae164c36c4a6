"""What a person reads who asks: how did you come to that due time?"""

from datetime import timedelta

import pytest

from hotline.calendars.chinese import Override, chinese_calendar
from hotline.sla.business_time import add, add_working_days
from hotline.sla.reckoning import StepKind, by_wall_clock, explain, in_hours
from tests.sla.office import OFFICE, hours, local

K = StepKind


def told(reckoning):
    """The steps in short: what, until when, how many hours, how many whole days."""
    return [
        (
            step.kind,
            OFFICE.local(step.end).strftime("%m-%d %H:%M"),
            step.counted / timedelta(hours=1),
            step.working_days,
        )
        for step in reckoning.steps
    ]


def test_two_hours_over_lunch():
    start = local("2026-11-20 11:00")
    assert told(explain(start, add(start, hours(2), OFFICE), OFFICE)) == [
        (K.COUNTED, "11-20 12:00", 1, 0),
        (K.BREAK, "11-20 13:30", 0, 0),
        (K.COUNTED, "11-20 14:30", 1, 0),
    ]


def test_a_night_is_told_once_and_the_weekend_swallows_its_nights():
    thursday, friday = local("2026-11-19 17:00"), local("2026-11-20 17:00")
    assert told(explain(thursday, add(thursday, hours(2), OFFICE), OFFICE)) == [
        (K.COUNTED, "11-19 17:30", 0.5, 0),
        (K.NIGHT, "11-20 08:30", 0, 0),
        (K.COUNTED, "11-20 10:00", 1.5, 0),
    ]
    assert told(explain(friday, add(friday, hours(2), OFFICE), OFFICE)) == [
        (K.COUNTED, "11-20 17:30", 0.5, 0),
        (K.WEEKEND, "11-23 08:30", 0, 0),
        (K.COUNTED, "11-23 10:00", 1.5, 0),
    ]


def test_whole_days_in_a_row_are_one_step():
    start = local("2026-11-16 16:30")
    assert told(in_hours(start, add(start, hours(24), OFFICE), OFFICE)) == [
        (K.COUNTED, "11-16 17:30", 1, 0),
        (K.NIGHT, "11-17 08:30", 0, 0),
        (K.COUNTED, "11-19 17:30", 22.5, 3),
        (K.NIGHT, "11-20 08:30", 0, 0),
        (K.COUNTED, "11-20 09:00", 0.5, 0),
    ]


def test_five_working_days_over_national_day_with_its_make_up_saturday():
    start = local("2026-09-28 10:00")
    reckoning = explain(start, add_working_days(start, 5, OFFICE), OFFICE)
    assert told(reckoning) == [
        (K.FIRST_DAY, "09-29 00:00", 0, 0),
        (K.COUNTED, "10-01 00:00", 15, 2),
        (K.HOLIDAY, "10-08 00:00", 0, 0),
        (K.COUNTED, "10-10 00:00", 15, 2),
        (K.MAKE_UP, "10-10 17:30", 7.5, 1),
    ]
    assert [step.name for step in reckoning.steps] == ["", "", "National Day", "", "National Day"]
    assert reckoning.working_days == 5


def test_a_limit_that_begins_on_a_weekend_has_no_first_day_to_leave_out():
    start = local("2026-11-21 10:00")
    assert told(explain(start, add_working_days(start, 1, OFFICE), OFFICE)) == [
        (K.WEEKEND, "11-23 00:00", 0, 0),
        (K.COUNTED, "11-23 17:30", 7.5, 1),
    ]


def test_people_name_the_days_of_a_weekend_not_its_hours():
    friday = local("2026-11-20 17:00")
    weekend = explain(friday, add(friday, hours(2), OFFICE), OFFICE).steps[1]
    assert (weekend.first.isoformat(), weekend.last.isoformat()) == ("2026-11-21", "2026-11-22")


def test_our_own_closed_day_is_told_by_its_name():
    closed = Override(local("2026-11-20 00:00").date(), is_working=False, name="Move of the house")
    calendar = chinese_calendar(OFFICE.weekly, (closed,))
    start = local("2026-11-19 17:00")
    steps = explain(start, add(start, hours(1), calendar), calendar).steps
    assert [(step.kind, step.name) for step in steps] == [
        (K.COUNTED, ""),
        (K.SPECIAL, "Move of the house"),
        (K.WEEKEND, ""),
        (K.COUNTED, ""),
    ]


@pytest.mark.parametrize("start", ["2026-11-20 11:00", "2026-11-20 23:00"])
def test_what_ends_while_we_are_closed_ran_by_the_wall_clock(start):
    due = local(start) + hours(2)
    assert explain(local(start), due, OFFICE) == by_wall_clock(local(start), due, OFFICE)
    assert told(explain(local(start), due, OFFICE))[0][0] is K.WALL_CLOCK

"""Laws that hold for any hours, any special days, any start and any amount."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from hotline.calendars.chinese import Override, chinese_calendar
from hotline.calendars.listed import frozen
from hotline.calendars.official import OfficialDay
from hotline.sla import deadlines, reckoning
from hotline.sla.business_time import (
    BusinessCalendar,
    add,
    add_working_days,
    between,
    is_open,
    next_open,
)

instants = st.datetimes(datetime(2024, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
amounts = st.timedeltas(timedelta(0), timedelta(hours=300))
dates = st.dates(date(2025, 11, 1), date(2027, 1, 31))


@st.composite
def days_hours(draw):
    minutes = sorted(draw(st.sets(st.integers(0, 1440), max_size=6)))
    return tuple(zip(minutes[::2], minutes[1::2], strict=False))


# Monday is always open, so that every question has an answer.
weeks = st.tuples(st.just(((540, 1020),)), *[days_hours()] * 6)
overrides = st.lists(st.builds(Override, dates, st.booleans(), days_hours()), max_size=12)
listed = st.builds(OfficialDay, st.booleans(), st.just("Spring Festival"))
lists = st.dictionaries(
    st.integers(2025, 2028), st.dictionaries(dates, listed, max_size=12), max_size=2
)
chinese = st.builds(
    lambda week, special, imported: chinese_calendar(week, tuple(special), frozen(imported)),
    weeks,
    overrides,
    lists,
)
elsewhere = st.builds(
    BusinessCalendar, st.sampled_from([ZoneInfo("America/New_York"), ZoneInfo("UTC")]), weeks
)
calendars = chinese | elsewhere


@given(instants, amounts, calendars)
def test_adding_and_measuring_invert_each_other(start, amount, calendar):
    assert between(start, add(start, amount, calendar), calendar) == amount


@given(instants, instants, instants, calendars)
def test_a_span_split_anywhere_sums_up(one, other, third, calendar):
    first, middle, last = sorted((one, other, third))
    parts = between(first, middle, calendar) + between(middle, last, calendar)
    assert parts == between(first, last, calendar)
    # Nor does it matter whether the point lies within the span.
    assert between(one, other, calendar) + between(other, third, calendar) == between(
        one, third, calendar
    )


@given(instants, instants, calendars)
def test_business_time_is_never_more_than_time(one, other, calendar):
    start, end = sorted((one, other))
    assert timedelta(0) <= between(start, end, calendar) <= end - start
    assert add(start, between(start, end, calendar), calendar) <= end


@given(instants, instants, instants, calendars)
def test_a_longer_span_never_counts_less(one, other, third, calendar):
    start, end, later = sorted((one, other, third))
    assert between(start, end, calendar) <= between(start, later, calendar)


@given(instants, amounts, amounts, calendars)
def test_adding_in_two_steps_is_adding_at_once(start, first, second, calendar):
    in_two = add(add(start, first, calendar), second, calendar)
    assert in_two == add(start, first + second, calendar)


@given(instants, amounts, amounts, calendars)
def test_a_longer_limit_is_never_due_earlier(start, one, other, calendar):
    shorter, longer = sorted((one, other))
    assert add(start, shorter, calendar) <= add(start, longer, calendar)


@given(instants, instants, amounts, calendars)
def test_a_later_start_is_never_due_earlier(one, other, amount, calendar):
    earlier, later = sorted((one, other))
    assert add(earlier, amount, calendar) <= add(later, amount, calendar)


@given(instants, amounts, calendars)
def test_a_due_time_lies_in_business_time_or_at_its_end(start, amount, calendar):
    due = add(start, amount + timedelta(microseconds=1), calendar)
    assert is_open(due - timedelta(microseconds=1), calendar)


@given(instants, calendars)
def test_nothing_is_counted_before_the_next_opening(at, calendar):
    opening = next_open(at, calendar)
    assert opening >= at
    assert is_open(opening, calendar)
    assert between(at, opening, calendar) == timedelta(0)


@given(instants, st.integers(1, 30), calendars)
def test_one_more_working_day_is_one_more_day(start, days, calendar):
    due = add_working_days(start, days, calendar)
    on_that_day = due - timedelta(microseconds=1)  # a day may close at midnight
    assert add_working_days(start, days + 1, calendar) == add_working_days(on_that_day, 1, calendar)
    assert calendar.local(on_that_day).date() > calendar.local(start).date()


@given(instants, st.timedeltas(timedelta(seconds=1), timedelta(days=60)), calendars)
def test_the_steps_of_a_reckoning_lie_end_to_end_and_add_up(start, length, calendar):
    due = start + length
    told = reckoning.in_hours(start, due, calendar)
    assert (told.steps[0].begin, told.steps[-1].end) == (start, due)
    for step, following in zip(told.steps, told.steps[1:], strict=False):
        assert step.end == following.begin
        assert step.begin < step.end
    assert told.counted == between(start, due, calendar)


@given(instants, st.integers(1, 30), calendars)
def test_a_reckoning_in_working_days_counts_them_all(start, days, calendar):
    due = add_working_days(start, days, calendar)
    told = reckoning.in_days(start, due, calendar)
    assert told.working_days == days
    assert (told.steps[0].begin, told.steps[-1].end) == (start, due)


@given(instants, st.timedeltas(timedelta(minutes=1), timedelta(hours=90)), calendars, calendars)
def test_what_is_left_of_a_limit_is_left_of_it_in_another_calendar(at, amount, before, after):
    due = add(at, amount, before)
    left = reckoning.explain(at, due, before)
    moved = deadlines.moved_by_calendar(due, at, before, after)
    if left.counts_days:
        assert moved == add_working_days(at, left.working_days, after)
    else:
        assert between(at, moved, after) == amount
    assert deadlines.moved_by_calendar(due, due, before, after) == due  # what is due stays due
    assert deadlines.moved_by_calendar(due, at, before, before) == due

"""Reports cut by what one likes: the parts add up."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select

from hotline.calendars.chinese import ZONE
from hotline.figures import behind, over_time, report
from hotline.figures.measures import MEASURES
from hotline.figures.period import Period
from hotline.figures.sources import By
from models import Call, db
from tests.figures.reported.reading import scope_of


@pytest.mark.parametrize("by", By)
def test_the_rows_of_every_cut_add_up_and_are_the_rows_behind(weeks, clock, by):
    scope = scope_of(weeks, clock)
    found = report.report(scope, by)
    whole = report.counts(scope, MEASURES)
    assert found.total.counts == +whole
    for key, line in found.lines.items():
        narrowed = behind.within(scope, by, "" if key is None else str(getattr(key, "value", key)))
        for name in MEASURES:
            assert behind.number(MEASURES[name], narrowed) == line.counts[name], (key, name)


def test_the_leaves_of_a_category_are_its_rows_once_it_is_chosen(weeks, clock):
    pay = weeks.category("pay")
    tops = report.report(scope_of(weeks, clock), By.CATEGORY)
    leaves = report.report(
        scope_of(weeks, clock, narrowed=((By.CATEGORY, str(pay.id)),)), By.CATEGORY
    )
    assert set(leaves.lines) == {weeks.category(code).id for code in ("arrears", "overtime")}
    assert leaves.total.counts["matters"] == tops.lines[pay.id].counts["matters"] > 0


def test_the_same_report_twice_is_the_same(weeks, clock):
    scope = scope_of(weeks, clock)
    first, second = (report.report(scope, By.OPERATOR) for _ in range(2))
    assert first == second


def test_parts_of_a_trend_are_the_reports_of_their_days(weeks, clock):
    scope = scope_of(weeks, clock)
    days = [
        Period(scope.period.first + timedelta(n), scope.period.first + timedelta(n))
        for n in range(45)
    ]
    names = ["calls", "matters", "closed", "handle_due", "handle_on_time", "solved"]
    trend = over_time.trend(scope, days, names)
    for day, counted in zip(days, trend, strict=True):
        assert +counted == +report.counts(scope_of(weeks, clock, day.first, 1), names)
    whole = report.counts(scope, names)
    assert sum(trend, Counter()) == +whole


def test_the_heat_map_is_every_call_once_and_each_cell_its_calls(weeks, clock):
    scope = scope_of(weeks, clock)
    cells = over_time.calls_by_hour(scope)
    slow = Counter(
        (call.started_at.astimezone(ZONE).weekday(), call.started_at.astimezone(ZONE).hour)
        for call in db.session.scalars(select(Call).where(Call.direction == "inbound"))
        if scope.period.since <= call.started_at < scope.period.until
    )
    assert cells == slow
    for (weekday, hour), number in cells.items():
        inside = scope_of(weeks, clock, more=(over_time.in_hour(weekday, hour),))
        assert behind.number(MEASURES["calls"], inside) == number

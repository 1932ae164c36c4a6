"""A report as a table: percentiles and scores in their own columns; what is compared with it."""

import csv
import io
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest

from hotline.figures import in_words, over_time, rising, score, table_pages
from hotline.figures.period import Period
from hotline.figures.report import Line, Report
from hotline.figures.sources import Scope
from hotline.figures.wanted import Wanted
from hotline.sla import policies
from hotline.unit_of_work import unit_of_work
from models import Call, CallResult, CallState, Direction, Role, TicketStatus, db
from tests.handoffs.house import at
from tests.makers import make_category, make_department, make_ticket, make_user
from tests.stages import make_house, put

NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))


@pytest.fixture
def house(app, clock):
    return make_house()


def total_of(lines):
    return dict(zip(lines[0], lines[-1], strict=True))


def picked_up_after(seconds, when):
    ticket = make_ticket(at=when)
    with unit_of_work():
        db.session.add_all(
            Call(
                provider="simulator",
                call_ref=f"CA{n}",
                direction=Direction.INBOUND,
                ticket_id=ticket.id,
                caller_id=ticket.caller_id,
                state=CallState.ENDED,
                result=CallResult.ANSWERED,
                started_at=when,
                answered_at=when + timedelta(seconds=waited),
                pickup_seconds=waited,
                ended_at=when + timedelta(hours=9),
                heard_at=when,
            )
            for n, waited in enumerate(seconds)
        )


def test_each_percentile_stands_under_its_name(house, clock, sign_in):
    picked_up_after([n * 60 for n in range(1, 21)], clock.time)
    browser = sign_in(make_user(Role.SUPERVISOR, locale="en"))
    with browser.post("/reports/export", data={"period": "2026-11", "format": "csv"}) as answer:
        lines = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    said = total_of(lines)
    names = ("median", "p90", "p95", "worst")
    assert [said[f"Pick-up: {name}"] for name in names] == [
        "0:10:00",
        "0:18:00",
        "0:19:00",
        "0:20:00",
    ]


def test_the_score_stands_before_the_one_without_the_excluded(app):
    counts = Counter(valid=4, contacted=4, solved=2, satisfied=2)
    counts.update(valid_kept=2, contacted_kept=2, solved_kept=2, satisfied_kept=2)
    line = Line(counts)
    with app.test_request_context(headers={"Accept-Language": "en"}):
        table = table_pages.table(Wanted(NOVEMBER), Report({}, line))
        said = total_of([[column.name for column in table.columns], *table.rows])
    assert said["Satisfied rate"] == 0.5
    assert (said["Score"], said["Score without the excluded"]) == (55, 100)
    assert (said["Solved rate"], said["Caller reached"]) == (0.5, 4)


def test_the_weights_of_the_score_are_settings(app, clock):
    weights = {"score_contacted": 20, "score_solved": 70, "score_satisfied": 10}
    boss = make_user(Role.ADMINISTRATOR)
    with unit_of_work():
        for name, value in {**weights, "score_basically": 50}.items():
            policies.set_value(name, value, actor=boss, at=clock())
    line = Line(Counter(valid=10, contacted=5, solved=2, satisfied=4, basically=2))
    found = score.score(line)
    assert (found.response, found.solved, found.satisfied) == (0.5, 0.2, 0.5)
    assert found.points == pytest.approx(10 + 14 + 5)


def test_the_period_before_and_last_years_are_not_confused(house, clock):
    for when, number in (("2026-11-10", 3), ("2026-10-10", 2), ("2025-11-10", 1)):
        for n in range(number):
            make_ticket(phone=f"13{when[2:4]}{when[5:7]}0000{n}0", at=at(f"{when} 10:00"))
    told = in_words.told(
        Scope(NOVEMBER, house["supervisor"], clock.time),
        Period(date(2026, 10, 1), date(2026, 10, 31)),
        Period(date(2025, 11, 1), date(2025, 11, 30)),
    )
    lines = (told.total, told.before, told.year_before)
    assert [line.counts["matters"] for line in lines] == [3, 2, 1]


def test_the_three_things_that_are_asked_most_are_named_the_most_first(house, clock):
    for number in range(1, 5):
        category = make_category(f"asked{number}")
        for n in range(number):
            phone = f"13911{number}1000{n}"
            make_ticket(operator=house["operator"], category=category, phone=phone, at=clock.time)
    told = in_words.told(
        Scope(NOVEMBER, house["supervisor"], clock.time), NOVEMBER.before(), NOVEMBER.year_before()
    )
    assert [(category.code, number) for category, number in told.top] == [
        ("asked4", 4),
        ("asked3", 3),
        ("asked2", 2),
    ]


@pytest.mark.parametrize(("of_the_women", "named"), [(1, "legal"), (2, "women")])
def test_the_department_with_most_late_answers_is_named_of_two_the_older_one(
    house, clock, of_the_women, named
):
    clock.set(at("2026-11-02 09:30"))
    put(house, TicketStatus.ACCEPTED, clock.time, "13911110001")
    women = make_department("women")
    people = {**house.people, "handler": make_user(Role.HANDLER, department=women)}
    for n in range(of_the_women):
        there = replace(house, legal=women, people=people)
        put(there, TicketStatus.ACCEPTED, clock.time, f"1392222000{n}")
    clock.set(at("2026-11-27 09:30"))
    told = in_words.told(
        Scope(NOVEMBER, house["supervisor"], clock.time), NOVEMBER.before(), NOVEMBER.year_before()
    )
    assert told.latest[0].code == named


def test_the_points_of_a_trend_are_whole_days_whatever_the_report_is_about(house, clock):
    for n, moment in enumerate(("01 12:00", "02 23:59", "04 00:00", "05 23:59", "06 00:00")):
        make_ticket(phone=f"1391111000{n}", at=at(f"2026-11-{moment}"))
    days = [Period(date(2026, 11, n), date(2026, 11, n)) for n in range(1, 6)]
    for whole in (NOVEMBER, days[-1]):
        scope = Scope(whole, house["supervisor"], clock.time)
        found = over_time.trend(scope, days, ["matters"])
        assert [one["matters"] for one in found] == [1, 1, 0, 1, 1]


def test_of_very_many_that_rise_those_that_rise_most_are_enough(house, clock):
    for n in range(rising.SHOWN + 1):
        category = make_category(f"rises{n}")
        for which in range(rising.CATEGORY_FROM + (n == 0)):
            make_ticket(
                operator=house["operator"],
                category=category,
                phone=f"139{n:04d}{which:04d}",
                at=at("2026-11-10 10:00"),
            )
    scope = Scope(NOVEMBER, house["supervisor"], clock.time)
    found = rising.categories(scope, NOVEMBER.before())
    assert len(found) == rising.SHOWN
    assert found[0].number == rising.CATEGORY_FROM + 1

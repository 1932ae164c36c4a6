"""What is kept of a day is what its rows say, whatever is written before, between and after."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select

from hotline.calendars.chinese import ZONE
from hotline.figures import jobs, keeping, kept, over_time, report, touched
from hotline.figures.kept import CUTS, DEPARTMENT
from hotline.figures.measures import MEASURES
from hotline.figures.period import Period
from hotline.figures.sources import By, Scope
from hotline.sla import policies
from hotline.unit_of_work import unit_of_work
from models import Caller, CallerKind, FigureDay, FigureTouch, Notification, Ticket, db
from tests.figures.reported.conftest import MONDAY
from tests.figures.reported.history import Weeks

TREND = ("calls", "matters", "closed", "handle_due", "valid")


class Lives(Weeks):
    """Weeks in which callers turn out to be somebody else, and tickets to be about staff."""

    def step(self, number):
        self.live(number)
        with unit_of_work():
            caller = self.rng.choice(db.session.scalars(db.select(Caller)).all())
            caller.kind = self.rng.choice((CallerKind.WORKER, CallerKind.EMPLOYER))
            if self.rng.random() < 0.2:
                ticket = self.rng.choice(db.session.scalars(db.select(Ticket)).all())
                ticket.about_user_id = self.rng.choice((self.house["supervisor"].id, None))


def keep_all():
    while jobs.keep_figures():
        pass


def everything(scope, by):
    """All that reports read of a scope, and how many days of it were kept."""
    halves = [
        Period(scope.period.first, scope.period.first + timedelta(9)),
        Period(scope.period.first + timedelta(10), scope.period.last),
    ]
    found = report.report(scope, by)
    lines = {
        key: (line.counts, {clock: list(values) for clock, values in line.values.items()})
        for key, line in found.lines.items()
    }
    return (
        lines,
        {clock: found.total.spread(clock) for clock in found.total.values},
        report.counts(scope, MEASURES),
        over_time.trend(scope, halves, TREND),
        {cell: n for cell, n in over_time.calls_by_hour(scope).items() if n},
    )


def live(scope, by):
    """The same without anything that is kept."""
    db.session.execute(delete(FigureDay))
    found = everything(scope, by)
    db.session.rollback()
    return found


def scope_of(weeks, viewer="supervisor"):
    first = MONDAY.astimezone(ZONE).date()
    last = weeks.clock().astimezone(ZONE).date() + timedelta(40)  # what is due lies ahead
    return Scope(Period(first, last), weeks.house[viewer], weeks.clock())


@pytest.fixture
def lives(app, clock):
    clock.set(MONDAY)
    return Lives(clock, 5)


@pytest.mark.parametrize("seed", [5, 23])
def test_what_is_kept_is_what_is_counted_at_every_step_of_random_weeks(app, clock, seed):
    clock.set(MONDAY)
    weeks, bys, served = Lives(clock, seed), list(By), 0
    weeks.live(40)
    for n in range(24):
        weeks.step(5)
        if n % 4 == 0:
            keep_all()
        scope, by = scope_of(weeks), bys[n % 6]
        if n % 3 == 2:  # a head, and one who takes calls as well
            whose = scope_of(weeks, "head") if n % 2 else scope
            scope = replace(whose, only_departments=(weeks.house.legal.id,))
            by = By.DEPARTMENT
        served += len(kept.of(scope, DEPARTMENT).days)
        assert everything(scope, by) == live(scope, by), n
    assert served > 100


def test_days_are_kept_once_they_are_over_and_today_never(lives, clock):
    lives.live(60)
    keep_all()
    today = clock().astimezone(ZONE).date()
    days = set(db.session.scalars(select(FigureDay.day)))
    assert min(days) == MONDAY.astimezone(ZONE).date()
    assert max(days) == today - timedelta(1)
    assert len(days) == (today - min(days)).days
    rows = db.session.scalar(select(func.count()).select_from(FigureDay))
    assert rows == len(days) * len(CUTS)


def test_a_report_of_days_that_are_kept_reads_no_row(lives, clock, count_queries):
    lives.live(60)
    keep_all()
    first = MONDAY.astimezone(ZONE).date()
    scope = Scope(Period(first, first + timedelta(2)), lives.house["supervisor"], clock())
    count_queries.clear()
    found = report.report(scope, By.DEPARTMENT)
    assert found.total.counts["calls"] > 0
    assert not [one for one in count_queries if "GROUP BY" in one]


def test_a_day_about_which_something_was_written_is_counted_live_until_it_is_kept_anew(
    lives, clock
):
    lives.live(80)
    keep_all()
    ticket = db.session.scalars(select(Ticket).order_by(Ticket.id)).first()
    day = ticket.opened_at.astimezone(ZONE).date()
    scope = Scope(Period(day, day), lives.house["supervisor"], clock())
    assert day in kept.of(scope, DEPARTMENT).days
    before = report.report(scope, By.LEVEL).lines
    with unit_of_work():
        db.session.get_one(Ticket, ticket.id).lead_department_id = lives.second.id
    assert not kept.of(scope, DEPARTMENT).days
    assert lives.second.id in report.report(scope, By.DEPARTMENT).lines
    keep_all()
    assert day in kept.of(scope, DEPARTMENT).days
    assert lives.second.id in report.report(scope, By.DEPARTMENT).lines
    assert report.report(scope, By.LEVEL).lines == before
    assert not db.session.scalar(select(func.count()).select_from(FigureTouch))


def test_another_limit_asks_another_question(lives, clock):
    lives.live(80)
    keep_all()
    scope = scope_of(lives)
    before = report.report(scope, By.DEPARTMENT).total.counts
    with unit_of_work():
        policies.set_value("pickup_seconds", 5, actor=lives.house["supervisor"], at=clock())
    assert not kept.of(scope, DEPARTMENT).days
    after = report.report(scope, By.DEPARTMENT).total.counts
    assert after["fast"] < before["fast"]
    keep_all()
    assert kept.of(scope, DEPARTMENT).days
    assert report.report(scope, By.DEPARTMENT).total.counts == after


def test_who_may_not_see_a_ticket_does_not_see_it_in_a_number(lives, clock):
    lives.live(80)
    ticket_id = db.session.scalars(select(Ticket.id).order_by(Ticket.id)).first()
    with unit_of_work():
        ticket = db.session.get_one(Ticket, ticket_id)
        ticket.about_user_id = lives.house["supervisor"].id
    keep_all()
    day = ticket.opened_at.astimezone(ZONE).date()
    numbers = {}
    for name in ("supervisor", "reviewer"):
        scope = Scope(Period(day, day), lives.house[name], clock())
        assert bool(kept.of(scope, DEPARTMENT).days) == (name == "reviewer")
        numbers[name] = report.counts(scope, ["matters"])["matters"]
    assert numbers["reviewer"] == numbers["supervisor"] + 1


def test_what_is_narrowed_and_what_a_department_sees_is_counted_live(lives, clock):
    lives.live(60)
    keep_all()
    whole = scope_of(lives)
    narrowed = replace(whole, narrowed=((By.URGENCY, "normal"),))
    of_a_head = replace(scope_of(lives, "head"), only_departments=(lives.house.legal.id,))
    assert kept.of(whole, DEPARTMENT).days
    assert kept.of(of_a_head, DEPARTMENT).days
    for scope in (narrowed, of_a_head, scope_of(lives, "head")):
        assert not kept.of(scope, CUTS[By.CATEGORY.value]).days
    assert not kept.of(scope_of(lives, "head"), DEPARTMENT).days


def test_the_nightly_look_finds_a_number_that_does_not_fit(lives, clock):
    """Somebody wrote past the application."""
    lives.live(80)
    keep_all()
    day = db.session.scalars(select(FigureDay.day).order_by(FigureDay.day)).first()
    with unit_of_work():
        row = db.session.get_one(FigureDay, (day, By.DEPARTMENT.value))
        row.counts = bytes(row.counts[:-4]) + b"\1\0\0\0"
    found = 0
    for _ in range(jobs.CHECKED_WITHIN):
        found += jobs.check_figures()
        clock.advance(days=1)
    assert found == 1
    assert day not in set(db.session.scalars(select(FigureDay.day)))
    told = db.session.scalars(select(Notification)).all()
    assert [day.isoformat()] == [one.params["day"] for one in told if "did not fit" in one.text]


def test_a_count_that_was_overtaken_is_not_kept(lives, clock):
    """While a day is counted somebody writes about it, and another sweep takes the note away."""
    lives.live(60)
    day = MONDAY.astimezone(ZONE).date()
    as_of = keeping.turn()
    rows = keeping.count(day, clock())
    db.session.rollback()
    with unit_of_work():
        assert keeping.sweep_touched(jobs.NOTES_AT_ONCE)
    with unit_of_work():
        assert not keeping.keep(rows, as_of)
    assert not db.session.scalar(select(func.count()).select_from(FigureDay))
    assert touched.days() == set()

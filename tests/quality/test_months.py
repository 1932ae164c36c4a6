"""The months of the inspection are those of the reports, whatever day they begin on."""

from datetime import UTC, datetime

import pytest

from hotline.figures import period
from hotline.quality import jobs, redrawing
from hotline.sla import months, policies
from hotline.unit_of_work import unit_of_work
from models import Population, Sample, User, db
from tests.quality.house import closed, draw, score, sheets_of


def local(text):
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


def begin_on(day, house, at):
    with unit_of_work():
        boss = db.session.get_one(User, house["administrator"].id)
        policies.set_value("month_begins_on", day, actor=boss, at=at)


def draw_by_itself():
    """Let the job run; of every sample so far the name, the first day and how many tickets."""
    jobs.draw_closed_tickets_of_last_month()
    found = db.select(Sample).where(Sample.population == Population.CLOSED)
    return [
        (
            sample.series.removeprefix("closed:"),
            f"{months.at(sample.since_at).first:%m-%d}",
            sum(row.count for row in sample.strata),
        )
        for sample in db.session.scalars(found.order_by(Sample.since_at))
    ]


def spans():
    found = db.select(Sample.since_at, Sample.until_at).order_by(Sample.since_at)
    return list(db.session.execute(found).tuples())


def test_months_are_months_of_the_wall(app):
    november = months.month(2026, 11)
    assert november.since.isoformat() == "2026-10-31T16:00:00+00:00"
    assert november.until.isoformat() == "2026-11-30T16:00:00+00:00"


@pytest.mark.parametrize("begins", [1, 2, 19, 28])
def test_the_september_of_the_inspection_is_that_of_the_reports(house, clock, begins):
    begin_on(begins, house, clock())
    for name in ("2024-02", "2024-03", "2026-01", "2026-09", "2026-12"):
        mine, theirs = months.read(name), period.read(name, clock())
        assert (mine.name, mine.since, mine.until) == (name, theirs.since, theirs.until)
        assert mine.after().since == mine.until
        assert mine.before().until == mine.since
    assert months.read("2026-13") is None


def test_a_month_from_the_19th_is_drawn_when_it_is_over(house, clock):
    begin_on(19, house, clock())
    clock.set(local("2026-11-03T09:00"))
    closed(house, local("2026-10-18T23:59"), 1)
    closed(house, local("2026-10-19T00:00"), 2)
    assert draw_by_itself() == [("2026-10", "09-19", 1)]
    closed(house, local("2026-11-18T23:59"), 3)
    closed(house, local("2026-11-19T00:00"), 1)
    clock.set(local("2026-11-19T08:29"))  # a Thursday, before the opening
    assert draw_by_itself() == [("2026-10", "09-19", 1)]
    clock.set(local("2026-11-19T08:30"))
    assert draw_by_itself() == [("2026-10", "09-19", 1), ("2026-11", "10-19", 5)]
    assert draw_by_itself() == [("2026-10", "09-19", 1), ("2026-11", "10-19", 5)]


@pytest.mark.parametrize(
    ("before", "after", "first", "second", "third"),
    [
        (1, 19, ("10-01", "11-01"), ("11-01", "11-19"), ("11-19", "12-19")),
        (19, 1, ("09-19", "10-19"), ("10-19", "11-01"), ("11-01", "12-01")),
    ],
)
def test_after_a_change_of_the_setting_no_day_is_drawn_from_twice_and_none_is_left_out(
    house, clock, before, after, first, second, third
):
    begin_on(before, house, clock())
    clock.set(local("2026-11-03T09:00"))
    jobs.draw_closed_tickets_of_last_month()
    begin_on(after, house, clock())
    clock.set(local("2026-12-21T09:00"))
    jobs.draw_closed_tickets_of_last_month()
    expected = [
        tuple(local(f"2026-{day}T00:00") for day in span) for span in (first, second, third)
    ]
    assert spans() == expected
    assert {one.reason for one in db.session.scalars(db.select(Sample))} == {""}


def test_a_sample_keeps_its_days_when_the_setting_changes(house, clock, sign_in):
    closed(house, local("2026-10-10T10:00"), 4)
    clock.set(local("2026-11-03T09:00"))
    jobs.draw_closed_tickets_of_last_month()
    begin_on(19, house, clock())
    sample = db.session.scalars(db.select(Sample)).one()
    assert redrawing.draw_again(sample).is_same
    page = sign_in(house["reviewer"]).get(f"/quality/samples/{sample.id}").get_data(as_text=True)
    assert "2026-10-01至2026-10-31" in page


def test_the_pages_say_which_days_their_month_has(house, clock, sign_in):
    """Closed on 20 September, a month from the 19th counts it as October; so does the report."""
    begin_on(19, house, clock())
    closed(house, local("2026-09-20T10:00"), 2)
    sample = draw(house, clock(), since=local("2026-09-01T00:00"), until=local("2026-10-01T00:00"))
    for sheet in sheets_of(sample):
        score(sheet, clock())
    browser = sign_in(house["supervisor"])
    for path in (
        "/quality/results?month=2026-10",
        "/quality/results/operator?month=2026-10",
        "/quality/inspections?month=2026-10",
        "/reports/inspected?period=2026-10&by=operator",
    ):
        page = browser.get(path).get_data(as_text=True)
        assert "2026-09-19至2026-10-18" in page, path
    found = browser.get("/quality/results/operator?month=2026-10").get_data(as_text=True)
    assert found.count('href="/tickets/') == 2
    listed = browser.get("/quality/inspections?month=2026-09").get_data(as_text=True)
    assert "2026-08-19至2026-09-18" in listed
    assert listed.count('href="/quality/inspections/') == 0


def test_the_form_offers_the_last_month_that_is_over(house, clock, sign_in):
    begin_on(19, house, clock())
    clock.set(local("2026-11-18T09:00"))
    page = sign_in(house["supervisor"]).get("/quality/samples").get_data(as_text=True)
    assert 'value="2026-09-19"' in page
    assert 'value="2026-10-18"' in page

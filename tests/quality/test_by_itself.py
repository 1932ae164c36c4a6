"""What is drawn by itself: every month, and answers in each half of a working day."""

from datetime import UTC, datetime

from hotline.quality import jobs, redrawing
from hotline.unit_of_work import unit_of_work
from models import (
    Population,
    Sample,
    db,
)
from tests.quality.house import (
    answered,
    closed,
    draw,
)


def by_itself(population):
    found = db.select(Sample).where(Sample.population == population, Sample.series.is_not(None))
    return list(db.session.scalars(found.order_by(Sample.since_at)))


def local(text):
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


def test_the_month_before_is_drawn_on_the_first_working_day_once(house, clock):
    closed(house, local("2026-11-30T23:00"), 2)  # the last evening of November
    closed(house, local("2026-12-01T00:00"), 1)
    clock.set(local("2026-12-01T08:29"))  # a Tuesday, before the opening
    with unit_of_work():  # October is done
        db.session.add(
            Sample(
                population=Population.CLOSED, series="closed:2026-10", seed="x", percent=10,
                no_matter_weight=2, since_at=local("2026-10-01T00:00"),
                until_at=local("2026-11-01T00:00"), drawn_at=clock(),
            )
        )  # fmt: skip
    assert jobs.draw_closed_tickets_of_last_month() == 0
    clock.set(local("2026-12-01T08:30"))
    assert jobs.draw_closed_tickets_of_last_month() == 1
    assert jobs.draw_closed_tickets_of_last_month() == 0
    sample = by_itself(Population.CLOSED)[-1]
    assert (sample.series, sample.drawn_by_id) == ("closed:2026-11", None)
    assert [row.count for row in sample.strata] == [2]
    assert len(sample.seed) == 16


def test_a_month_that_begins_with_a_holiday_is_drawn_from_after_it(house, clock):
    clock.set(local("2026-10-01T12:00"))  # National Day; work begins on the 8th
    assert jobs.draw_closed_tickets_of_last_month() == 0
    clock.set(local("2026-10-08T08:30"))
    assert jobs.draw_closed_tickets_of_last_month() == 1


def test_after_months_without_power_every_month_is_drawn_from(house, clock):
    clock.set(local("2026-08-03T09:00"))
    jobs.draw_closed_tickets_of_last_month()
    clock.set(local("2026-11-16T09:00"))
    assert jobs.draw_closed_tickets_of_last_month() == 3
    assert [one.series for one in by_itself(Population.CLOSED)] == [
        "closed:2026-07",
        "closed:2026-08",
        "closed:2026-09",
        "closed:2026-10",
    ]


def test_what_a_supervisor_drew_from_as_a_whole_is_done(house, clock):
    since, until = local("2026-10-01T00:00"), local("2026-11-01T00:00")
    draw(house, clock(), since=since, until=until)
    assert jobs.draw_closed_tickets_of_last_month() == 0


def test_answers_are_drawn_from_in_each_half_of_a_working_day(house, clock):
    clock.set(local("2026-11-16T08:00"))
    assert jobs.draw_answers_before_their_callback() == 0
    answered(house, clock(), 2)
    clock.set(local("2026-11-16T08:30"))
    assert jobs.draw_answers_before_their_callback() == 1
    assert jobs.draw_answers_before_their_callback() == 0
    answered(house, local("2026-11-16T09:00"), 2)
    clock.set(local("2026-11-16T13:30"))
    assert jobs.draw_answers_before_their_callback() == 1
    clock.set(local("2026-11-21T10:00"))  # a Saturday
    assert jobs.draw_answers_before_their_callback() == 0
    morning, noon = by_itself(Population.ANSWERS)
    assert noon.since_at == morning.until_at
    assert [(row.count, row.size) for row in morning.strata] == [(2, 1)]
    # Ten per cent of four is one, and that one was drawn in the morning.
    assert [(row.before, row.drawn_before, row.count, row.size) for row in noon.strata] == [
        (2, 1, 2, 0)
    ]
    assert redrawing.draw_again(noon).is_same

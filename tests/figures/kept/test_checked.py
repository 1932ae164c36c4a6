"""The nightly look at what is kept raises no alarm over what is known to be counted anew."""

import pytest
from sqlalchemy import select

from hotline.figures import jobs, keeping
from hotline.unit_of_work import unit_of_work
from models import FigureDay, Notification, Ticket, db
from tests.figures.kept.test_kept import keep_all
from tests.figures.kept.test_kept import lives as lives  # a fixture


@pytest.fixture
def ticket(lives):
    """A ticket of a day that is kept."""
    lives.live(80)
    keep_all()
    return db.session.scalars(select(Ticket).order_by(Ticket.id)).first()


def a_month_of_nights(clock):
    found = 0
    for _ in range(jobs.CHECKED_WITHIN):
        found += jobs.check_figures()
        clock.advance(days=1)
    return found


def alarms():
    return [one for one in db.session.scalars(select(Notification)) if "did not fit" in one.text]


def test_a_day_about_which_a_note_lies_there_is_no_mistake(lives, ticket, clock):
    with unit_of_work():
        db.session.get_one(Ticket, ticket.id).lead_department_id = lives.house.office.id
    assert a_month_of_nights(clock) == 0
    assert alarms() == []


def test_nor_is_one_that_was_thrown_away_while_it_was_looked_at(ticket, clock, monkeypatch):
    def overtaken(day, _at):
        with unit_of_work():
            keeping.throw_away({day})
        return False

    monkeypatch.setattr(keeping, "fits", overtaken)
    assert db.session.scalars(select(FigureDay)).first()
    assert a_month_of_nights(clock) == 0
    assert alarms() == []
    assert db.session.scalars(select(FigureDay)).all() == []

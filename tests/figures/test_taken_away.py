"""What is taken away is read anew while it is sent; the trail says all that narrowed it."""

from datetime import date

import pytest
from sqlalchemy import select

from hotline.figures import table_pages
from hotline.figures.measures import MEASURES
from hotline.figures.period import Period
from hotline.figures.sources import Scope
from hotline.figures.wanted import Wanted
from hotline.unit_of_work import unit_of_work
from models import AuditEvent, TicketStatus, User, db
from tests.stages import make_house, put


@pytest.mark.parametrize("measure", ["calls", "matters", "passages"])
def test_a_ticket_that_became_one_about_the_reader_is_left_out(app, clock, measure):
    house = make_house()
    reader = house["supervisor"].id
    kept, lost = (
        put(house, TicketStatus.ACCEPTED, clock.time, phone)
        for phone in ("13911110001", "13911110002")
    )
    numbers = kept.number, lost.number
    whole = Wanted(Period(date(2026, 11, 1), date(2026, 11, 30)))
    with app.test_request_context():
        viewer = db.session.get_one(User, reader)
        scope = Scope(whole.period, viewer, clock.time)
        table = table_pages.behind_table(viewer, whole, MEASURES[measure], scope, None)
        assert table.count == 2
        with unit_of_work():
            lost.about_user_id = reader
        assert [row[0] for row in table.rows] == [numbers[0]]


def test_the_trail_says_what_else_it_was_narrowed_to(app, clock, sign_in):
    house = make_house()
    asked = {"measure": "calls", "period": "2026-11", "format": "csv"}
    more = {"employer": "恒达物流", "leaf": str(house.wages.id), "hour": "9", "weekday": "0"}
    browser = sign_in(house["supervisor"])
    assert browser.post("/reports/behind/export", data=asked | more).status_code == 200
    found = select(AuditEvent.data).where(AuditEvent.kind == "export")
    noted = dict(db.session.scalars(found).one()["asked"])
    assert noted["Employer"] == ""  # asked for, and no word of whom
    assert noted["Category"] in (house.wages.name_zh, house.wages.name_en)
    assert noted["Rang"].endswith("9:00")

"""An inspector scores an answer and sends it back by keyboard alone, beside the ticket."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from hotline.handoffs import service as handoffs
from hotline.quality import sampling, service
from hotline.unit_of_work import unit_of_work
from models import (
    Department,
    Draft,
    Inspection,
    Population,
    Role,
    Ticket,
    TicketStatus,
    User,
    db,
)
from tests.makers import make_ticket, make_user

pytestmark = pytest.mark.browser


@pytest.fixture
def sheet(house, say, clock):
    """The id of a drawn answer that nobody was told, and its inspector."""
    inspector = make_user(Role.REVIEWER, display_name="顾文", locale=say.locale)
    ticket = make_ticket(operator=house.operator, category=house.wages, at=clock())
    with unit_of_work():
        row = db.session.get_one(Ticket, ticket.id)
        legal = db.session.get_one(Department, house.legal.id)
        handler = db.session.get_one(User, house.handler.id)
        operator = db.session.get_one(User, house.operator.id)
        handoffs.hand_off(row, legal, actor=operator, at=clock())
        what = handoffs.Answer(is_solved=True, report="打了电话", words="请向单位反映")
        handoffs.answer(row, what, actor=handler, at=clock())
        drawn_at = clock() + timedelta(seconds=1)
        wanted = sampling.Wanted(
            population=Population.ANSWERS,
            since=clock() - timedelta(days=1),
            until=drawn_at,
            percent=100,
            seed="keys",
        )
        service.draw(wanted, actor=None, at=drawn_at)
    return db.session.scalars(db.select(Inspection.id)).one(), inspector


def test_scoring_by_keyboard(sheet, page_of, say):
    inspection_id, inspector = sheet
    page = page_of(inspector)
    page.goto(f"/quality/inspections/{inspection_id}")
    points = page.locator("input[name^=points_]")
    points.first.focus()
    page.keyboard.type("5")
    page.keyboard.press("Enter")  # leads on: to “does not apply”, then to the words
    page.keyboard.press("Enter")
    page.keyboard.type("只说了一件事")
    page.get_by_text(say("Draft saved")).wait_for()
    page.reload()
    expect(points.first).to_have_value("5")  # the draft is there again
    page.keyboard.press("F8")  # full points for the rest
    expect(points.first).to_have_value("5")
    expect(page.locator("[data-total]")).to_have_text(say("{total} of 100").format(total=80))
    page.keyboard.press("F4")
    reason = page.get_by_label(say("What the department has to mend"))
    expect(reason).to_have_value(re.compile("只说了一件事"))
    page.keyboard.press("F6")
    expect(page.get_by_text(say("Sent back to the department.")).first).to_be_visible()
    db.session.rollback()
    inspection = db.session.get_one(Inspection, inspection_id)
    assert (inspection.total, inspection.ticket.status) == (80, TicketStatus.ACCEPTED)
    assert db.session.scalars(db.select(Draft)).all() == []


def test_what_does_not_apply_is_left_out_of_the_total(sheet, page_of, say):
    inspection_id, inspector = sheet
    page = page_of(inspector)
    page.goto(f"/quality/inspections/{inspection_id}")
    page.keyboard.press("F8")
    total = page.locator("[data-total]")
    expect(total).to_have_text(say("{total} of 100").format(total=100))
    page.locator("input[name='points_1.1']").fill("0")
    expect(total).to_have_text(say("{total} of 100").format(total=75))
    page.locator("input[name='leave_1.1']").press("Space")
    expect(total).to_have_text(say("{total} of 100").format(total=100))
    expect(page.locator("input[name='points_1.1']")).to_be_disabled()
    page.locator("[data-knocks-out]").first.press("Space")
    expect(total).to_have_text(say("Knocked out: 0 of 100"))

"""A click on a due time shows in place how it was reckoned."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from hotline.handoffs import service as handoffs
from hotline.unit_of_work import unit_of_work
from models import Department, Ticket, User, db
from tests.makers import make_ticket

pytestmark = pytest.mark.browser
FRIDAY_AFTERNOON = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)  # 16:30 in Shanghai


def test_the_department_asks_why_it_is_due_then_and_goes_on_working(house, page_of, say, clock):
    clock.set(FRIDAY_AFTERNOON)
    ticket = make_ticket(operator=house.operator, category=house.wages, at=clock())
    with unit_of_work():
        handoffs.hand_off(
            db.session.get_one(Ticket, ticket.id),
            db.session.get_one(Department, house.legal.id),
            actor=db.session.get_one(User, house.operator.id),
            at=clock(),
        )
    workspace = page_of(house.handler)
    workspace.goto("/queue")
    due = workspace.locator("a.hy-due")
    due.press("Enter")
    reckoning = workspace.get_by_role("dialog", name=say("How the due time was reckoned"))
    weekend = say("%(days)s: closed every week, skipped", days="")
    expect(reckoning).to_contain_text(weekend)
    workspace.keyboard.press("Escape")
    expect(reckoning).to_be_hidden()
    expect(due).to_be_focused()
    workspace.goto(due.get_attribute("href") or "")
    expect(
        workspace.get_by_role("heading", name=say("How the due time was reckoned"))
    ).to_be_visible()

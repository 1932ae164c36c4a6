"""Two people at one ticket: the slower one is told so and keeps every word."""

import pytest
from playwright.sync_api import expect

from hotline.errors import Stale
from tests.makers import make_ticket

pytestmark = pytest.mark.browser
SUMMARY = "一名职工反映工地欠薪，请查工资专用账户"


def test_the_slower_of_two_keeps_what_was_typed(house, page_of, say):
    ticket = make_ticket(operator=house.operator, category=house.wages)
    quick = page_of(house.operator)
    slow = page_of(house.supervisor, expected={409})
    for page in (quick, slow):
        page.goto(f"/tickets/{ticket.id}/mark")
    slow.get_by_label(say("Confidential")).check()
    slow.get_by_label(say("What the department may read")).fill(SUMMARY)

    quick.get_by_role("radio", name=say("Urgent")).press("Space")
    quick.keyboard.press("F4")
    expect(quick.locator("#flashes")).to_contain_text(say("The marks are changed."))

    slow.keyboard.press("F4")
    expect(slow.get_by_role("alert")).to_have_text(say(Stale().sentence))
    expect(slow.locator(".hy-story")).to_contain_text(say("Marks changed"))
    expect(slow.get_by_label(say("Confidential"))).to_be_checked()
    expect(slow.get_by_label(say("What the department may read"))).to_have_value(SUMMARY)

    slow.keyboard.press("F4")
    expect(slow.locator("#flashes")).to_contain_text(say("The marks are changed."))
    expect(slow.locator(".hy-ticket-head")).to_contain_text(say("Confidential"))

"""Nobody answers at night: the caller speaks to the tape and is rung back next morning."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from hotline.calls import jobs
from models import db
from tests.browser.acts import button, dial, write_down

pytestmark = pytest.mark.browser
SUNDAY_NIGHT = datetime(2026, 11, 15, 15, 10, tzinfo=UTC)  # 23:10 in Shanghai
MONDAY_MORNING = datetime(2026, 11, 16, 1, 5, tzinfo=UTC)


def test_spoken_to_the_tape_heard_and_rung_back(house, page_of, say, clock):
    clock.set(SUNDAY_NIGHT)
    street = page_of(house.supervisor)
    dial(street, say)
    expect(street.get_by_text(say("Speak after the tone"), exact=True)).to_be_visible()
    button(street, say("Leave this message")).click()
    expect(street.get_by_text(say("The call is over"))).to_be_visible()
    street.context.close()
    db.session.rollback()
    assert jobs.fetch_recordings() == 1

    clock.set(MONDAY_MORNING)
    workspace = page_of(house.operator)
    workspace.goto("/callbacks/pool")
    expect(workspace.get_by_role("row", name=say("Return call"))).to_contain_text("134****0004")
    workspace.get_by_role("link", name=say("Last night's calls")).click()
    call = workspace.get_by_role("region", name="134****0004")
    expect(call).to_contain_text(say("Voicemail"))
    call.get_by_role("link", name=say("Ticket")).click()
    listen(workspace)

    workspace.go_back()
    button(call, say("Claim")).click()
    expect(workspace.get_by_text("134 9001 0004")).to_be_visible()
    workspace.keyboard.press("1")
    workspace.keyboard.press("F2")
    expect(workspace.locator("#flashes")).to_contain_text(
        say("Reached. Write down what the caller said.")
    )
    write_down(workspace, say, "工地三个月没发工资")
    workspace.locator("#answer").fill("请带上合同到区总工会窗口，当面核对。")
    workspace.keyboard.press("F2")
    expect(workspace.locator("#flashes")).to_contain_text("20261115-0001")
    workspace.goto("/callbacks/pool")
    expect(workspace.get_by_text(say("Nothing is waiting here."))).to_be_visible()


def listen(workspace: Page) -> None:
    """Play the message on the ticket's page: it comes from us, and it is a sound."""
    sound = workspace.locator("audio")
    sound.focus()
    with workspace.expect_response("**/recordings/*") as answer:
        workspace.keyboard.press("Space")
    assert answer.value.status in (200, 206)
    assert answer.value.headers["content-type"].startswith("audio/")
    workspace.wait_for_function("() => document.querySelector('audio').currentTime > 0")

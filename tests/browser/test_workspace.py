"""In the workspace: answered in the call itself, the next one afterwards; what was typed stays."""

import pytest
from playwright.sync_api import expect

from hotline.telephony import jobs
from hotline.telephony.simulator.people import PEOPLE
from tests.browser.acts import (
    be_free,
    button,
    dial,
    owed,
    pick_up,
    seat,
    write_down,
)
from tests.browser.conftest import sign_in

pytestmark = pytest.mark.browser
QUESTION = "公司拖欠两个月工资，该找谁"
ANSWER = "可以到区劳动监察大队投诉，带上考勤和工资条。"
MUSIC_SECONDS = 6


def test_answered_in_the_call_and_the_next_one_rings_only_afterwards(house, page_of, say, clock):
    workspace, street = page_of(house.operator), page_of(house.supervisor)
    other_street = page_of(house.colleague)
    be_free(workspace, say)
    dial(street, say)
    pick_up(workspace, say)
    write_down(workspace, say, QUESTION)
    workspace.locator("#answer").fill(ANSWER)

    button(street, say("Hang up")).click()
    expect(seat(workspace)).to_contain_text(say("After-call work"))
    dial(other_street, say, PEOPLE[1].number)
    expect(other_street.get_by_text(say("On hold"))).to_be_visible()
    expect(workspace.locator("#contact-form")).to_be_visible()
    expect(workspace.locator(".hy-call-bar, .hy-incoming")).to_have_count(0)
    expect(workspace.locator("#question")).to_have_value(QUESTION)

    workspace.keyboard.press("F2")
    expect(workspace.locator("#flashes")).to_contain_text(
        say("Told and closed: %(number)s.", number="20261116-0001")
    )
    expect(seat(workspace)).to_contain_text(say("Free"))
    expect(owed(workspace)).to_have_text("1")
    clock.advance(seconds=MUSIC_SECONDS)
    jobs.move_simulated_calls()
    expect(workspace.locator(".hy-incoming")).to_contain_text("134 9001 0002")
    pick_up(workspace, say)
    expect(other_street.get_by_text(say("Talking"), exact=True)).to_be_visible()


def test_a_reload_that_overtakes_what_was_typed_does_not_bring_back_the_older_text(
    house, page_of, say
):
    """The server draws the page again, then takes in the draft; its word of that still arrives."""
    workspace = page_of(house.operator)
    be_free(workspace, say)
    dial(page_of(house.supervisor), say)
    pick_up(workspace, say)
    write_down(workspace, say, QUESTION)
    expect(workspace.get_by_text(say("Draft saved"))).to_be_visible()

    on_its_way, more = [], QUESTION + "，还能要加班费吗"

    def hold(route):
        if on_its_way:
            route.continue_()
        on_its_way.append(route)

    def overtake(route):
        drawn = route.fetch()
        with workspace.expect_request_finished(lambda one: one == on_its_way[0].request):
            on_its_way[0].continue_()
        route.fulfill(response=drawn)

    workspace.route("**/drafts/*", hold)
    with workspace.expect_request("**/drafts/*"):
        workspace.locator("#question").fill(more)
    workspace.route(workspace.url, overtake)
    workspace.reload()
    expect(workspace.locator("#question")).to_have_value(more)


def test_what_was_typed_is_there_after_a_reload_and_after_a_lost_session(house, page_of, say):
    workspace = page_of(house.operator, expected={401})
    be_free(workspace, say)
    dial(page_of(house.supervisor), say)
    pick_up(workspace, say)
    write_down(workspace, say, QUESTION)
    expect(workspace.get_by_text(say("Draft saved"))).to_be_visible()

    workspace.reload()
    expect(workspace.locator("#question")).to_have_value(QUESTION)
    expect(workspace.locator("#category-text")).to_have_value(
        "拖欠工资" if say.locale == "zh" else "Unpaid wages"
    )
    expect(workspace.get_by_role("radio", name=say("Worker"))).to_be_checked()

    tab = workspace.context.new_page()
    tab.goto("/profile")
    tab.get_by_label(say("My account: %(name)s", name="林晓")).click()
    button(tab, say("Sign out")).click()
    expect(button(tab, say("Sign in"))).to_be_visible()

    expect(workspace.get_by_role("alert")).to_contain_text(
        say("You have been signed out. What you typed is kept.")
    )
    more = QUESTION + "，还能要加班费吗"
    workspace.locator("#question").fill(more)
    expect(workspace.get_by_text(say("No connection: kept in this browser"))).to_be_visible()
    workspace.keyboard.press("F4")
    expect(button(workspace, say("Sign in"))).to_be_visible()
    sign_in(workspace, house.operator, say)
    expect(workspace.locator("#question")).to_have_value(more)
    expect(workspace.get_by_text(say("Draft saved"))).to_be_visible()

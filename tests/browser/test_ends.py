"""An operator in a hurry, with the keys alone: each end of a call, and what the seat asks then."""

import pytest
from playwright.sync_api import Page, Route, expect

from hotline.telephony.simulator.people import PEOPLE
from tests.browser.acts import be_free, button, dial, hang_up, pick_up, seat, write_down
from tests.browser.words import Words

pytestmark = pytest.mark.browser
QUESTION = "工地三个月没发工资"


def is_ready_again(workspace: Page, say: Words) -> None:
    """The call is over: no form asks again, one key is left, and it frees the seat."""
    hang_up(workspace, say)
    expect(button(workspace, say("I am ready for the next call"))).to_be_visible()
    expect(workspace.locator("#contact-form")).to_have_count(0)
    workspace.keyboard.press("F2")
    expect(seat(workspace)).to_contain_text(say("Free"))


def test_each_end_that_is_chosen_while_the_caller_talks(house, page_of, say):
    workspace, street = page_of(house.operator), page_of(house.supervisor)
    be_free(workspace, say)

    dial(street, say, PEOPLE[0].number)
    pick_up(workspace, say)
    write_down(workspace, say, QUESTION)
    workspace.keyboard.press("F2")
    expect(workspace.locator("#answer")).to_be_focused()
    workspace.keyboard.type("可以到劳动监察投诉")
    workspace.keyboard.press("F2")
    expect(workspace.locator("#flashes")).to_contain_text("20261116-0001")
    is_ready_again(workspace, say)

    dial(street, say, PEOPLE[1].number)
    pick_up(workspace, say)
    write_down(workspace, say, QUESTION)
    workspace.keyboard.press("F8")
    workspace.keyboard.press("F8")
    promised = say("The callback is promised: %(when)s.").split("%")[0]
    expect(workspace.locator("#flashes")).to_contain_text(promised)
    is_ready_again(workspace, say)

    dial(street, say, PEOPLE[2].number)
    pick_up(workspace, say)
    workspace.keyboard.press("F9")
    expect(workspace.locator("details.hy-menu[open] [data-key='1']")).to_be_visible()
    workspace.keyboard.press("1")
    expect(workspace.locator("#flashes")).to_contain_text(say("Closed: no matter."))
    is_ready_again(workspace, say)

    dial(street, say, "withheld")
    pick_up(workspace, say)
    workspace.keyboard.press("F6")
    expect(workspace.locator("#work")).not_to_contain_text("20261116-0004")
    is_ready_again(workspace, say)


def test_in_danger_the_words_stay_until_the_end_and_then_one_key_is_left(house, page_of, say):
    workspace, street = page_of(house.operator), page_of(house.supervisor)
    be_free(workspace, say)
    dial(street, say)
    pick_up(workspace, say)
    workspace.keyboard.press("F10")
    expect(workspace.locator(".hy-emergency")).to_be_visible()
    workspace.locator("#question").fill("他说要跳楼")

    button(street, say("Hang up")).click()
    ready = button(workspace.locator("#line"), say("I am ready for the next call"))
    expect(ready).to_be_visible()
    expect(workspace.locator("#question")).to_have_value("他说要跳楼")
    workspace.keyboard.press("F2")
    expect(seat(workspace)).to_contain_text(say("Free"))
    workspace.locator("#work").get_by_text("20261116-0001").click()
    expect(workspace.locator("#question")).to_have_value("他说要跳楼")


def test_a_refused_form_begins_at_its_first_wrong_field_and_survives_a_reload(house, page_of, say):
    workspace, street = page_of(house.operator, expected={422}), page_of(house.supervisor)
    be_free(workspace, say)
    dial(street, say)
    pick_up(workspace, say)
    workspace.locator("#number").fill("12")
    workspace.locator("#number").press("Enter")
    expect(workspace.locator("#employer")).to_be_focused()
    workspace.keyboard.press("F4")

    expect(workspace.locator(".hy-error")).to_have_count(5)
    expect(workspace.locator("#number")).to_be_focused()
    workspace.locator("#number").fill("134 9001 0004")
    workspace.locator("#number").blur()
    write_down(workspace, say, QUESTION)
    expect(workspace.locator("#department")).to_have_value(str(house.legal.id))
    expect(workspace.get_by_text(say("Draft saved"))).to_be_visible()
    workspace.reload()
    expect(workspace.locator("#question")).to_have_value(QUESTION)
    expect(workspace.locator(".hy-error")).to_have_count(0)
    workspace.keyboard.press("F4")
    expect(workspace.locator("#flashes")).to_contain_text("您的事已转权益保障部")


def test_the_log_suggests_says_and_keeps_as_the_live_form_does(house, page_of, say):
    workspace = page_of(house.operator)
    workspace.goto("/log")
    keep, later = (workspace.locator(f"[data-key={key}]").first for key in ("F6", "F8"))
    expect(keep).to_be_visible()
    expect(later).to_be_hidden()
    workspace.locator("#number").fill("134 9001 0004")
    expect(keep).to_be_hidden()
    expect(later).to_be_visible()

    workspace.locator("#number").blur()
    write_down(workspace, say, QUESTION)
    sentence = workspace.locator("#handoff-part .hy-say")
    expect(sentence).to_contain_text("您的事已转权益保障部")
    words = sentence.inner_text()
    workspace.keyboard.press("F4")
    expect(workspace.locator("#flashes")).to_contain_text(words)


def test_a_slow_answer_about_the_number_does_not_undo_the_suggested_department(house, page_of, say):
    workspace = page_of(house.operator)
    workspace.goto("/log")
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if held:
            route.continue_()
        held.append(route)

    workspace.route("**/log/words?*", hold_the_first)
    with workspace.expect_request("**/log/words?*"):
        workspace.locator("#number").fill("134 9001 0004")
        workspace.locator("#number").blur()
    write_down(workspace, say, QUESTION)
    workspace.evaluate(
        "() => { window.settled = new Promise(done =>"
        " document.body.addEventListener('htmx:afterSettle', () => done(true), {once: true})) }"
    )
    held[0].continue_()
    assert workspace.evaluate("window.settled")
    expect(workspace.locator("#handoff-part .hy-say")).to_contain_text("您的事已转权益保障部")
    expect(workspace.locator(".htmx-request")).to_have_count(0)

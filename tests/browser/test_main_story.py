"""The whole story in a browser: rung, written down, handed off, answered, called back, closed."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acts import be_free, button, dial, hang_up, owed, pick_up, write_down
from tests.browser.conftest import IN_BOTH, TELEPHONE
from tests.browser.words import Words

pytestmark = [pytest.mark.browser, IN_BOTH]
QUESTION = "工地三个月没发工资，老板电话也不接"
REPORT = "已约谈项目部，责令三日内补发，附工资表。"
WORDS = "项目部答应本周五前把三个月工资一次补齐，请您周五下午查收。"


def test_from_the_first_ring_to_the_echo(house, page_of, say, clock):
    workspace, street = page_of(house.operator), page_of(house.supervisor)
    be_free(workspace, say)
    expect(owed(workspace)).to_have_text("0")

    dial(street, say)
    expect(workspace.locator(".hy-incoming")).to_contain_text("134 9001 0004")
    expect(street.get_by_text(say("Ringing at an operator"))).to_be_visible()
    clock.advance(seconds=8)
    pick_up(workspace, say)
    expect(street.get_by_text(say("Talking"), exact=True)).to_be_visible()

    clock.advance(minutes=3)
    number = hand_off(workspace, say)
    hang_up(workspace, say)
    expect(street.get_by_text(say("The call is over"))).to_be_visible()
    workspace.keyboard.press("F2")
    expect(workspace.get_by_text(say("Ready for the next call"))).to_be_visible()
    expect(owed(workspace)).to_have_text("1")

    phone = page_of(house.handler, size=TELEPHONE)
    accept_on_the_way(phone, say, number)
    clock.advance(minutes=15)
    answer_on_the_way(phone, say, number)
    clock.advance(minutes=10)
    call_back(workspace, say, number)

    expect(owed(workspace)).to_have_text("0")
    workspace.keyboard.press("/")
    workspace.keyboard.type(number)
    workspace.keyboard.press("Enter")
    tells_the_story(workspace, say, number)


def hand_off(workspace: Page, say: Words) -> str:
    """Write the call down and hand it off; returns the number of the ticket."""
    write_down(workspace, say, QUESTION)
    workspace.get_by_label(say("Name"), exact=True).fill("李铁柱")
    part = workspace.locator("#handoff-part")
    expect(part.get_by_label(say("Hand off to"))).to_have_value(re.compile(r"\d+"))
    sentence = part.locator(".hy-say")
    expect(sentence).to_have_text(
        re.compile(r"您的事已转权益保障部，最迟11月23日（周一）下班前答复您，查询码\d{4}。")
    )
    words = sentence.inner_text()
    number = workspace.locator("#contact-form .hy-num").first.inner_text()
    workspace.keyboard.press("F4")
    expect(workspace.locator("#flashes")).to_contain_text(words)
    return number


def accept_on_the_way(phone: Page, say: Words, number: str) -> None:
    """The handler sees it in the queue, on the screen of a telephone."""
    phone.goto("/queue")
    row = phone.locator(".hy-queue-row", has_text=number)
    expect(row).to_contain_text(QUESTION)
    fits(phone)
    button(row, say("Accept")).click()
    expect(row).to_have_count(0)


def answer_on_the_way(phone: Page, say: Words, number: str) -> None:
    """What was done for the house, what is said to the caller: apart from each other."""
    row = phone.locator(".hy-queue-row", has_text=number)
    phone.get_by_role("navigation", name=say("Parts of the queue")).get_by_text(
        say("In work")
    ).click()
    row.get_by_role("link", name=say("Give the answer")).click()
    fits(phone)
    phone.get_by_role("radio", name=say("Yes"), exact=True).check(force=True)
    phone.get_by_label(say("What the caller is told")).fill(WORDS)
    phone.get_by_label(say("What was done")).fill(REPORT)
    button(phone.locator("#act"), say("Give the answer")).click()
    expect(phone.locator("#flashes")).to_be_visible()
    fits(phone)


def fits(phone: Page) -> None:
    """Nothing stands out to the side of a narrow screen."""
    assert phone.evaluate("document.documentElement.scrollWidth") <= TELEPHONE[0]


def call_back(workspace: Page, say: Words, number: str) -> None:
    """Back in the workspace by itself; the words large; reached and three questions by keys."""
    mine = workspace.get_by_role("region", name=say("My open tickets"))
    expect(mine).to_contain_text(say("To call back"))
    workspace.get_by_role("navigation", name=say("Main")).get_by_text(say("Callbacks")).click()
    now = workspace.get_by_role("region", name=say("To be rung now"))
    expect(now).to_contain_text("李铁柱")
    now.get_by_role("link", name=QUESTION).click()
    words = workspace.locator(".hy-say-lg")
    expect(words).to_have_text(WORDS)
    assert words.evaluate("said => parseFloat(getComputedStyle(said).fontSize)") >= 18
    expect(workspace.get_by_text("134 9001 0004")).to_be_visible()
    for key in "1QAZ":
        workspace.keyboard.press(key)
    chosen = workspace.get_by_role("group", name=say("Are you satisfied?")).locator(":checked")
    expect(chosen).to_have_value("satisfied")
    workspace.keyboard.press("F2")
    expect(workspace.locator("#flashes")).to_contain_text(
        say("Told and closed: %(number)s.", number=number)
    )


def tells_the_story(workspace: Page, say: Words, number: str) -> None:
    """The ticket's own page: everything that happened, the latest first."""
    expect(workspace.get_by_role("heading", name=number)).to_be_visible()
    department = "权益保障部" if say.locale == "zh" else "Rights Protection"
    titles = [
        say("Closed"),
        say("The caller was rung: %(outcome)s", outcome=say("Reached")),
        say("Callback promised: %(kind)s", kind=say("Tell the result")),
        say("Answered by %(department)s", department=department),
        say("Accepted by %(department)s", department=department),
        say("Handed off to %(department)s", department=department),
        say("Written down"),
        say("Came in: %(source)s", source=say("Telephone")),
        say("Call, answered"),
    ]
    story = workspace.locator(".hy-story")
    told = story.locator("strong").all_inner_texts()
    assert [title for title in told if title in titles] == titles
    expect(story).to_contain_text(WORDS)
    expect(story).to_contain_text(REPORT)

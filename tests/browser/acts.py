"""What people do again and again, as they do it: by keys, and waiting for what they see."""

from playwright.sync_api import Locator, Page, expect

from hotline.telephony.simulator.people import PEOPLE
from tests.browser.words import Words

BUILDER = PEOPLE[3]


def dial(street: Page, say: Words, number: str = BUILDER.number) -> None:
    """Ring the hotline from the page with the telephone."""
    street.goto("/simulator")
    street.get_by_label(say("Who is calling?")).select_option(number)
    button(street, say("Call")).click()
    street.wait_for_url("**/simulator/calls/*")


def be_free(workspace: Page, say: Words) -> None:
    """Take the seat by its key."""
    workspace.goto("/workspace")
    workspace.keyboard.press("F2")
    expect(workspace.get_by_text(say("Ready for the next call"))).to_be_visible()


def pick_up(workspace: Page, say: Words) -> None:
    """See that it rings here, and answer by the key."""
    expect(workspace.locator(".hy-call-bar")).to_contain_text(say("Incoming call"))
    workspace.keyboard.press("F7")
    expect(workspace.locator("#contact-form")).to_be_visible()
    workspace.wait_for_load_state()  # a page that has only just come may be deaf to keys


def hang_up(workspace: Page, say: Words) -> None:
    """Put the telephone in the page down, by the key."""
    expect(button(workspace.locator(".hy-row"), say("Hang up"))).to_be_visible()
    workspace.keyboard.press("F7")
    expect(seat(workspace)).to_contain_text(say("After-call work"))


def write_down(workspace: Page, say: Words, question: str) -> None:
    """Who by a digit, what by pinyin initials, then what was asked: the hands stay on the keys."""
    workspace.wait_for_load_state()
    workspace.keyboard.press("1")
    expect(workspace.get_by_role("radio", name=say("Worker"))).to_be_checked()
    workspace.keyboard.type("tqgz")
    workspace.keyboard.press("Enter")
    expect(workspace.locator("#question")).to_be_focused()
    workspace.keyboard.type(question)


def button(where: Page | Locator, name: str) -> Locator:
    return where.get_by_role("button", name=name, exact=True)


def seat(page: Page) -> Locator:
    """What the header says of the own seat."""
    return page.locator("#seat summary")


def owed(page: Page) -> Locator:
    """待回音 in the header: to how many callers an answer is owed."""
    return page.locator("#owed strong")

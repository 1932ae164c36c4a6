"""Everything that opens is opened and pointed at, in both themes: nothing breaks the policy."""

import pytest
from playwright.sync_api import Locator, Page, expect

from models import Role
from tests.browser.acts import button
from tests.browser.conftest import IN_BOTH
from tests.browser.words import Words
from tests.makers import make_ticket, make_user

pytestmark = [pytest.mark.browser, IN_BOTH]


@pytest.mark.parametrize("role", ["operator", "supervisor", "handler", "administrator"])
def test_every_menu_of_every_place(role, house, page_of, say):
    ticket = make_ticket(operator=house.operator, category=house.wages)
    user = getattr(house, role, None) or make_user(Role.ADMINISTRATOR, locale=say.locale)
    page = page_of(user)
    places = page.get_by_role("navigation", name=say("Main")).get_by_role("link").all()
    addresses = [place.get_attribute("href") for place in places]
    if role in ("operator", "supervisor"):
        addresses += [f"/tickets/{ticket.id}", f"/workspace/{ticket.id}"]
    open_everything(page.get_by_role("banner"))
    for address in addresses:
        page.goto(address)
        open_everything(page.get_by_role("main"))
        list_the_keys(page, say)


def open_everything(part: Locator) -> None:
    """Each menu and each folded part, and the mouse over whatever it holds; then each dialog."""
    page = part.page
    for opener in part.locator("details > summary").all():
        if opener.is_visible():
            opener.click()
            for item in opener.locator("..").locator("a, button, label").all():
                if item.is_visible():
                    item.hover()
            page.keyboard.press("Escape")
    for opener in part.locator("[data-dialog]").all():
        opener.click()
        expect(page.locator("dialog[open]")).to_be_visible()
        page.keyboard.press("Escape")


def list_the_keys(page: Page, say: Words) -> None:
    """ "?" lists the keys of this page; Escape closes the list."""
    page.locator("main").click(position={"x": 1, "y": 1})
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name=say("Keys on this page"))
    expect(dialog).to_contain_text(say("This list"))
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_light_dark_language_and_search(house, page_of, say):
    make_ticket(operator=house.operator, category=house.wages, question="电梯维修工的高温津贴")
    page = page_of(house.operator)
    root = page.locator("html")
    backgrounds = set()
    for theme, name in (("dark", "Dark"), ("light", "Light")):
        choose(page, say, say(name))
        expect(root).to_have_attribute("data-bs-theme", theme)
        backgrounds.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert len(backgrounds) == 2

    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name=say("Search"))).to_be_focused()
    page.keyboard.type("津")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="电梯维修工的高温津贴")).to_be_visible()

    other = Words("en" if say.locale == "zh" else "zh")
    choose(page, say, "English" if say.locale == "zh" else "中文")
    expect(root).to_have_attribute("lang", "en" if other.locale == "en" else "zh-CN")
    expect(page.get_by_role("navigation", name=other("Main"))).to_be_visible()


def choose(page: Page, say: Words, name: str) -> None:
    """Something of the own menu, by the keyboard alone."""
    menu = page.get_by_label(say("My account: %(name)s", name="林晓"))
    menu.press("Enter")
    button(page, name).press("Enter")

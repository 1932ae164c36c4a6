"""Reports before the eyes: charts that are drawn, numbers that open, a paragraph to be copied."""

import re

import pytest
from playwright.sync_api import Page, expect

from hotline.unit_of_work import unit_of_work
from models import Call, Role, Ticket, TicketStatus, db
from tests.browser.conftest import SCHEME, TELEPHONE
from tests.browser.house import House
from tests.browser.words import Words
from tests.makers import make_department, make_user
from tests.stages import House as Stage
from tests.stages import put

pytestmark = pytest.mark.browser
# Whether so many pixels of the canvas are neither empty nor grey: bars and lines, not only the
# axes. A chart is drawn with the frame that follows, so that one look may come too early.
COLOURED = """([selector, least]) => {
  const canvas = document.querySelector(selector);
  if (!canvas) return false;
  const copy = new OffscreenCanvas(canvas.width, canvas.height);
  const pen = copy.getContext("2d", { willReadFrequently: true });
  pen.drawImage(canvas, 0, 0);
  const { data } = pen.getImageData(0, 0, canvas.width, canvas.height);
  let found = 0;
  for (let i = 0; i < data.length; i += 4) {
    const [r, g, b, a] = data.slice(i, i + 4);
    if (a > 128 && Math.max(r, g, b) - Math.min(r, g, b) > 60) found += 1;
  }
  return found >= least;
}"""


@pytest.fixture
def month(house: House, clock) -> None:
    """Some matters went their way."""
    finance = make_department("finance")
    people = {"operator": house.operator, "supervisor": house.supervisor, "handler": house.handler}
    make_user(Role.HANDLER, department=finance)
    rows = Stage(house.legal, finance, finance, house.wages, people)
    for number, status in enumerate((*TicketStatus, TicketStatus.CLOSED, TicketStatus.CLOSED)):
        put(rows, status, clock(), f"1391234{number:04d}")
    with unit_of_work():
        for call in db.session.scalars(db.select(Call)):
            call.provider, call.pickup_seconds = "twilio", 4 + call.id
    assert db.session.scalar(db.select(db.func.count(Ticket.id))) == 8


def chart(page: Page, name: str):
    return page.locator(f"#{name} canvas")


def see_drawn(page: Page, name: str, coloured: int) -> str:
    """The picture, once so many of its pixels are coloured."""
    page.wait_for_function(COLOURED, arg=[f"#{name} canvas", coloured])
    return chart(page, name).evaluate("canvas => canvas.toDataURL()")


def test_charts_are_drawn_and_drawn_anew_in_the_other_theme(month, house, page_of, say: Words):
    page = page_of(house.supervisor)
    page.goto("/reports")
    before = see_drawn(page, "chart-volume", 500)
    see_drawn(page, "chart-trend", 100)
    page.locator("#clock-pick_up > summary").click()
    see_drawn(page, "chart-pick_up", 100)
    other = {"light": "dark", "dark": "light"}[SCHEME[say.locale]]
    page.emulate_media(color_scheme=other)
    expect(page.locator(f"html[data-bs-theme={other}]")).to_be_attached()
    assert see_drawn(page, "chart-volume", 500) != before


def test_a_number_opens_its_tickets_and_the_way_back(month, house, page_of, say: Words):
    page = page_of(house.supervisor)
    page.goto("/reports")
    figure = page.locator(".hy-figures a").nth(1)
    expect(figure).to_contain_text(say("Matters"))
    number = figure.locator("b").inner_text()
    figure.click()
    expect(page.locator("#behind-number")).to_have_text(number)
    expect(page.locator("tbody tr")).to_have_count(int(number))
    page.get_by_role("link", name=re.compile(re.escape(say("Reports")) + " ·")).click()
    expect(page).to_have_url(re.compile("/reports\\?"))


def test_by_keys_to_the_month_before_and_to_the_words(month, house, page_of, say: Words):
    page = page_of(house.supervisor)
    page.goto("/reports")
    page.keyboard.press("[")
    expect(page).to_have_url(re.compile("period=2026-10"))
    page.keyboard.press("]")
    expect(page).to_have_url(re.compile("period=2026-11"))
    page.keyboard.press("w")
    expect(page.locator("#words-zh")).to_contain_text("热线来电8个")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.keyboard.press("c")
    expect(page.get_by_role("button", name=say("Copied"))).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("#words-zh").inner_text().strip()
    assert "<" not in copied


def test_on_a_telephone_only_the_tables_move_sideways(month, house, page_of, say: Words):
    page = page_of(house.supervisor, size=TELEPHONE)
    page.goto("/reports")
    expect(chart(page, "chart-trend")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == TELEPHONE[0]


def test_on_paper_folds_are_open_and_the_form_stays_away(month, house, page_of, say: Words):
    page = page_of(house.supervisor)
    page.goto("/reports")
    expect(chart(page, "chart-trend")).to_be_visible()
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    expect(page.locator(".hy-filter")).to_be_hidden()
    expect(page.locator("#clock-pick_up table")).to_be_visible()
    assert len(re.findall(rb"/Type\s*/Page[^s]", page.pdf(format="A4", landscape=True))) >= 2

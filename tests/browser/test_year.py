"""The year at a glance: by keyboard, by thumb and on paper; and next year's list brought in."""

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from models import ListedDay, Role, SpecialDay, db
from tests.browser.conftest import TELEPHONE
from tests.makers import make_user

pytestmark = pytest.mark.browser
PAGE = re.compile(rb"/Type\s*/Page[^s]")
LIST_OF_2027 = "date,kind,name\n2027-01-01,off,元旦\n2027-02-14,work,春节\n"


@pytest.fixture
def boss(house, say):
    return make_user(Role.ADMINISTRATOR, locale=say.locale)


def test_a_day_off_is_made_and_taken_back_without_a_mouse(house, boss, page_of, say):
    page = page_of(boss)
    page.goto("/special-days?year=2026")
    page.locator("[data-year-grid] a[tabindex='0']").focus()
    expect(page.locator("#d-2026-11-16")).to_be_focused()  # today; one stop for the whole year
    for key in ("ArrowDown", "ArrowRight", "PageDown", "End", "PageUp", "Home", "ArrowLeft"):
        page.keyboard.press(key)
    expect(page.locator("#d-2026-10-31")).to_be_focused()
    for key in ("PageDown", "ArrowUp", "ArrowUp"):  # 30 November is the last of its month
        page.keyboard.press(key)
    expect(page.locator("#d-2026-11-16")).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator("#day-title")).to_be_focused()
    expect(page).to_have_url(re.compile(r"on=2026-11-17"))
    expect(page.locator("#on")).to_have_value("2026-11-17")
    page.get_by_label(say("Name of the day")).fill("停电")
    page.keyboard.press("Enter")
    expect(page.locator("#d-2026-11-17")).to_have_class(re.compile("hy-day-special"))
    db.session.rollback()
    day = db.session.scalars(select(SpecialDay)).one()
    assert (day.on.isoformat(), day.is_working, day.name) == ("2026-11-17", False, "停电")
    page.get_by_role("button", name=say("Take our word back")).press("Enter")
    expect(page.locator("#d-2026-11-17")).to_have_class(re.compile("hy-day-open"))


def test_on_a_telephone_a_day_brings_its_form_into_sight(house, boss, page_of, say):
    page = page_of(boss, size=TELEPHONE)
    page.goto("/special-days?year=2026")
    page.locator("#d-2026-03-04").tap()
    expect(page.locator("#on")).to_have_value("2026-03-04")
    expect(page.locator("#day-title")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") == TELEPHONE[0]


def test_the_year_on_paper_is_one_sheet(house, page_of, say):
    page = page_of(house.supervisor)
    page.goto("/special-days?year=2026")
    page.emulate_media(media="print")
    expect(page.locator(".hy-bar")).to_be_hidden()
    expect(page.locator("#day")).to_be_hidden()
    expect(page.locator(".hy-month")).to_have_count(12)
    assert len(PAGE.findall(page.pdf(format="A4"))) == 1


def test_next_years_list_is_looked_at_and_imported(house, boss, page_of, say, tmp_path):
    file = tmp_path / "list.csv"
    page = page_of(boss, expected={422})
    page.goto("/special-days")
    page.get_by_role("link", name=say("Import the list")).click()
    file.write_text(LIST_OF_2027 + "2027-02-14,work,春节\n", encoding="utf-8")
    page.get_by_label(say("File")).set_input_files(file)
    page.get_by_role("button", name=say("Look at it first")).click()
    wrong = say("Line %(line)d: %(day)s stands there twice.", line=4, day="2027-02-14")
    expect(page.get_by_role("alert")).to_have_text(wrong)

    file.write_text(LIST_OF_2027, encoding="utf-8")
    page.get_by_label(say("File")).set_input_files(file)
    page.get_by_role("button", name=say("Look at it first")).click()
    expect(page.get_by_role("table")).to_contain_text(say("Spring Festival"))
    db.session.rollback()
    assert db.session.scalars(select(ListedDay)).all() == []
    page.get_by_role("button", name=say("Import the list")).click()
    expect(page.locator("#d-2027-02-14")).to_have_class(re.compile("hy-day-make_up"))
    missing = say("The official list of %(year)d is not here yet.", year=2027)
    expect(page.get_by_text(missing)).to_have_count(0)

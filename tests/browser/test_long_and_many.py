"""What the pages themselves say and do for who types much, chooses, or signs a long list."""

import pytest
from playwright.sync_api import expect

from hotline.unit_of_work import unit_of_work
from models import Category, db

pytestmark = pytest.mark.browser


def test_a_field_cuts_nothing_and_counts_what_is_too_much(house, page_of, say):
    log = page_of(house.operator)
    log.goto("/log")
    name = log.get_by_label(say("Name"), exact=True)

    name.fill("王" * 70)
    expect(name).to_have_value("王" * 70)
    expect(log.locator("#name-over")).to_contain_text("6")
    name.fill("王" * 64)
    expect(log.locator("#name-over")).to_have_count(0)


def test_a_category_that_is_confidential_by_default_sets_the_mark_and_says_so(house, page_of, say):
    with unit_of_work():
        for category in db.session.scalars(db.select(Category)):
            category.is_confidential_by_default = True
    log = page_of(house.operator)
    log.goto("/log")
    said = log.get_by_text(say("Tickets of this category are confidential: the mark is set below."))
    expect(said).to_be_hidden()

    log.locator("#category-text").fill("tqgz")
    log.keyboard.press("Enter")

    expect(said).to_be_visible()
    expect(log.locator("#is_confidential")).to_be_checked()
    expect(log.locator("#safe_summary")).to_be_visible()


def test_who_begins_anew_gets_nothing_of_the_draft_back(house, page_of, say):
    log = page_of(house.operator)
    log.goto("/log")
    log.get_by_label(say("Name"), exact=True).fill("王建国")
    expect(log.get_by_text(say("Draft saved"))).to_be_visible()
    log.reload()
    expect(log.locator("#name")).to_have_value("王建国")

    log.get_by_role("button", name=say("Begin anew")).click()

    expect(log.locator("[data-draft-note]")).to_be_hidden()
    expect(log.locator("#name")).to_have_value("")
    log.reload()
    expect(log.locator("#name")).to_have_value("")

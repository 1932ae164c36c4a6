"""The card of a callback, with the keys alone: rung, asked, and one who is not satisfied."""

import pytest
from playwright.sync_api import Page, expect

from hotline.unit_of_work import unit_of_work
from models import Callback, Role, TicketStatus, db
from tests import stages
from tests.makers import make_user

pytestmark = pytest.mark.browser


@pytest.fixture
def card(page_of, say, clock) -> Page:
    """The department has answered, and the operator is to tell the caller."""
    stages.put(stages.make_house(), TicketStatus.ANSWERED, clock())
    operator = make_user(Role.OPERATOR, locale=say.locale)
    with unit_of_work():
        callback = db.session.scalars(db.select(Callback)).one()
        callback.owner_id = operator.id
        callback_id = callback.id
    page = page_of(operator)
    page.goto(f"/callbacks/{callback_id}")
    return page


def chosen(card: Page) -> dict[str, str]:
    return {
        radio.get_attribute("name"): radio.get_attribute("value")
        for radio in card.locator("input[type=radio]:checked").all()
        if radio.is_visible()
    }


def test_no_key_answers_a_question_that_is_not_in_sight(card):
    card.keyboard.press("w")
    card.keyboard.press("c")
    card.keyboard.press("1")
    expect(card.locator("[name=was_contacted]").first).to_be_visible()
    assert chosen(card) == {"outcome": "reached"}


def test_every_answer_has_a_key_of_its_own(card, say):
    for key in "1wacf":
        card.keyboard.press(key)
    assert chosen(card) == {
        "outcome": "reached",
        "was_contacted": "no",
        "is_solved": "yes",
        "satisfaction": "not_satisfied",
        "then": "explain",
    }
    card.keyboard.press("d")
    assert chosen(card)["then"] == "rework"
    card.keyboard.press("?")
    expect(card.locator("#key-list")).to_contain_text(f"{say('Is it solved?')} · {say('Yes')}")


def test_two_keys_ring_the_caller(card, say):
    card.keyboard.press("t")
    expect(card.locator("#placed")).to_contain_text(
        say("Your telephone rings: pick up, then the caller is rung.")
    )
    expect(card.locator("#flashes")).to_be_empty()
    card.keyboard.press("r")
    words = say("No call rings here until you write down how it went, ten minutes at most.")
    expect(card.locator("#flashes")).to_contain_text(words)

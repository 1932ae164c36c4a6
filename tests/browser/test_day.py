"""The rhythm of a day by keys alone: last night taken up, a breath after a hard call, the shift
handed over and taken over."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from hotline.callbacks import service as callbacks
from hotline.calls import jobs
from hotline.unit_of_work import unit_of_work
from models import CallbackKind, CallResult, SeatState, Ticket, User, db
from tests.browser.acts import be_free, button, dial, hang_up, pick_up, seat
from tests.browser.house import sit_down
from tests.makers import make_ticket
from tests.rhythm.house import leaves_a_message, rings

pytestmark = pytest.mark.browser
SUNDAY_NIGHT = datetime(2026, 11, 15, 14, tzinfo=UTC)  # 22:00 in Shanghai
BEFORE_WORK = datetime(2026, 11, 16, 0, 20, tzinfo=UTC)  # 08:20


def test_the_night_is_the_first_page_and_its_worst_is_one_key_away(house, page_of, say, clock):
    clock.set(SUNDAY_NIGHT)
    leaves_a_message("13911110001", SUNDAY_NIGHT)
    rings("13911110002", SUNDAY_NIGHT, CallResult.VOICEMAIL, note="有轻生的念头")
    clock.set(BEFORE_WORK)

    page = page_of(house.operator)
    page.wait_for_url("**/morning")
    first = page.locator("section.card").first
    expect(first).to_contain_text("轻生")
    page.keyboard.press("?")
    expect(page.locator("#key-list")).to_contain_text(say("Claim"))
    page.keyboard.press("Escape")
    page.keyboard.press("F2")
    page.wait_for_url("**/callbacks/*")
    expect(page.get_by_text("139 1111 0002").first).to_be_visible()
    page.go_back()
    page.keyboard.press("w")
    page.wait_for_url("**/workspace")
    page.keyboard.press("o")
    page.wait_for_url("**/morning")
    page.keyboard.press("[")
    page.wait_for_url("**on=2026-11-15")


def test_a_breath_after_a_hard_call_leaves_what_is_written_alone(house, page_of, say, clock):
    street, workspace = page_of(house.supervisor), page_of(house.operator)
    be_free(workspace, say)
    dial(street, say)
    pick_up(workspace, say)
    hang_up(workspace, say)
    workspace.locator("#question").fill("他哭了很久")
    workspace.locator("#question").focus()

    workspace.keyboard.press("F3")
    expect(workspace.locator("#seat [data-until]")).to_have_text(re.compile(r"\d:\d\d"))
    expect(seat(workspace)).to_contain_text(say("Catching breath"))
    expect(workspace.locator("#question")).to_have_value("他哭了很久")
    expect(workspace.locator("#question")).to_be_focused()

    workspace.keyboard.press("F3")
    expect(seat(workspace)).to_contain_text(say("Free"))
    expect(workspace.locator("#question")).to_have_value("他哭了很久")


def test_a_second_press_the_moment_the_button_is_there_leaves_it_alone_too(
    house, page_of, say, clock
):
    workspace = page_of(house.operator)
    be_free(workspace, say)
    workspace.evaluate(
        """() => {
            window.isSamePage = true;
            const button = () => document.querySelector("#seat .hy-rest-on");
            const observer = new MutationObserver(() => {
                if (!button()) return;
                observer.disconnect();
                button().click();
                window.wasPressed = true;
            });
            observer.observe(document.getElementById("seat"), { childList: true });
        }"""
    )

    workspace.keyboard.press("F3")
    workspace.wait_for_function("() => window.wasPressed || !window.isSamePage")
    expect(workspace.locator("#seat .hy-rest-on")).to_have_count(0)
    expect(seat(workspace)).to_contain_text(say("Free"))
    assert workspace.evaluate("() => window.isSamePage")


def test_the_breath_ends_by_itself_on_the_open_page(house, page_of, say, clock):
    sit_down(house.operator, clock)
    workspace = page_of(house.operator)
    workspace.goto("/workspace")
    workspace.keyboard.press("F3")
    expect(workspace.get_by_text(say("Catch your breath"), exact=True)).to_be_visible()
    clock.advance(minutes=5)
    db.session.rollback()
    assert jobs.end_rests() == 1
    expect(workspace.get_by_text(say("Ready for the next call"))).to_be_visible()
    db.session.rollback()
    assert db.session.get_one(User, house.operator.id).seat.state is SeatState.FREE


def test_a_shift_is_handed_over_and_taken_over_by_keys(house, page_of, say, clock):
    ticket = make_ticket(operator=house.operator, category=house.wages)
    with unit_of_work():
        here, owner = (
            db.session.get_one(Ticket, ticket.id),
            db.session.get_one(User, house.operator.id),
        )
        callbacks.promise(
            here, CallbackKind.TELL, at=clock(), owner=owner, due_at=clock() + timedelta(hours=5)
        )
    giver, taker = page_of(house.operator), page_of(house.colleague)
    taker.goto("/workspace")
    giver.goto("/workspace")
    giver.keyboard.press("h")
    giver.wait_for_url("**/duty/sheets")
    giver.keyboard.press("h")
    giver.wait_for_url("**/duty/sheets/new")
    giver.keyboard.press("e")
    giver.keyboard.type("工地的人可能再来电")
    giver.keyboard.press("F2")
    expect(giver.get_by_text(say("Waits to be taken over"))).to_be_visible()

    expect(taker.locator("#today")).to_contain_text("林晓")
    taker.keyboard.press("h")
    expect(taker.get_by_text("工地的人可能再来电")).to_be_visible()
    taker.keyboard.press("F2")
    expect(taker.locator("#flashes")).to_contain_text("2")
    expect(taker.get_by_text("何苗").first).to_be_visible()
    expect(button(taker, say("Take over"))).to_have_count(0)
    db.session.rollback()
    assert db.session.get_one(Ticket, ticket.id).owner_id == house.colleague.id

"""The live board in a real browser: what happens is seen at once, and what is old looks old."""

import re
import time
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Locator, Page, expect

from hotline.live_updates import service as live_updates
from hotline.unit_of_work import unit_of_work
from hotline.walls import service as walls
from models import Call, CallState, Seat, SeatState, User, Wall, db
from tests.browser.conftest import IN_BOTH
from tests.browser.house import House, ring, sit_down
from tests.browser.test_lost_connection import Server, server  # noqa: F401 - a fixture
from tests.browser.watch import Watch
from tests.conftest import Clock

pytestmark = pytest.mark.browser
SCREEN = {"width": 1920, "height": 1080}
AT_MOST = 15  # seconds on a busy machine; the measured ones are printed, and in docs/operations.md


def waiting(page: Page) -> Locator:
    """The tile that says how many wait."""
    return page.locator(".wall-tile, .hy-tile").first


@pytest.fixture
def link(hotline: Flask, house: House, clock: Clock) -> str:
    """The link of a new wall, as the supervisor reads it."""
    with unit_of_work():
        boss = db.session.get_one(User, house.supervisor.id)
        _wall, token = walls.create("大厅", locale=boss.locale, actor=boss, at=clock())
    return f"{hotline.config['PUBLIC_BASE_URL']}/wall#{walls.in_groups(token)}"


@pytest.fixture
def is_cut(request: pytest.FixtureRequest) -> bool:
    """Whether the story cuts the line, which makes every browser complain."""
    return "server" in request.fixturenames


@pytest.fixture
def screen(browser: Browser, hotline: Flask, link: str, is_cut: bool) -> Iterator[Page]:
    """A screen at which nobody sits, after somebody has opened the link there."""
    context = browser.new_context(viewport=SCREEN)
    watch = Watch(context, hotline.config["PUBLIC_BASE_URL"], frozenset({401}))
    page = context.new_page()
    page.goto(link)
    expect(page.locator(".wall-board")).to_be_visible()
    expect(page.locator("body")).to_have_attribute("data-line", "stream")
    yield page
    context.close()
    assert is_cut or watch.complaints == []


class TestOnTheWall:
    def test_a_call_is_seen_at_once_and_counted_up(self, screen, clock, say):
        expect(waiting(screen)).to_contain_text(say("nobody waits on the line"))
        call, begun = ring(clock, seconds_ago=20), time.monotonic()
        expect(waiting(screen).locator("b")).to_have_text("1")
        took = time.monotonic() - begun
        print(f"from commit to screen: {took:.2f} s")  # noqa: T201 - the measured figure
        assert took < AT_MOST
        shown = screen.locator("[data-waits]")
        expect(shown).to_have_text(re.compile(r"0:2\d|0:3\d"))
        first = shown.inner_text()
        expect(shown).not_to_have_text(first)  # it goes on by itself

        with unit_of_work():
            db.session.get_one(Call, call.id).state = CallState.TALKING
            live_updates.post("hotline", "call", clock(), call=call.id)
        expect(waiting(screen).locator("b")).to_have_text("0")

    def test_the_token_is_not_left_in_the_address(self, screen):
        assert screen.url.endswith("/wall")
        assert screen.evaluate("document.cookie") == ""

    def test_who_sits_down_appears(self, screen, house, clock, say):
        expect(screen.locator(".wall-people")).to_contain_text(say("nobody is at the telephone"))
        sit_down(house.operator, clock)
        with unit_of_work():
            live_updates.post("supervisors", "seat", clock())
        expect(screen.locator(".wall-people")).to_contain_text("林晓")
        assert db.session.get_one(Seat, house.operator.id).state is SeatState.FREE

    def test_switched_off_it_goes_dark(self, screen, house, clock, say):
        with unit_of_work():
            boss = db.session.get_one(User, house.supervisor.id)
            walls.revoke(db.session.scalars(db.select(Wall)).one(), actor=boss, at=clock())
        expect(screen.get_by_text(say("This screen was switched off."))).to_be_visible()
        expect(screen.locator(".wall-board")).to_be_empty()

    @IN_BOTH
    def test_it_fits_its_screen(self, screen, clock):
        size = "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
        for width, height in ((1920, 1080), (1366, 768), (3840, 2160)):
            screen.set_viewport_size({"width": width, "height": height})
            assert screen.evaluate(size) == [width, height]


@pytest.mark.parametrize("say", ["zh"], indirect=True)
class TestWhenTheServerIsAway:
    """`server` and `hotline` are those of test_lost_connection: one that can be stopped."""

    @pytest.fixture
    def hotline(self, server: Server):  # noqa: F811
        return server._app

    def test_what_is_old_says_so_and_is_new_again(self, screen, server, clock, say):  # noqa: F811
        ring(clock, seconds_ago=20)
        expect(waiting(screen).locator("b")).to_have_text("1")
        server.stop()
        band = screen.locator(".wall-band")
        expect(band).to_be_visible()
        expect(band).to_contain_text("09:30:00")
        stopped = screen.locator("[data-waits]").inner_text()
        screen.wait_for_timeout(1500)
        assert screen.locator("[data-waits]").inner_text() == stopped  # nobody knows any more
        server.start()
        expect(band).to_be_hidden()
        expect(screen.locator("body")).to_have_attribute("data-board", re.compile("live|asking"))


@pytest.mark.parametrize("say", ["zh"], indirect=True)
def test_a_supervisor_sees_it_too(house, page_of, clock, say):
    page = page_of(house.supervisor)
    page.goto("/now")
    expect(page.get_by_text(say("live, as of"))).to_be_visible()
    ring(clock, seconds_ago=61)
    expect(waiting(page).locator(".hy-tile-number")).to_have_text("1")
    expect(page.locator("[data-waits]")).to_have_text(re.compile(r"1:\d\d"))


@pytest.mark.parametrize("say", ["zh"], indirect=True)
class TestWithoutAStream:
    @pytest.fixture
    def settings(self) -> dict[str, object]:
        return {"MAX_STREAMS": 0}

    def test_it_asks_and_says_that_it_asks(self, house, page_of, clock, say):
        page = page_of(house.supervisor, expected={503})
        page.goto("/now")
        asking = say("no stream, asking every few seconds; as of")
        expect(page.get_by_text(asking)).to_be_visible()
        ring(clock)
        expect(waiting(page).locator(".hy-tile-number")).to_have_text("1")

"""Parts of a page that follow the live updates: none is lost, and nobody is disturbed."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from hotline.callbacks import service as callbacks
from hotline.calls import seats
from hotline.handoffs import service as handoffs
from hotline.live_updates import service as live_updates
from hotline.outbox import service as outbox
from hotline.unit_of_work import unit_of_work
from models import CallbackKind, SeatState, Ticket
from tests.browser.acts import button, seat
from tests.browser.conftest import PATIENCE
from tests.browser.house import House, ring, sit_down
from tests.conftest import Clock
from tests.makers import make_ticket

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("say", ["zh"], indirect=True)]

SOON = 5  # seconds, on a busy machine
LISTEN = """() => {
    window.heard = new Promise((done) => {
        document.body.addEventListener("huiyin:live", done, { once: true });
    });
}"""
HEARD = "async () => { await window.heard; }"


def write_down(house: House, number: int) -> Ticket:
    return make_ticket(operator=house.operator, category=house.wages, phone=f"1391234567{number}")


def hand_off(house: House, clock: Clock, number: int) -> None:
    ticket = write_down(house, number)
    with unit_of_work():
        handoffs.hand_off(ticket, house.legal, actor=house.operator, at=clock())


def keep_open(house: House, clock: Clock, number: int) -> None:
    write_down(house, number)


def promise(house: House, clock: Clock, number: int) -> None:
    ticket = write_down(house, number)
    with unit_of_work():
        callbacks.promise(ticket, CallbackKind.TELL, at=clock(), owner=house.operator)


def ring_the_bell(house: House, clock: Clock, number: int) -> None:
    with unit_of_work():
        outbox.notify(house.operator, "Mark", at=clock(), dedupe_key=f"mark:{number}")


@dataclass(frozen=True)
class Part:
    """Who looks where; what happens; where how much of it is seen: rows, or a number."""

    who: str
    page: str
    happens: Callable[[House, Clock, int], None]
    asked: str
    shown: str
    is_number: bool = False

    def expect(self, page: Page, number: int) -> None:
        where = page.locator(self.shown)
        if self.is_number:
            expect(where.first).to_have_text(str(number))
        else:
            expect(where).to_have_count(number)


QUEUED = "#board a[href$='status=queued']"
PARTS = {
    "queue": Part("handler", "/queue", hand_off, "**/queue*", ".hy-queue-row"),
    "watch": Part("supervisor", "/unaccepted", hand_off, "**/unaccepted*", "#watch li"),
    "owed": Part("operator", "/profile", hand_off, "**/chrome/owed", "#owed strong", True),
    "board": Part("supervisor", "/now", hand_off, "**/now/board", QUEUED, True),
    "work": Part("operator", "/workspace", keep_open, "**/workspace/work", "#work li"),
    "callbacks": Part("operator", "/callbacks", promise, "**/callbacks", "#callbacks tbody tr"),
    "bell": Part("operator", "/profile", ring_the_bell, "**/chrome/bell", ".hy-bell-count", True),
    "notices": Part("operator", "/notifications", ring_the_bell, "**/notifications", "#notices li"),
}


@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS)
def test_what_comes_while_a_part_is_asked_for_is_seen_afterwards(part, house, page_of, clock):
    page = page_of(getattr(house, part.who))
    page.goto(part.page)
    held: list[Route] = []
    page.route(part.asked, lambda route: held.append(route), times=1)
    part.happens(house, clock, 1)
    until_held(page, held)
    answer = held[0].fetch()  # the server has read its lists: one thing has happened

    page.evaluate(LISTEN)
    part.happens(house, clock, 2)
    page.evaluate(HEARD)
    another = ("#owed", "ticket") if part.happens is ring_the_bell else ("#bell", "bell")
    for _ in range(2):  # a part is asked once a second at most: by now the held one would have been
        be_asked_for(page, *another)
    held[0].fulfill(response=answer)

    part.expect(page, 2)
    part.happens(house, clock, 3)
    part.expect(page, 3)


def until_held(page: Page, held: list[Route]) -> None:
    until = time.monotonic() + PATIENCE / 1000
    while not held and time.monotonic() < until:
        page.wait_for_timeout(20)  # meanwhile the route is called


def test_a_steady_stream_of_updates_does_not_keep_a_list_waiting(house, page_of, clock):
    page = page_of(house.handler)
    page.goto("/queue")
    page.evaluate("""() => setInterval(() => {
        const detail = { kind: "queue", data: {} };
        document.body.dispatchEvent(new CustomEvent("huiyin:live", { detail }));
    }, 100)""")
    hand_off(house, clock, 1)
    expect(page.locator(".hy-queue-row")).to_have_count(1)


def test_a_question_without_an_answer_is_asked_again(house, page_of, clock):
    page = page_of(house.handler, expected={503})
    page.goto("/queue")
    page.route("**/queue*", lambda route: route.fulfill(status=503), times=1)
    hand_off(house, clock, 1)
    expect(page.locator(".hy-queue-row")).to_have_count(1)


def test_a_part_with_nothing_to_say_takes_no_room_until_it_has(house, page_of, clock):
    page = page_of(house.operator)
    page.goto("/workspace")
    expect(page.locator("#waiting")).to_have_css("display", "none")  # not even a gap
    ring(clock)
    expect(page.locator("#waiting li")).to_be_visible()


class TestHundredsOfPages:
    """What all of them hear can wait; what concerns one page alone cannot, and says so."""

    TELL = """([kind, among]) => document.body.dispatchEvent(
        new CustomEvent("huiyin:live", { detail: { kind, data: {}, among } }))"""

    @pytest.fixture
    def page(self, house, page_of) -> Page:
        page = page_of(house.operator)
        page.goto("/profile")
        page.evaluate("() => { Math.random = () => 0; }")
        return page

    def test_what_many_ask_says_that_it_can_wait(self, page):
        for among, said in ((1, "yes"), (0, None)):
            with page.expect_request("**/chrome/owed") as asked:
                page.evaluate(self.TELL, ["ticket", among])
            assert asked.value.header_value("huiyin-can-wait") == said

    def test_what_is_for_this_page_alone_waits_for_no_answer_to_the_others(self, page):
        held: list[Route] = []
        page.route("**/chrome/owed", lambda route: held.append(route), times=1)
        page.evaluate(self.TELL, ["ticket", 1])
        until_held(page, held)
        begun = time.monotonic()
        with page.expect_response("**/chrome/owed") as answered:
            page.evaluate(self.TELL, ["ticket", 0])
        assert answered.value.ok
        assert answered.value.request.header_value("huiyin-can-wait") is None
        assert time.monotonic() - begun < SOON
        held[0].abort()

    def test_what_is_for_this_page_alone_is_not_put_off_by_an_answer_to_the_others(self, page):
        """A call rings a moment after the list of all was asked for: it shows at once."""
        with page.expect_response("**/chrome/owed"):
            page.evaluate(self.TELL, ["ticket", 4])
        page.evaluate("() => { window.begun = performance.now(); }")
        with page.expect_request("**/chrome/owed"):
            page.evaluate(self.TELL, ["ticket", 0])
        assert page.evaluate("() => performance.now() - window.begun") < 600  # not after a second


class TestNobodyIsDisturbed:
    def test_the_focus_stays_where_it_was(self, house, page_of, say, clock):
        hand_off(house, clock, 1)
        page = page_of(house.handler)
        page.goto("/queue")
        accept(page).focus()
        name = "() => document.activeElement.form.action"
        before = page.evaluate(name)

        hand_off(house, clock, 2)
        expect(page.locator(".hy-queue-row")).to_have_count(2)
        assert page.evaluate(name) == before

    def test_a_button_that_is_being_pressed_stays_under_the_pointer(self, house, page_of, clock):
        hand_off(house, clock, 1)
        page = page_of(house.handler)
        page.goto("/queue")
        accept(page).hover()
        page.mouse.down()
        page.evaluate(LISTEN)
        hand_off(house, clock, 2)
        page.evaluate(HEARD)
        be_asked_for(page, "#bell", "bell")
        expect(page.locator(".hy-queue-row")).to_have_count(1)
        page.mouse.up()
        expect(page.locator("#flashes")).to_be_visible()
        expect(page.locator(".hy-queue-row")).to_have_count(1)  # the other one is to be accepted

    def test_an_open_menu_stays_open_and_is_new_when_it_was_closed(
        self, house, page_of, say, clock
    ):
        sit_down(house.operator, clock)
        page = page_of(house.operator)
        page.goto("/profile")
        seat(page).click()
        page.evaluate(LISTEN)
        with unit_of_work():
            seats.set_seat_state(house.operator, SeatState.AWAY, at=clock())
        page.evaluate(HEARD)
        be_asked_for(page, "#owed", "ticket")
        expect(page.locator("#seat details[open]")).to_be_visible()
        expect(seat(page)).to_contain_text(say("Free"))

        page.keyboard.press("Escape")
        expect(seat(page)).to_contain_text(say("Away"))
        expect(seat(page)).to_be_focused()

    def test_what_is_being_written_stays(self, house, page_of, clock):
        sit_down(house.operator, clock)
        page = page_of(house.operator)
        page.goto(f"/workspace/{write_down(house, 1).id}")
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.locator("#question").fill("公司拖欠两个月工资")
        page.evaluate(LISTEN)
        with unit_of_work():
            live_updates.post(f"user:{house.operator.id}", "call", clock())
        page.evaluate(HEARD)
        be_asked_for(page, "#bell", "bell")
        expect(page.locator("#question")).to_be_focused()
        expect(page.locator("#question")).to_have_value("公司拖欠两个月工资")
        assert not [url for url in asked if url.endswith("/workspace/now")]

    def test_an_answer_that_says_nothing_new_changes_nothing(self, house, page_of, clock):
        ring_the_bell(house, clock, 1)
        page = page_of(house.operator)
        page.goto("/profile")
        be_asked_for(page, "#bell", "bell")
        page.evaluate("() => { document.querySelector('#bell a').dataset.old = 'yes'; }")
        be_asked_for(page, "#bell", "bell")
        expect(page.locator("#bell a[data-old]")).to_have_count(1)
        ring_the_bell(house, clock, 2)
        expect(page.locator(".hy-bell-count")).to_have_text("2")


def accept(page: Page) -> Locator:
    return button(page.locator(".hy-queue-row").last, "签收")


def be_asked_for(page: Page, part: str, kind: str) -> None:
    """Wait until `part` was asked for because of an update of `kind`, and everything is calm."""
    page.evaluate(
        """([part, kind]) => new Promise((done) => {
            const soon = () => setTimeout(done, 50);
            document.querySelector(part).addEventListener("htmx:afterRequest", soon);
            const detail = { kind, data: {} };
            document.body.dispatchEvent(new CustomEvent("huiyin:live", { detail }));
        })""",
        [part, kind],
    )

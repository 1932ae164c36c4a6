"""The line is cut and comes back: every list shows what happened meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import BaseWSGIServer, make_server

from hotline.live_updates import feed, streams
from hotline.telephony.cli import Quiet
from hotline.unit_of_work import unit_of_work
from models import LiveUpdate, User, db
from tests.browser.acts import write_down
from tests.browser.conftest import LANGUAGE, sign_in
from tests.browser.test_parts import HEARD, LISTEN, hand_off
from tests.browser.words import Words
from tests.live_updates.endings import end_streams
from tests.ports import free_port

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("say", ["zh"], indirect=True)]
HTMX_TIMEOUT = 15_000


class Server:
    """The hotline at one address, which can be stopped and started again."""

    def __init__(self, app: Flask, port: int) -> None:
        self._app, self._port = app, port
        self.start()

    def start(self) -> None:
        self._server: BaseWSGIServer = make_server(
            "127.0.0.1", self._port, self._app, threaded=True, request_handler=Quiet
        )
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        end_streams()


@pytest.fixture
def server(make_app, monkeypatch) -> Iterator[Server]:
    monkeypatch.setattr(streams, "places", streams.Places())
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    app = make_app(PORT=port, PUBLIC_BASE_URL=base, THREADS=40, MAX_STREAMS=30)
    server = Server(app, port)
    with app.app_context():
        yield server
        db.session.remove()
    server.stop()


@pytest.fixture
def hotline(server) -> Flask:
    return server._app


@contextmanager
def looking_at(
    path: str, browser: Browser, hotline: Flask, user: User, say: Words
) -> Iterator[Page]:
    """`user` at `path`. What a cut line makes a browser complain of is expected."""
    context = browser.new_context(
        base_url=hotline.config["PUBLIC_BASE_URL"], locale=LANGUAGE[say.locale]
    )
    page = context.new_page()
    page.goto("/login")
    sign_in(page, user, say)
    page.goto(path)
    yield page
    context.close()


@pytest.fixture
def queue(browser: Browser, hotline, house, say) -> Iterator[Page]:
    """The handler's queue, which hears."""
    with looking_at("/queue", browser, hotline, house.handler, say) as page:
        yield page


@pytest.mark.parametrize("is_swept", [False, True], ids=["from where it stopped", "everything"])
def test_after_the_server_was_away_the_list_is_as_it_should_be(
    queue, server, house, clock, is_swept
):
    hand_off(house, clock, 1)
    expect(queue.locator(".hy-queue-row")).to_have_count(1)
    server.stop()
    clock.advance(minutes=1)
    hand_off(house, clock, 2)
    if is_swept:
        with unit_of_work():
            live_updates_of_long_ago = LiveUpdate.id < feed.newest_id()
            db.session.execute(db.delete(LiveUpdate).where(live_updates_of_long_ago))
            db.session.add(LiveUpdate(at=clock(), audience="user:0", kind="bell", data={}))
    server.start()
    expect(queue.locator(".hy-queue-row")).to_have_count(2)


@pytest.fixture
def log(browser: Browser, hotline, house, say) -> Iterator[Page]:
    """An operator who writes down what came in."""
    with looking_at("/log", browser, hotline, house.operator, say) as page:
        yield page


def test_what_is_sent_while_the_server_is_away_waits_beside_its_button(log, server, say):
    """No error page of the browser takes the place of the form, and nobody presses twice."""
    write_down(log, say, "工地三个月没发工资")
    expect(log.locator("#department")).not_to_have_value("")
    log.locator("#number").fill("13490010004")
    server.stop()
    log.locator("#question").fill("工地三个月没发工资，今晚就要走")
    expect(log.get_by_text(say("No connection: kept in this browser"))).to_be_visible()

    log.keyboard.press("F4")
    expect(log.locator("#held")).to_be_visible()
    expect(log.locator("#question")).to_have_value("工地三个月没发工资，今晚就要走")
    server.start()

    log.wait_for_url("**/tickets/*")
    expect(log.locator("main")).to_contain_text("工地三个月没发工资，今晚就要走")


def test_a_line_that_died_without_a_word_is_given_up(queue, house, clock):
    """A lid was closed: nobody says that the stream is dead, only time tells."""
    rows = queue.locator(".hy-queue-row")
    queue.clock.install()
    queue.route("**/live?*", lambda route: None)  # whoever asks for a stream is left waiting
    queue.reload()
    hand_off(house, clock, 1)
    expect(queue.locator("#live-lost")).to_be_hidden()
    expect(rows).to_have_count(0)

    queue.clock.run_for(30_000)
    expect(queue.locator("#live-lost")).to_be_visible()
    queue.clock.resume()
    expect(rows).to_have_count(1)


def test_when_the_tab_that_listens_for_all_is_closed_another_one_goes_on(queue, house, clock):
    other = queue.context.new_page()
    other.goto("/queue")
    queue.evaluate(LISTEN)
    hand_off(house, clock, 1)
    queue.evaluate(HEARD)
    expect(other.locator(".hy-queue-row")).to_have_count(1)
    queue.close()
    hand_off(house, clock, 2)
    expect(other.locator(".hy-queue-row")).to_have_count(2)


def test_a_tab_that_missed_what_another_one_has_heard_catches_up(queue, house, clock):
    """It was in the background, where nobody listened; a tab that was opened now begins later."""
    queue.route("**/live?*", lambda route: None)
    queue.reload()
    hand_off(house, clock, 1)
    queue.evaluate(
        "(from) => new BroadcastChannel('huiyin-live /live').postMessage({ from })",
        feed.newest_id(),
    )
    expect(queue.locator(".hy-queue-row")).to_have_count(1, timeout=10_000)


def test_a_question_that_nobody_answers_is_given_up_and_asked_again(queue, house, clock):
    """A server hangs, a laptop slept: no part waits for ever for one answer."""
    assert queue.evaluate("() => htmx.config.timeout") == HTMX_TIMEOUT
    queue.evaluate("() => { htmx.config.timeout = 300; }")
    queue.route("**/queue*", lambda route: None, times=1)
    hand_off(house, clock, 1)
    expect(queue.locator(".hy-queue-row")).to_have_count(1)

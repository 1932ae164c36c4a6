"""A real Chromium in front of the real application, and the people who sit before it."""

import os
import shutil
import zlib
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect, sync_playwright

from hotline.live_updates import streams
from models import User, db
from tests.browser.house import House, make_house
from tests.browser.watch import Watch
from tests.browser.words import Words
from tests.conftest import Clock
from tests.live_updates.endings import end_streams
from tests.makers import PASSWORD
from tests.telephony.server import serving

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PATIENCE = 20_000  # milliseconds; only a machine that is busy otherwise needs so many
LANGUAGE = {"zh": "zh-CN", "en": "en-US"}
IN_BOTH = pytest.mark.parametrize("say", LANGUAGE, indirect=True)
SCHEME = {"zh": "light", "en": "dark"}  # so that both are seen
DESK, TELEPHONE = (1366, 768), (390, 844)

# Werkzeug's server forgets to close a sound whose listener went away in the middle of it.
HUNG_UP = (
    "ignore:Exception ignored in. <_io.FileIO name=.*/sounds/"
    ":pytest.PytestUnraisableExceptionWarning"
)

PageOf = Callable[..., Page]


def pytest_itemcollected(item: pytest.Item) -> None:
    item.add_marker(pytest.mark.filterwarnings(HUNG_UP))


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Where Chromium is: $CHROMIUM (scripts/test sets it) or the one on the path."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if not found:
        pytest.skip("no Chromium: none is installed, and scripts/test could not fetch one")
    return found


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator[Browser]:
    """One Chromium for the session; each person opens a context of its own in it."""
    # Chromium's sandbox refuses to work for root, and in most containers.
    options = ["--no-sandbox", "--disable-dev-shm-usage"]
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path, args=options)
        yield chromium
        chromium.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A story is told in one language, half of them in each; in both where the story says so."""
    told = (mark.args[0] for mark in metafunc.definition.iter_markers("parametrize"))
    if "say" in metafunc.fixturenames and "say" not in told:
        name = metafunc.definition.nodeid.encode()
        metafunc.parametrize("say", [tuple(LANGUAGE)[zlib.crc32(name) % 2]], indirect=True)


@pytest.fixture
def say(request: pytest.FixtureRequest) -> Words:
    """The words of the pages, in one of our languages; English goes with the dark theme."""
    return Words(request.param)


@pytest.fixture
def settings() -> dict[str, object]:
    """Settings of the application that a module wants otherwise."""
    return {}


@pytest.fixture
def hotline(
    make_app: Callable[..., Flask],
    clock: Clock,
    settings: dict[str, object],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Flask]:
    """The application on a port of its own, with its context pushed for the test to look in."""
    monkeypatch.setattr(streams, "places", streams.Places())
    wanted = {"THREADS": 40, "MAX_STREAMS": 30, **settings}
    with serving(make_app, **wanted) as app, app.app_context():
        yield app
        db.session.remove()
        end_streams()


@pytest.fixture
def house(hotline: Flask, say: Words, clock: Clock) -> House:
    return make_house(say.locale, clock)


@pytest.fixture
def page_of(browser: Browser, hotline: Flask, say: Words) -> Iterator[PageOf]:
    """`page_of(user)`: a browser of its own in which `user` is signed in, watched to the end.

    `size` is that of the window; `expected` are the answers of 400 and more that will be seen.
    """
    base = hotline.config["PUBLIC_BASE_URL"]
    watched: list[Watch] = []

    def page_of(user: User, *, size: tuple[int, int] = DESK, expected: set[int] = set()) -> Page:  # noqa: B006 — only read
        context = browser.new_context(
            base_url=base,
            locale=LANGUAGE[say.locale],
            color_scheme=SCHEME[say.locale],
            viewport={"width": size[0], "height": size[1]},
            has_touch=size is TELEPHONE,
        )
        context.set_default_timeout(PATIENCE)
        watched.append(Watch(context, base, frozenset(expected)))
        page = context.new_page()
        page.goto("/login")
        sign_in(page, user, say)
        return page

    yield page_of
    for watch in watched:
        watch.context.close()
    complaints = [one for watch in watched for one in watch.complaints]
    assert complaints == []


def sign_in(page: Page, user: User, say: Words) -> None:
    """At the door: name, password, Enter."""
    page.get_by_label(say("User name")).fill(user.username)
    page.get_by_label(say("Password")).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/login" not in url)

"""The stream of a wall on a real port: it tells that something moved, and ends with its wall."""

import re
import time

import pytest
import requests

from hotline.live_updates import streams
from hotline.unit_of_work import unit_of_work
from hotline.walls import service
from models import Role, User, Wall, db
from tests.live_updates.endings import end_streams
from tests.live_updates.listener import Listener
from tests.makers import make_ticket, make_user
from tests.telephony.server import serving

AT_ONCE = 5  # seconds; a stream looks again every second, on a busy machine a little later


@pytest.fixture
def base(make_app, monkeypatch):
    monkeypatch.setattr(streams, "places", streams.Places())
    with serving(make_app) as app, app.app_context():
        yield app.config["PUBLIC_BASE_URL"]
        db.session.remove()
        end_streams()


@pytest.fixture
def screen(base, clock):
    """A browser that is a wall, and the wall's id."""
    boss = make_user(Role.SUPERVISOR)
    with unit_of_work():
        boss = db.session.get_one(User, boss.id)
        wall, token = service.create("值班室", locale="zh", actor=boss, at=clock())
    browser = requests.Session()
    browser.trust_env = False
    door = browser.get(f"{base}/wall", timeout=10).text
    csrf = re.search(r'name="csrf_token" value="([^"]+)"', door)[1]
    form = {"token": token, "csrf_token": csrf}
    answer = browser.post(f"{base}/wall", data=form, timeout=10, allow_redirects=False)
    assert answer.status_code == 303
    browser.wall_id, browser.boss_id = wall.id, boss.id
    return browser


class WallListener(Listener):
    """The stream of a wall is one like any other, at an address of its own."""

    def __init__(self, browser, base):
        super().__init__(browser, f"{base}/wall")


def test_it_tells_that_something_moved(base, screen, clock):
    with WallListener(screen, base) as listener:
        make_ticket()
        assert listener.events(1) == ["ticket"]


def test_it_ends_at_once_with_its_wall(base, screen, clock):
    with WallListener(screen, base) as listener:
        begun = time.monotonic()
        with unit_of_work():
            wall = db.session.get_one(Wall, screen.wall_id)
            service.revoke(wall, actor=db.session.get_one(User, screen.boss_id), at=clock())
        assert listener.runs_to_its_end()
        assert time.monotonic() - begun < AT_ONCE
    assert screen.get(f"{base}/wall/live", timeout=10).status_code == 401


def test_one_wall_takes_no_more_places_than_one_person(base, screen, clock):
    listeners = [WallListener(screen, base) for _ in range(4)]
    assert [one.answer.status_code for one in listeners] == [200] * 4
    assert WallListener(screen, base).answer.status_code == 503  # MAX_STREAMS of the tests
    for one in listeners:
        one.answer.close()

"""What each wall keeps for itself: its tries, its language, its time of being seen."""

import pytest
from sqlalchemy import select

from hotline.accounts.service import TRIES_PER_ACCOUNT
from hotline.errors import Forbidden
from hotline.live_updates import service as live_updates
from hotline.unit_of_work import unit_of_work
from hotline.walls import service
from models import Role, User, Wall, db
from tests.makers import make_user


@pytest.fixture
def boss(app, clock):
    return make_user(Role.SUPERVISOR, locale="en")


def hung(boss, clock, name="值班室", locale="zh"):
    with unit_of_work():
        actor = db.session.get_one(User, boss.id)
        return service.create(name, locale=locale, actor=actor, at=clock())


def browser_at(app, address):
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = address
    return client


def switch_off(wall, boss, clock):
    with unit_of_work():
        here, actor = db.session.get_one(Wall, wall.id), db.session.get_one(User, boss.id)
        service.revoke(here, actor=actor, at=clock())


def test_who_guesses_elsewhere_locks_nobody_out(app, boss, clock):
    _wall, token = hung(boss, clock)
    guesser, screen = browser_at(app, "10.0.0.9"), browser_at(app, "10.0.0.1")
    for _ in range(TRIES_PER_ACCOUNT + 1):
        refused = guesser.post("/wall", data={"token": "2222"})
    assert refused.status_code == 429
    assert screen.post("/wall", data={"token": token}).status_code == 303


@pytest.mark.parametrize(("locale", "said"), [("en", "Calls waiting"), ("zh", "正在等候的来电")])
def test_a_screen_speaks_the_language_it_was_given(app, boss, clock, locale, said):
    _wall, token = hung(boss, clock, locale=locale)
    screen, theirs = browser_at(app, "10.0.0.1"), {"Accept-Language": "de"}
    screen.post("/wall", data={"token": token}, headers=theirs)
    assert said in screen.get("/wall", headers=theirs).text


def test_a_language_that_we_do_not_speak_is_ours(app, boss, sign_in):
    sign_in(boss).post("/walls", data={"name": "大厅", "locale": "xx"})
    assert db.session.scalars(select(Wall.locale)).all() == ["zh"]


def test_the_page_lists_those_that_are_on_first_and_forgets_the_others_after_a_month(
    app, boss, clock
):
    old, gone, on = (hung(boss, clock, name)[0] for name in ("旧的", "刚关的", "开着的"))
    switch_off(old, boss, clock)
    clock.advance(days=29)
    switch_off(gone, boss, clock)
    later, _token = hung(boss, clock, "新的")
    assert [wall.id for wall in service.walls(clock())] == [later.id, on.id, gone.id, old.id]
    clock.advance(days=1)
    assert [wall.id for wall in service.walls(clock())] == [later.id, on.id, gone.id]


def test_only_who_keeps_them_switches_one_off(app, boss, clock):
    wall, _token = hung(boss, clock)
    with pytest.raises(Forbidden):
        switch_off(wall, make_user(Role.OPERATOR), clock)
    with pytest.raises(Forbidden):
        hung(make_user(Role.OPERATOR), clock)


def test_it_stays_let_in_for_a_year_and_over_a_safe_line_alone(app, boss, clock):
    _wall, token = hung(boss, clock)
    app.config["SESSION_COOKIE_SECURE"] = True
    answer = browser_at(app, "10.0.0.1").post("/wall", data={"token": token})
    (cookie,) = [c for c in answer.headers.getlist("Set-Cookie") if c.startswith("huiyin_wall=")]
    assert "Secure" in cookie
    assert "Max-Age=31536000" in cookie


def test_it_hears_what_is_said_to_those_who_lead_and_to_itself(app, boss, clock):
    wall, token = hung(boss, clock)
    screen = browser_at(app, "10.0.0.1")
    screen.post("/wall", data={"token": token})
    before = screen.get("/wall/live/poll").json["last"]
    with unit_of_work():
        for audience in ("supervisors", "user:1", f"wall:{wall.id}", f"wall:{wall.id + 1}"):
            live_updates.post(audience, audience.partition(":")[0], clock())
    heard = screen.get(f"/wall/live/poll?after={before}").json["updates"]
    assert [update["kind"] for update in heard] == ["supervisors", "wall"]

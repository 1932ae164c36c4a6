"""A screen on a wall: let in by a token, allowed to look at the board, and nothing else."""

import re

import pytest

from hotline.accounts.service import TRIES_PER_ACCOUNT
from hotline.unit_of_work import unit_of_work
from hotline.walls import service
from models import (
    AuditEvent,
    LiveUpdate,
    LoginSession,
    Role,
    Seat,
    SeatState,
    Ticket,
    TicketStatus,
    Wall,
    db,
)
from tests.makers import make_user
from tests.stages import make_house, put

TOKEN = re.compile(r'id="token">([0-9A-Z-]+)<')
FORBIDDEN = ("王建国", "13912345678", "139****5678", "工地三个月没发工资", "查工资表", "2026111")


@pytest.fixture
def boss(app, clock):
    return make_user(Role.SUPERVISOR, locale="en")


@pytest.fixture
def token(boss, sign_in):
    """The token of a new wall, as its maker reads it on the page."""
    page = sign_in(boss).post("/walls", data={"name": "值班室", "locale": "zh"})
    return TOKEN.search(page.text)[1]


@pytest.fixture
def screen(app, client, token):
    """A browser that is that wall."""
    answer = client.post("/wall", data={"token": token})
    assert answer.status_code == 303
    return client


def trail():
    return [
        (entry.kind, entry.subject)
        for entry in db.session.scalars(db.select(AuditEvent).order_by(AuditEvent.id))
        if entry.kind.endswith("_wall")
    ]


def the_wall():
    db.session.rollback()
    return db.session.scalars(db.select(Wall)).one()


def test_a_screen_shows_the_board_and_is_nobody(app, clock, screen, boss):
    page = screen.get("/wall")
    assert page.status_code == 200
    assert "近24小时接通率" in page.text
    assert screen.get("/wall/board").status_code == 200
    assert screen.get("/wall/live/poll").json["updates"] == []
    for path in ("/now", "/now/board", "/tickets", "/calls/list", "/live", "/walls", "/reckoning"):
        answer = screen.get(path)
        assert answer.status_code in (303, 401), path
        assert "/login" in (answer.location or "/login")
    assert screen.post("/seat", data={"state": "free"}).status_code in (303, 400)
    assert db.session.scalars(db.select(Seat)).all() == []


def test_the_token_is_shown_once_and_stored_as_a_hash(app, clock, token, boss, sign_in):
    wall = the_wall()
    spelled = token.replace("-", "")
    assert len(spelled) == service.LENGTH
    assert spelled not in str(vars(wall))
    assert wall.created_by_id == boss.id
    page = sign_in(boss).get("/walls").text
    assert "值班室" in page
    assert token not in page
    assert spelled not in page
    assert spelled not in str([vars(entry) for entry in db.session.scalars(db.select(AuditEvent))])


@pytest.mark.parametrize("typed", [str.lower, lambda t: t.replace("-", " "), lambda t: f" {t} "])
def test_it_may_be_typed_carelessly(client, token, typed):
    assert client.post("/wall", data={"token": typed(token)}).status_code == 303


def test_the_cookie_goes_to_the_wall_alone_and_to_no_script(client, token):
    answer = client.post("/wall", data={"token": token})
    (cookie,) = [c for c in answer.headers.getlist("Set-Cookie") if c.startswith("huiyin_wall=")]
    for part in ("Path=/wall", "HttpOnly", "SameSite=Strict"):
        assert part in cookie
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert token not in answer.location


def test_the_link_hides_the_token_from_servers(boss, sign_in):
    page = sign_in(boss).post("/walls", data={"name": "大厅", "locale": "en"}).text
    link = re.search(r'id="wall-link" value="([^"]+)"', page)[1]
    assert link == f"http://localhost/wall#{TOKEN.search(page)[1]}"


class TestSwitchingOff:
    def test_it_is_over_at_once(self, app, clock, screen, boss, sign_in):
        wall = the_wall()
        sign_in(boss).post(f"/walls/{wall.id}/revoke")
        for path in ("/wall/board", "/wall/live", "/wall/live/poll"):
            assert screen.get(path).status_code == 401
        door = screen.get("/wall")
        assert 'id="wall-door"' in door.text
        assert "接通率" not in door.text
        wall = the_wall()
        assert (wall.ended_at, wall.ended_by_id) == (clock(), boss.id)

    def test_its_token_opens_nothing_any_more(self, app, clock, client, token, boss, sign_in):
        sign_in(boss).post(f"/walls/{the_wall().id}/revoke")
        assert client.post("/wall", data={"token": token}).status_code == 422

    def test_a_second_time_changes_nothing(self, app, clock, token, boss, sign_in):
        browser, wall = sign_in(boss), the_wall()
        browser.post(f"/walls/{wall.id}/revoke")
        first = the_wall().ended_at
        clock.advance(hours=1)
        browser.post(f"/walls/{wall.id}/revoke")
        assert the_wall().ended_at == first
        assert [kind for kind, _name in trail()] == ["create_wall", "revoke_wall"]


class TestGuessing:
    def test_wrong_tokens_are_counted_like_logins(self, app, clock, client, token):
        for _ in range(TRIES_PER_ACCOUNT):
            assert client.post("/wall", data={"token": "2222-2222"}).status_code == 422
        answer = client.post("/wall", data={"token": token})  # even the right one
        assert answer.status_code == 429
        assert "huiyin_wall=" not in str(answer.headers)
        clock.advance(minutes=16)
        assert client.post("/wall", data={"token": token}).status_code == 303

    def test_the_right_token_forgives_the_wrong_ones(self, app, clock, client, token):
        for _ in range(3):
            for _ in range(TRIES_PER_ACCOUNT - 1):
                client.post("/wall", data={"token": "2222-2222"})
            assert client.post("/wall", data={"token": token}).status_code == 303

    def test_a_cookie_that_we_did_not_sign_is_not_even_looked_up(
        self, app, clock, client, token, count_queries
    ):
        for value in (token.replace("-", ""), f'"{token}".x', "", "a.b.c"):
            client.set_cookie("huiyin_wall", value, path="/wall")
            count_queries.clear()
            assert client.get("/wall/board").status_code == 401
            assert [said for said in count_queries if "walls" in said] == []

    def test_nothing_typed_is_no_wall(self, app, clock, client, token):
        for typed in ("", "-", "x" * 100_000, "０１２３"):
            assert client.post("/wall", data={"token": typed}).status_code in (422, 429)

    def test_a_login_is_not_kept_out_by_them(self, app, clock, client, token, boss, sign_in):
        for _ in range(TRIES_PER_ACCOUNT + 1):
            client.post("/wall", data={"token": "2222-2222"})
        assert sign_in(boss).get("/now").status_code == 200


def test_it_looks_only(app, clock, screen):
    """No address of a wall takes anything else than the token."""
    for path in ("/wall/board", "/wall/live", "/wall/live/poll"):
        for method in ("POST", "PUT", "DELETE"):
            assert screen.open(path, method=method).status_code == 405


def test_no_caller_no_number_no_matter(app, clock, screen):
    house = make_house()
    for status in (TicketStatus.OPEN, TicketStatus.QUEUED, TicketStatus.ACCEPTED):
        put(house, status, clock())
    with unit_of_work():
        ticket = db.session.scalars(db.select(Ticket)).first()
        ticket.is_emergency, ticket.is_confidential = True, True
    for path in ("/wall", "/wall/board"):
        page = screen.get(path).text
        assert "legal部" in page
        assert not [word for word in FORBIDDEN if word in page]
    assert "紧急求助 1 件未办结" in page
    assert not re.search(r'href="/(tickets|calls|callbacks)', page)


def test_it_hears_that_something_moved_and_not_what(app, clock, screen):
    house = make_house()
    before = screen.get("/wall/live/poll").json["last"]
    ticket = put(house, TicketStatus.QUEUED, clock())
    with unit_of_work():
        db.session.add(LiveUpdate(at=clock(), audience="user:1", kind="bell", data={}))
    heard = screen.get(f"/wall/live/poll?after={before}").json["updates"]
    kinds = {update["kind"] for update in heard}
    assert "ticket" in kinds
    assert "bell" not in kinds
    assert all(update["data"] == {} for update in heard)
    assert any(
        one.data.get("ticket") == ticket.id for one in db.session.scalars(db.select(LiveUpdate))
    )


def test_who_catches_breath_is_away_on_a_wall(app, clock, screen):
    operator = make_user(Role.OPERATOR, display_name="林晓")
    with unit_of_work():
        db.session.add(
            Seat(
                user_id=operator.id,
                state=SeatState.RESTING,
                since_at=clock(),
                rest_until_at=clock(),
            )
        )
    page = screen.get("/wall").text
    assert page.index("离席") < page.index("林晓")
    assert "缓" not in page


def test_it_moves_nobodys_session(app, clock, boss, sign_in, token):
    browser = sign_in(boss)
    browser.post("/wall", data={"token": token})
    clock.advance(minutes=20)
    for path in ("/wall", "/wall/board", "/wall/live/poll"):
        assert browser.get(path).status_code == 200
    clock.advance(minutes=11)
    assert browser.get("/now").status_code == 303  # idle for half an hour
    assert browser.get("/wall").status_code == 200
    assert db.session.scalars(db.select(LoginSession)).first().active_at < clock()


def test_when_it_was_last_seen(app, clock, screen, boss, sign_in):
    screen.get("/wall")
    first = clock()
    clock.advance(seconds=30)
    screen.get("/wall/board")
    assert the_wall().seen_at == first  # once a minute is enough
    clock.advance(seconds=30)
    screen.get("/wall/board")
    assert the_wall().seen_at == clock()
    assert "just now" in sign_in(boss).get("/walls").text


def test_what_is_done_with_it_is_in_the_trail(app, clock, client, token, boss, sign_in):
    client.post("/wall", data={"token": "2222"})
    client.post("/wall", data={"token": token})
    sign_in(boss).post(f"/walls/{the_wall().id}/revoke")
    assert trail() == [
        ("create_wall", "值班室"),
        ("refuse_wall", ""),
        ("open_wall", "值班室"),
        ("revoke_wall", "值班室"),
    ]


def test_an_administrator_keeps_them_too(app, clock, client, sign_in):
    browser = sign_in(make_user(Role.ADMINISTRATOR))
    page = browser.post("/walls", data={"name": "大厅", "locale": "zh"})
    assert client.post("/wall", data={"token": TOKEN.search(page.text)[1]}).status_code == 303
    assert browser.post(f"/walls/{the_wall().id}/revoke").status_code == 303


@pytest.mark.parametrize("name", ["", "   ", "x" * 65])
def test_it_needs_a_name(app, clock, boss, sign_in, name):
    assert sign_in(boss).post("/walls", data={"name": name}).status_code == 422
    assert db.session.scalars(db.select(Wall)).all() == []


def test_few_queries_however_many_tickets(app, clock, screen, count_queries):
    house = make_house()
    for _ in range(3):
        put(house, TicketStatus.ACCEPTED, clock())
    screen.get("/wall/board")
    count_queries.clear()
    screen.get("/wall/board")
    assert len(count_queries) <= 8, count_queries

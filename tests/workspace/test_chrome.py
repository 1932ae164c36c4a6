"""What stands around every page: the first page, what is owed, the bell, the seat, the call."""

import pytest

from hotline import clock as clock_module
from hotline.outbox import service as outbox
from hotline.unit_of_work import unit_of_work
from models import Call, CallState, Role, Seat, SeatState, User, db
from tests.makers import make_department, make_ticket, make_user
from tests.workspace.house import call_in, make_house


@pytest.mark.parametrize(
    ("roles", "page"),
    [
        ([Role.OPERATOR], "/workspace"),
        ([Role.OPERATOR, Role.SUPERVISOR], "/workspace"),
        ([Role.SUPERVISOR], "/now"),
        ([Role.HANDLER], "/queue"),
        ([Role.REVIEWER], "/now"),
        ([Role.ADMINISTRATOR], "/users"),
    ],
)
def test_everybodys_day_begins_at_their_own_page(clock, sign_in, roles, page):
    user = make_user(*roles, department=make_department())

    assert sign_in(user).get("/").location == page


def test_the_bar_leads_only_where_the_viewer_may_go(clock, sign_in):
    browser = sign_in(make_user(Role.HANDLER, department=make_department()))

    page = browser.get("/log").text

    assert 'href="/tickets"' in page
    assert 'href="/workspace"' not in page
    assert 'href="/users"' not in page


def test_who_is_lost_still_finds_the_way_back(clock, sign_in, client):
    page = sign_in(make_user(Role.OPERATOR)).get("/no/such/page")

    assert page.status_code == 404
    assert 'href="/workspace"' in page.text
    assert 'href="/workspace"' not in client.get("/no/such/page").text


def test_callers_owed_an_answer_are_counted_until_everybody_has_one(clock, sign_in):
    house = make_house()
    browser = sign_in(house.operator)
    assert "今天的来电，都有回音了。" in browser.get("/chrome/owed").text

    make_ticket(operator=house.operator, category=house.wages)

    owed = browser.get("/chrome/owed").text
    assert "待回音" in owed
    assert "<strong>1</strong>" in owed


def test_the_bell_counts_what_is_unread(clock, sign_in):
    user = make_user(Role.OPERATOR)
    with unit_of_work():
        reader = db.session.get_one(User, user.id)
        outbox.notify(reader, "There is no such page.", at=clock_module.now(), dedupe_key="one")

    assert '<span class="hy-bell-count" aria-hidden="true">1</span>' in (
        sign_in(user).get("/chrome/bell").text
    )


def test_a_seat_is_taken_left_and_decided_by_the_telephone_while_talking(clock, sign_in):
    house = make_house()
    browser = sign_in(house.operator)

    browser.post("/seat", data={"state": "free"})
    assert db.session.get_one(Seat, house.operator.id).state is SeatState.FREE

    call_in(house, state=SeatState.ON_CALL)
    refused = browser.post("/seat", data={"state": "away"})
    assert refused.status_code == 409
    db.session.expire_all()
    assert db.session.get_one(Seat, house.operator.id).state is SeatState.ON_CALL

    assert browser.post("/seat", data={"state": "asleep"}).status_code == 422


def test_a_few_of_those_who_wait_are_shown_and_how_many_there_are(clock, sign_in):
    house = make_house()
    browser = sign_in(house.operator)
    assert "hy-dot-live" not in browser.get("/workspace/waiting").text
    at_seat = call_in(house, state=SeatState.ON_CALL)
    others = [call_in(house, f"+86139123400{number:02d}") for number in range(10, 19)]
    with unit_of_work():
        for ticket in (at_seat, *others):
            call = db.session.scalars(db.select(Call).where(Call.ticket_id == ticket.id)).one()
            call.state, call.answered_at = CallState.WAITING, None
        seat = db.session.get_one(Seat, house.operator.id)
        seat.call_id = db.session.scalar(db.select(Call.id).where(Call.ticket_id == at_seat.id))

    waiting = browser.get("/workspace/waiting").text
    assert waiting.count("hy-dot-live") == 6
    assert ">9<" in waiting.replace(" ", "").replace("\n", "")
    assert "还有3条" in waiting


def test_the_call_at_the_seat_stands_on_every_page(clock, sign_in):
    house = make_house()
    browser = sign_in(house.operator)
    assert "hy-call-bar" not in browser.get("/chrome/call").text

    ticket = call_in(house, state=SeatState.ON_CALL)

    bar = browser.get("/chrome/call").text
    assert "139 1234 5678" in bar
    assert f'href="/workspace/{ticket.id}"' in bar


@pytest.mark.parametrize(
    ("stored", "cookie", "shown"),
    [("dark", "light", "dark"), ("light", "", "light"), ("", "dark", "dark"), ("", "", None)],
)
def test_the_theme_is_the_persons_own_then_the_browsers(clock, sign_in, stored, cookie, shown):
    browser = sign_in(make_user(Role.OPERATOR, theme=stored))
    if cookie:
        browser.set_cookie("theme", cookie)

    html = browser.get("/workspace").text.split("<head>")[0]

    assert (f'data-bs-theme="{shown}"' in html) if shown else ("data-bs-theme" not in html)


def test_a_strangers_theme_is_the_browsers(client):
    client.set_cookie("theme", "dark")
    assert 'data-bs-theme="dark"' in client.get("/login").text

    client.set_cookie("theme", '"><script>')
    assert "<script>" not in client.get("/login").text.split("<head>")[0]

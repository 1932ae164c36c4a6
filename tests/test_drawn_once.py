"""Parts of pages that are drawn once: never out of date, nobody else's, and never too many."""

import re
from pathlib import Path

import pytest
from markupsafe import Markup

from hotline import drawn_once
from hotline.calls import seats
from hotline.drawn_once import OF_THE_TOKEN, Shelf
from hotline.unit_of_work import unit_of_work
from models import (
    Caller,
    Category,
    Department,
    Handoff,
    Role,
    Seat,
    SeatState,
    Ticket,
    TicketStatus,
    User,
    UserRole,
    db,
)
from tests.handoffs.house import hand_off, make_house, set_ticket
from tests.makers import make_category, make_user

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
ROW = "handoffs/_row.html"
TEMPLATES = Path(__file__).parent.parent / "templates"


@pytest.fixture(autouse=True)
def drawn_anew():
    """Here what was drawn is shown again, as on a server."""


@pytest.fixture
def house(app, clock):
    house = make_house()
    hand_off(house, note="请核实欠薪月份")
    set_ticket(house.ticket, category_id=make_category("injury", name_zh="工伤").id)
    return house


@pytest.fixture
def drawings(monkeypatch):
    """The templates that were drawn, one by one."""
    names, draw = [], drawn_once._draw

    def note(app, template, values):
        names.append(template)
        return draw(app, template, values)

    monkeypatch.setattr(drawn_once, "_draw", note)
    return names


def read(browser, path="/queue"):
    answered = browser.get(path)
    assert answered.status_code == 200
    return answered.get_data(as_text=True)


def test_a_row_that_looks_the_same_is_drawn_once(house, sign_in, drawings):
    browser = sign_in(house.handler)
    first, again = (read(browser).partition('class="hy-items"')[2] for _ in range(2))
    assert drawings.count(ROW) == 1
    assert house.ticket.number in first
    assert TOKEN.sub("", again) == TOKEN.sub("", first)


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        (lambda ids: _set(Category, "name_zh", "工伤认定", code="injury"), "工伤认定"),
        (lambda ids: _set(Department, "name_zh", "法律部", id=ids.department_id), "法律部"),
        (lambda ids: _set(Ticket, "subject", "加班费没有发", id=ids.ticket_id), "加班费没有发"),
        (lambda ids: _set(Ticket, "chased_count", 3, id=ids.ticket_id), "催办3次"),
        (lambda ids: _set(Handoff, "note", "请回电", id=ids.id), "请回电"),
    ],
)
def test_what_another_process_changes_is_on_the_next_page(
    house, make_app, sign_in, drawings, change, shown
):
    browser = sign_in(house.handler)
    before = read(browser)
    ids = db.session.scalars(db.select(Handoff)).one()
    with make_app().app_context():
        change(ids)
    after = read(browser)
    assert shown not in before
    assert shown in after
    assert drawings.count(ROW) == 2


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        (lambda house: _set(Category, "name_zh", "工伤认定", code="injury"), "工伤认定"),
        (lambda house: _set(Caller, "name", "陈晓"), "陈晓"),
        (lambda house: _set(Ticket, "is_supervised", True), "督办"),
        (lambda house: _set(User, "display_name", "王小红", id=house.operator.id), "王小红"),
        (
            lambda house: _set(Seat, "state", SeatState.AFTER_CALL, user_id=house.operator.id),
            'wide">话后处理',
        ),
    ],
)
def test_nor_is_a_list_or_the_bar_out_of_date(house, make_app, sign_in, clock, change, shown):
    with unit_of_work():
        seats.set_seat_state(house.operator, SeatState.FREE, at=clock())
    browser = sign_in(house.operator)
    before = rows_and_bar(browser)
    with make_app().app_context():
        change(house)
    after = rows_and_bar(browser)
    assert shown not in before
    assert shown in after


def rows_and_bar(browser):
    html = read(browser, "/tickets")
    return (
        html.partition('class="hy-tools"')[2].partition("<main")[0] + html.partition("<tbody>")[2]
    )


def test_what_one_may_do_no_more_is_gone_from_the_bar(house, sign_in):
    browser = sign_in(house.handler)
    assert 'href="/queue"' in read(browser, "/tickets")
    with unit_of_work():
        user = db.session.get(User, house.handler.id)
        user.role_rows = [UserRole(role=Role.OPERATOR)]
    html = read(browser, "/tickets")
    assert 'href="/queue"' not in html
    assert 'href="/workspace"' in html


def _set(model, column, value, **which):
    with unit_of_work():
        setattr(db.session.scalars(db.select(model).filter_by(**which)).one(), column, value)


def test_the_time_that_is_left_goes_on(house, sign_in, clock):
    browser = sign_in(house.handler)
    before = re.findall(r"剩\S+?（", read(browser))
    clock.advance(minutes=1)
    assert before
    assert re.findall(r"剩\S+?（", read(browser)) != before


def test_who_reads_another_language_reads_it(house, sign_in, drawings):
    english = make_user(Role.HANDLER, department=house.legal, locale="en")
    assert "签收" in read(sign_in(house.handler))
    assert "签收" not in read(sign_in(english)).partition('class="hy-items"')[2]
    assert drawings.count(ROW) == 2


def test_of_a_confidential_ticket_each_reads_what_is_for_them(house, sign_in):
    name = db.session.get(Ticket, house.ticket.id).caller.name
    set_ticket(
        house.ticket, is_confidential=True, safe_summary="反映欠薪", subject=f"{name}反映欠薪"
    )
    at_the_desk = make_user(Role.HANDLER, department=house.legal)
    set_ticket(house.ticket, desk_department_id=house.legal.id)
    assert f"{name}反映欠薪" in read(sign_in(at_the_desk))
    set_ticket(house.ticket, desk_department_id=None)
    assert name not in read(sign_in(house.handler))


def test_each_browser_has_its_own_token_in_what_is_shown_to_both(house, sign_in, drawings):
    first = set(TOKEN.findall(read(sign_in(house.handler))))
    second = set(TOKEN.findall(read(sign_in(house.handler))))
    assert drawings.count(ROW) == 1
    assert len(first) == len(second) == 1
    assert first.isdisjoint(second)
    assert OF_THE_TOKEN not in first | second


def test_a_form_of_a_row_that_is_shown_again_is_taken(app, house, sign_in):
    browser, stranger = sign_in(house.handler), sign_in(house.handler)
    read(stranger)
    html = read(browser)
    app.config["WTF_CSRF_ENABLED"] = True
    form = html.partition("/accept")[2]
    typed = dict(re.findall(r'name="(version|back|csrf_token)" value="([^"]*)"', form)[:3])
    path = f"/tickets/{house.ticket.id}/accept"
    assert stranger.post(path, data=typed).status_code == 400
    assert browser.post(path, data=typed).status_code == 303
    assert house.ticket.status is TicketStatus.ACCEPTED


PARTS = re.compile(r'drawn\("([^"]+)"')
# A clock, the request, who looks: a part that asks for them would show the first who came to all.
ASKS = re.compile(
    r"\b(now\(|request|session|viewer|g\.|\|ago|\|time_left|\|local_date|t\.when|t\.due\()"
)


def test_no_part_asks_for_more_than_it_is_given():
    texts = {path: path.read_text() for path in TEMPLATES.rglob("*.html")}
    parts = {name for text in texts.values() for name in PARTS.findall(text)}
    asking = {name: ASKS.findall(texts[TEMPLATES / name]) for name in parts}
    assert ROW in parts
    assert not {name: found for name, found in asking.items() if found}


class TestShelf:
    def test_it_keeps_what_was_shown_last(self):
        shelf, html = Shelf(3 * drawn_once._size(Markup("x" * 100))), Markup("x" * 100)
        for key in "abc":
            shelf.put(key, html)
        assert shelf.get("a") == html
        shelf.put("d", html)
        assert [key for key in "abcd" if shelf.get(key)] == ["a", "c", "d"]

    def test_what_is_drawn_by_two_at_once_counts_once(self):
        shelf, html = Shelf(2 * drawn_once._size(Markup("x" * 100))), Markup("x" * 100)
        shelf.put("a", html)
        for _ in range(5):
            shelf.put("b", html)
        assert shelf.get("a") == html

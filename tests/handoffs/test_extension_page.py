"""Asking for more time and deciding about it, with the buttons of the pages."""

import re
from html import unescape

import pytest
from sqlalchemy import select

from hotline.handoffs import service as handoffs
from hotline.unit_of_work import unit_of_work
from models import Callback, Extension, Handoff, Level, Role, Ticket, db
from tests.handoffs.house import accept, at, hand_off, make_house, set_ticket, speak
from tests.makers import make_category, make_user


@pytest.fixture
def house(app, clock):
    clock.set(at("2026-11-16 09:30"))
    house = make_house()
    speak(house.ticket)
    hand_off(house)
    return house


def read(browser, path):
    answered = browser.get(path)
    assert answered.status_code == 200, path
    return " ".join(answered.get_data(as_text=True).split())


def post(browser, house, verb, **typed):
    db.session.expire_all()
    version = db.session.get_one(Ticket, house.ticket.id).version
    return browser.post(f"/tickets/{house.ticket.id}/{verb}", data={"version": version, **typed})


def ask(house, clock):
    with unit_of_work():
        handoffs.ask_extension(
            house.ticket,
            actor=house.handler,
            at=clock.time,
            until=at("2026-11-26 17:30"),
            reason="需要调取工资流水",
        )


def due_at():
    db.session.expire_all()
    return db.session.scalars(select(Handoff.handle_due_at)).one()


def test_the_department_asks_from_its_queue_and_sees_it_there(house, sign_in):
    browser = sign_in(house.handler)
    (url,) = set(
        re.findall(r'href="(/tickets/\d+/ask_extension\?back=queue)"', read(browser, "/queue"))
    )
    form = read(browser, url)
    assert 'min="2026-11-23"' in form
    assert 'max="2026-11-30"' in form
    answered = post(
        browser, house, "ask_extension", until="2026-11-26", reason="调取流水", back="queue"
    )
    assert answered.headers["Location"].endswith("/queue")
    shown = read(browser, "/queue")
    assert "延期申请中" in shown
    assert "ask_extension" not in shown


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"until": "2026-11-21", "reason": "调取流水"}, "until"),  # a Saturday
        ({"until": "2026-11-20", "reason": "调取流水"}, "until"),
        ({"until": "", "reason": "调取流水"}, "until"),
        ({"until": "2026-11-26", "reason": " "}, "reason"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(house, sign_in, typed, field):
    browser = sign_in(house.handler)
    answered = post(browser, house, "ask_extension", **typed)
    assert answered.status_code == 422
    text = answered.get_data(as_text=True)
    assert f'id="{field}-error"' in text
    assert typed["reason"].strip() in text
    assert db.session.scalars(select(Extension)).all() == []


def test_the_supervisor_decides_from_the_list(house, clock, sign_in):
    ask(house, clock)
    boss = sign_in(house.supervisor)
    listed = read(boss, "/extensions")
    assert "需要调取工资流水" in listed
    assert "延至11月26日" in listed
    named = r'href="(/tickets/\d+/grant_extension\?back=extensions&amp;handoff=\d+)"'
    (url,) = {unescape(one) for one in re.findall(named, listed)}
    assert 'value="2026-11-26"' in read(boss, url)
    answered = post(boss, house, "grant_extension", until="2026-11-25", back="extensions")
    assert answered.headers["Location"].endswith("/extensions")
    assert due_at() == at("2026-11-25 17:30")
    assert house.ticket.number not in read(boss, "/extensions")
    assert "已延期" in read(sign_in(house.handler), "/queue")


def test_a_refusal_is_seen_with_its_reason(house, clock, sign_in):
    ask(house, clock)
    post(sign_in(house.supervisor), house, "refuse_extension", reason="流水本周可取")
    browser = sign_in(house.handler)
    assert "流水本周可取" in read(browser, f"/tickets/{house.ticket.id}")
    assert "未同意延期" in read(browser, "/queue")


def test_only_supervisors_see_the_list_and_its_tab(house, clock, sign_in):
    ask(house, clock)
    operator = sign_in(house.operator)
    assert operator.get("/extensions").status_code in (403, 404)
    assert "/extensions" not in read(operator, "/returns")
    assert "/extensions" in read(sign_in(house.supervisor), "/returns")


def test_who_asked_does_not_see_the_buttons_to_decide(house, clock, sign_in):
    keeper = house.supervisor
    with unit_of_work():
        house.handler.is_active = house.head.is_active = False
        house.legal.keeper_id = keeper.id
    with unit_of_work():
        handoffs.ask_extension(
            house.ticket,
            actor=keeper,
            at=clock.time,
            until=at("2026-11-26 17:30"),
            reason="调取流水",
        )
    assert "grant_extension" not in read(sign_in(keeper), f"/tickets/{house.ticket.id}")
    other = make_user(Role.SUPERVISOR)
    assert "grant_extension" in read(sign_in(other), f"/tickets/{house.ticket.id}")


def test_the_story_tells_it_all_in_both_languages(house, clock, sign_in):
    ask(house, clock)
    with unit_of_work():
        handoffs.grant_extension(house.ticket, actor=house.supervisor, at=clock.time)
    browser = sign_in(house.operator)
    shown = read(browser, f"/tickets/{house.ticket.id}")
    for words in ("权益保障部申请延期", "已同意延期", "新期限尚未告知来电人", "已告知新期限"):
        assert words in shown
    assert "11月23日（周一）17:30 → 11月26日（周四）17:30" in shown
    clock.advance(hours=1)  # nobody has just spoken with the caller
    assert "已告知新期限" not in read(sign_in(house.operator), f"/tickets/{house.ticket.id}")


def test_the_hotline_says_so_when_the_caller_rings_in(house, clock, sign_in):
    ask(house, clock)
    with unit_of_work():
        handoffs.grant_extension(house.ticket, actor=house.supervisor, at=clock.time)
    speak(house.ticket)
    browser = sign_in(house.operator)
    assert post(browser, house, "tell_date").status_code == 303
    db.session.expire_all()
    assert db.session.scalars(select(Callback).where(Callback.ended_at.is_(None))).all() == []
    shown = read(browser, f"/tickets/{house.ticket.id}")
    assert "已告知来电人新期限" in shown
    assert "新期限尚未告知来电人" not in shown


def test_a_level_is_asked_for_and_granted_with_buttons(house, sign_in):
    browser = sign_in(house.handler)
    form = read(browser, f"/tickets/{house.ticket.id}/ask_level")
    offered = re.findall(r'name="level" value="(\w+)"', form)
    assert offered == ["difficult", "complex"]
    post(browser, house, "ask_level", level="difficult", reason="涉及劳务派遣")
    boss = sign_in(house.supervisor)
    assert "难点" in read(boss, "/extensions")
    assert post(boss, house, "grant_extension").status_code == 303
    assert due_at() == at("2026-12-07 17:30")


@pytest.mark.parametrize(
    ("who", "offered"),
    [
        ("operator", ["consultation", "ordinary"]),
        ("supervisor", ["consultation", "ordinary", "difficult", "complex"]),
    ],
)
def test_only_a_supervisor_is_offered_more_than_ordinary(app, clock, sign_in, who, offered):
    house = make_house()
    form = read(sign_in(getattr(house, who)), f"/tickets/{house.ticket.id}/hand_off")
    assert re.findall(r'<option value="([a-z]+)"', form) == offered
    workspace = read(sign_in(getattr(house, who)), f"/workspace/{house.ticket.id}")
    assert [
        one for one in re.findall(r'<option value="([a-z]+)"', workspace) if one in set(Level)
    ] == offered


def test_what_was_granted_or_the_category_begins_with_is_offered_to_everybody(app, sign_in):
    house = make_house()
    hard = make_category("injury", level=Level.COMPLEX)
    set_ticket(house.ticket, category=hard, level=Level.DIFFICULT)
    form = read(sign_in(house.operator), f"/tickets/{house.ticket.id}/hand_off")
    assert re.findall(r'<option value="([a-z]+)"', form) == list(Level)


def test_no_operator_writes_down_a_level_that_nobody_granted(app, house, sign_in):
    accept(house)
    browser = sign_in(house.operator)
    with unit_of_work():
        handoffs.recall(
            house.ticket, actor=house.operator, at=at("2026-11-16 09:40"), reason="自己办"
        )
    version = db.session.get_one(Ticket, house.ticket.id).version
    answered = browser.post(
        f"/tickets/{house.ticket.id}/hand_off",
        data={"version": version, "department": house.women.id, "level": "complex"},
    )
    assert answered.status_code == 422
    assert "须由主管批准" in answered.get_data(as_text=True)


@pytest.mark.parametrize(("who", "answers"), [("operator", 422), ("supervisor", 303)])
def test_the_form_of_the_call_keeps_to_it_too(app, clock, sign_in, who, answers):
    house = make_house()
    typed = {
        "version": house.ticket.version,
        "caller_kind": "worker",
        "category": house.ticket.category_id,
        "question": "工地三个月没发工资",
        "level": "complex",
    }
    answered = sign_in(getattr(house, who)).post(f"/workspace/{house.ticket.id}/save", data=typed)
    assert answered.status_code == answers
    db.session.expire_all()
    level = db.session.get_one(Ticket, house.ticket.id).level
    assert level is (Level.COMPLEX if answers == 303 else Level.ORDINARY)
    if answers == 422:
        assert "须由主管批准" in answered.get_data(as_text=True)

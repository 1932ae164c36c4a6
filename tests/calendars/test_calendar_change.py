"""A calendar changes, and what lies ahead follows it."""

from datetime import date

import pytest
from sqlalchemy import select

from hotline.callbacks import service as callbacks
from hotline.unit_of_work import unit_of_work
from models import CallbackKind, Role, SpecialDay, TicketEvent, Urgency, db
from tests.handoffs.house import accept, at, hand_off, make_house, set_ticket
from tests.makers import make_user

TOMORROW_OFF = {"on": "2026-11-17", "is_working": "no", "name": "停电"}
SHORT_DAYS = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "09:00-16:00")


@pytest.fixture
def house(app, clock):
    return make_house()


@pytest.fixture
def browser(house, sign_in):
    return sign_in(make_user(Role.ADMINISTRATOR))


def changes_of(ticket):
    found = select(TicketEvent).where(
        TicketEvent.ticket_id == ticket.id, TicketEvent.kind == "new_calendar"
    )
    return len(db.session.scalars(found).all())


def test_a_day_off_moves_the_limit_of_days_and_taking_it_back_too(house, browser):
    handoff = hand_off(house)
    promised_at = house.ticket.promised_at
    assert (handoff.accept_due_at, handoff.handle_due_at) == (
        at("2026-11-16 11:30"),
        at("2026-11-23 17:30"),
    )
    assert browser.post("/special-days", data=TOMORROW_OFF).status_code == 303
    db.session.rollback()
    assert (handoff.accept_due_at, handoff.handle_due_at) == (
        at("2026-11-16 11:30"),
        at("2026-11-24 17:30"),
    )
    assert house.ticket.promised_at == promised_at  # it does not move untold
    assert changes_of(house.ticket) == 1

    day = db.session.scalars(select(SpecialDay)).one()
    browser.post(f"/special-days/{day.id}/remove")
    db.session.rollback()
    assert handoff.handle_due_at == at("2026-11-23 17:30")


def test_a_warning_that_was_given_comes_again_for_the_new_limit(house, browser):
    handoff = hand_off(house)
    with unit_of_work():
        handoff.accept_reminded_at = handoff.handle_reminded_at = at("2026-11-16 09:30")
    browser.post("/special-days", data=TOMORROW_OFF)
    db.session.rollback()
    assert handoff.handle_reminded_at is None
    assert handoff.accept_reminded_at == at("2026-11-16 09:30")


def test_new_hours_of_a_department_move_its_own_limits_only(house, browser):
    handoff = hand_off(house)
    browser.post(f"/opening-hours/business?department={house.women.id}", data=SHORT_DAYS)
    db.session.rollback()
    assert handoff.handle_due_at == at("2026-11-23 17:30")
    assert changes_of(house.ticket) == 0

    browser.post(f"/opening-hours/business?department={house.legal.id}", data=SHORT_DAYS)
    db.session.rollback()
    assert handoff.handle_due_at == at("2026-11-23 16:00")
    assert handoff.due_at == handoff.accept_due_at == at("2026-11-16 11:30")


def test_what_is_overdue_stays_overdue(house, browser, clock):
    handoff = hand_off(house)
    clock.advance(minutes=20)
    with unit_of_work():
        handoff.accept_due_at = at("2026-11-16 09:40")
    browser.post("/special-days", data=TOMORROW_OFF)
    db.session.rollback()
    assert handoff.accept_due_at == at("2026-11-16 09:40")
    assert handoff.handle_due_at == at("2026-11-24 17:30")


def test_what_runs_day_and_night_stays(house, browser):
    set_ticket(house.ticket, urgency=Urgency.CRITICAL)
    handoff = hand_off(house)
    assert handoff.handle_due_at == at("2026-11-16 11:30")
    browser.post("/opening-hours/business", data=dict.fromkeys(SHORT_DAYS, "13:00-17:00"))
    db.session.rollback()
    assert handoff.handle_due_at == at("2026-11-16 11:30")
    assert changes_of(house.ticket) == 0


def test_a_signed_handoff_keeps_its_sign_limit(house, browser):
    handoff = hand_off(house)
    accept(house)
    signed_by = handoff.accept_due_at
    browser.post("/opening-hours/business", data=dict.fromkeys(SHORT_DAYS, "13:00-17:00"))
    db.session.rollback()
    assert handoff.accept_due_at == signed_by
    assert handoff.due_at == handoff.handle_due_at == at("2026-11-23 17:00")


def test_the_promise_to_tell_moves_unless_the_caller_chose_the_time(house, browser):
    with unit_of_work():
        tell = callbacks.promise(house.ticket, CallbackKind.TELL, at=at("2026-11-16 09:30"))
    assert tell.due_at == at("2026-11-17 17:30")
    browser.post("/special-days", data=TOMORROW_OFF)
    db.session.rollback()
    assert tell.due_at == at("2026-11-18 17:30")

    with unit_of_work():
        tell.window = "noon"
    browser.post("/special-days", data=TOMORROW_OFF | {"on": date(2026, 11, 18).isoformat()})
    db.session.rollback()
    assert tell.due_at == at("2026-11-18 17:30")


def test_who_saves_is_told_how_much_moves_and_the_ticket_says_from_when_to_when(
    house, browser, sign_in
):
    hand_off(house)
    for page in ("/opening-hours/business", "/special-days"):
        assert "尚未到期的期限会重新计算" in browser.get(page).text
    assert "尚未到期的期限会重新计算" not in browser.get("/opening-hours/contact").text

    saved = browser.post("/special-days", data=TOMORROW_OFF, follow_redirects=True).text
    assert "已重新计算1件工单的期限" in saved

    story = sign_in(house.supervisor).get(f"/tickets/{house.ticket.id}").text
    assert "日历变动" in story
    assert "答复期限" in story
    assert "11月23日（周一）17:30 → 11月24日（周二）17:30" in story


def test_who_saves_hours_that_move_nothing_hears_of_nothing(house, browser):
    saved = browser.post("/special-days", data=TOMORROW_OFF, follow_redirects=True).text

    assert "已重新计算" not in saved

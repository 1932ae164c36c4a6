"""A click on the due time of a handoff says how it began and what has moved it since."""

from datetime import date

import pytest
from sqlalchemy import select

from hotline.handoffs import grounds
from hotline.handoffs import service as handoffs
from hotline.handoffs.grounds import Clock
from hotline.sla import policies
from hotline.unit_of_work import unit_of_work
from models import Handoff, Level, Role, Ticket, Urgency, db
from tests.handoffs.house import accept, at, hand_off, make_house, set_ticket, suspend, wait
from tests.makers import make_user


@pytest.fixture
def house(app, clock):
    clock.set(at("2026-11-16 09:30"))  # a Monday
    return make_house()


def page(browser, clock="handle"):
    handoff = db.session.scalars(select(Handoff)).one()
    answered = browser.get(f"/handoffs/{handoff.id}/reckoning/{clock}")
    assert answered.status_code == 200
    return " ".join(answered.get_data(as_text=True).split())


def ground(clock=Clock.HANDLE):
    return grounds.of(db.session.scalars(select(Handoff)).one(), clock)


def extend(house, clock, until="2026-11-26 17:30"):
    with unit_of_work():
        handoffs.ask_extension(
            house.ticket, actor=house.handler, at=clock.time, until=at(until), reason="调取流水"
        )
    with unit_of_work():
        handoffs.grant_extension(house.ticket, actor=house.supervisor, at=clock.time)


def test_without_a_move_it_is_the_limit_in_working_days(house, sign_in):
    hand_off(house)
    told = page(sign_in(house.handler))
    assert "时限：5个工作日" in told
    assert "合计：5个工作日" in told
    assert "此后的变动" not in told


def test_the_limit_to_accept_is_told_in_hours_also_when_it_ends_at_the_close(house, clock):
    clock.set(at("2026-11-16 18:00"))
    admin = make_user(Role.ADMINISTRATOR)
    with unit_of_work():
        policies.set_value("accept_minutes", 7 * 60 + 30, actor=admin, at=clock.time)
    hand_off(house)
    accept_ground = ground(Clock.ACCEPT)
    assert accept_ground.due_at == at("2026-11-17 17:30")
    assert not accept_ground.reckoning.counts_days


def test_an_extension_names_who_agreed_and_why(house, clock, sign_in):
    hand_off(house)
    extend(house, clock)
    told = page(sign_in(house.handler))
    assert f"延期至11月26日（周四）17:30，{house.supervisor.display_name}同意于" in told
    assert "调取流水" in told
    assert "现时限：11月26日（周四）17:30" in told


def test_every_move_is_told_in_its_order(house, clock, sign_in):
    hand_off(house)
    accept(house)
    wait(house, until=at("2026-11-17 09:30"), what="工资条照片")
    clock.set(at("2026-11-17 09:30"))
    with unit_of_work():
        handoffs.end_wait(house.ticket, actor=house.handler, at=clock.time)
    extend(house, clock, "2026-11-27 17:30")
    with unit_of_work():
        house.ticket.urgency = Urgency.URGENT
        handoffs.follow_urgency(house.ticket, Urgency.NORMAL, at=clock.time)
    with unit_of_work():
        house.ticket.urgency = Urgency.NORMAL
        handoffs.follow_urgency(house.ticket, Urgency.URGENT, at=clock.time)
    told = ground()
    assert [step.why.value for step in told.steps] == ["pause", "extension", "hasten", "ease"]
    assert told.steps[-1].to == told.due_at == at("2026-11-27 17:30")
    assert [step.at for step in told.steps] == sorted(step.at for step in told.steps)
    words = page(sign_in(house.operator))
    for sentence in ("暂停计时", "延期至", "改为“紧急”", "恢复相应时限"):
        assert sentence in words


def test_a_granted_level_is_named(house, clock, sign_in):
    hand_off(house)
    with unit_of_work():
        handoffs.ask_level(
            house.ticket,
            actor=house.handler,
            at=clock.time,
            level=Level.COMPLEX,
            reason="涉及多家用人单位",
        )
    with unit_of_work():
        handoffs.grant_extension(house.ticket, actor=house.supervisor, at=clock.time)
    assert "难度改为“特别复杂”" in page(sign_in(house.handler))


def test_a_critical_matter_counts_day_and_night(house, sign_in):
    set_ticket(house.ticket, urgency=Urgency.CRITICAL)
    hand_off(house)
    assert "时限：2小时（昼夜连续计算）" in page(sign_in(house.handler))


def test_a_policy_that_changed_later_does_not_change_what_was_given(house, clock, sign_in):
    hand_off(house)
    admin = make_user(Role.ADMINISTRATOR)
    with unit_of_work():
        policies.set_value("handle_ordinary_days", 3, actor=admin, at=clock.time)
    told = page(sign_in(house.handler))
    assert "时限：5个工作日" in told


def test_who_does_not_see_the_ticket_does_not_see_why_it_is_due(house, sign_in):
    hand_off(house)
    handoff = db.session.scalars(select(Handoff)).one()
    stranger = sign_in(house.women_handler)
    assert stranger.get(f"/handoffs/{handoff.id}/reckoning/handle").status_code == 404


def test_the_due_time_on_the_page_leads_there(house, sign_in):
    hand_off(house)
    handoff = db.session.scalars(select(Handoff)).one()
    shown = sign_in(house.handler).get(f"/tickets/{house.ticket.id}").get_data(as_text=True)
    assert f"/handoffs/{handoff.id}/reckoning/accept" in shown
    assert f"/handoffs/{handoff.id}/reckoning/handle" in shown


def test_a_suspension_is_a_pause_like_any_other(house, clock):
    hand_off(house)
    accept(house)
    suspend(house, reason="企业注销", measures="联系清算组", review_on=date(2026, 11, 20))
    clock.set(at("2026-11-18 09:30"))
    with unit_of_work():
        handoffs.resume(
            db.session.get_one(Ticket, house.ticket.id), actor=house.supervisor, at=clock.time
        )
    (step,) = ground().steps
    assert (step.since, step.until) == (at("2026-11-16 09:30"), at("2026-11-18 09:30"))
    assert step.to == ground().due_at

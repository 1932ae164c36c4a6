"""A ticket about the only supervisor: what is for the supervisors reaches somebody, and who may
name another one hears that nobody decides."""

import pytest
from sqlalchemy import select

from hotline.handoffs import jobs
from hotline.handoffs import service as handoffs
from hotline.outbox import recipients
from hotline.supervision import unsupervised
from hotline.supervision.jobs import ask_for_other_supervisors
from hotline.unit_of_work import unit_of_work
from models import Notification, Role, TicketEvent, User, UserRole, db
from tests.handoffs.house import at, hand_off, make_house, put_on_duty, set_ticket
from tests.makers import make_user


@pytest.fixture
def house(app, clock):
    """The ticket is about the only supervisor there is."""
    house = make_house()
    set_ticket(house.ticket, about_user_id=house.supervisor.id)
    return house


@pytest.fixture
def administrator(app):
    return make_user(Role.ADMINISTRATOR)


def heard(key: str) -> set[int]:
    found = select(Notification.user_id).where(Notification.dedupe_key.startswith(key))
    return set(db.session.scalars(found))


def ask_for_time(house, clock):
    with unit_of_work():
        handoffs.ask_extension(
            house.ticket,
            actor=house.handler,
            at=clock.time,
            until=at("2026-11-26 17:30"),
            reason="调取流水",
        )


def test_the_shift_leader_hears_what_is_for_the_supervisors(house, clock):
    leader = make_user(Role.OPERATOR)
    put_on_duty(leader, is_leader=True)
    hand_off(house)
    ask_for_time(house, clock)
    assert heard("extension_asked") == {leader.id, house.head.id}


def test_else_who_is_on_duty_else_who_takes_calls(house, clock):
    on_duty = make_user(Role.OPERATOR)
    assert recipients.supervisors_of(house.ticket, clock.time) == [house.operator, on_duty]
    put_on_duty(on_duty)
    assert recipients.supervisors_of(house.ticket, clock.time) == [on_duty]
    other = make_user(Role.SUPERVISOR)
    assert recipients.supervisors_of(house.ticket, clock.time) == [other]


def test_who_is_concerned_is_passed_over_in_every_place(house, clock):
    put_on_duty(house.supervisor, is_leader=True)
    assert recipients.leaders_of(house.ticket, clock.time) == [house.operator]
    hand_off(house)
    clock.set(at("2026-11-16 14:10"))
    jobs.remind_departments_to_accept()
    assert heard("remind_accept_late") == {house.handler.id, house.head.id, house.operator.id}


def test_a_supervisor_who_works_for_the_department_it_is_about_is_concerned_too(app, clock):
    house = make_house()
    with unit_of_work():
        house.supervisor.department_id = house.women.id
        house.supervisor.role_rows.append(UserRole(role=Role.HANDLER))
    set_ticket(house.ticket, about_department_id=house.women.id)
    assert unsupervised.is_so(house.ticket)
    hand_off(house)
    ask_for_time(house, clock)
    assert heard("extension_asked") == {house.operator.id, house.head.id}


def test_the_administrators_are_asked_once_for_another_supervisor(house, administrator, sign_in):
    assert ask_for_other_supervisors() == 1
    assert ask_for_other_supervisors() == 0
    assert heard("unsupervised") == {administrator.id}
    event = db.session.scalars(select(TicketEvent).where(TicketEvent.kind == "unsupervised")).one()
    assert event.data["told"] == [administrator.id]
    assert house.ticket.number in sign_in(administrator).get("/notifications").text
    shown = sign_in(house.operator).get(f"/tickets/{house.ticket.id}").text
    assert "本工单涉及全部主管" in shown


def test_it_stands_before_the_administrators_until_somebody_else_supervises(
    house, administrator, sign_in
):
    browser = sign_in(administrator)
    page = browser.get("/users").text
    assert "1件未办结工单涉及全部主管" in page
    assert house.ticket.number in page
    make_user(Role.SUPERVISOR)
    assert house.ticket.number not in browser.get("/users").text
    assert "本工单涉及全部主管" not in (
        sign_in(house.operator).get(f"/tickets/{house.ticket.id}").text
    )


def test_where_nobody_supervises_at_all_the_page_says_that(house, administrator, sign_in):
    with unit_of_work():
        db.session.get_one(User, house.supervisor.id).is_active = False
    assert "目前没有主管" in sign_in(administrator).get("/users").text


def test_nobody_could_be_told_and_the_ticket_says_so(app, clock, sign_in):
    house = make_house()
    reader = make_user(Role.REVIEWER)
    set_ticket(house.ticket, about_department_id=house.women.id)
    with unit_of_work():  # everybody of the hotline works for the department it is about
        for one in (house.operator, house.supervisor):
            one.department_id = house.women.id
            one.role_rows.append(UserRole(role=Role.HANDLER))
    assert recipients.supervisors_of(house.ticket, clock.time) == []
    assert ask_for_other_supervisors() == 1  # there is no administrator either
    assert "当时无人可通知" in sign_in(reader).get(f"/tickets/{house.ticket.id}").text


def test_a_ticket_about_nobody_in_particular_is_no_matter_of_this(app, clock, administrator):
    house = make_house()
    assert not unsupervised.is_so(house.ticket)
    set_ticket(house.ticket, about_user_id=house.handler.id)
    assert not unsupervised.is_so(house.ticket)
    assert ask_for_other_supervisors() == 0

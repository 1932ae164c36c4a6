"""Whom a ticket is about hears nothing of it, whatever their office."""

from sqlalchemy import select

from hotline import clock as clock_module
from hotline.handoffs import service as handoffs
from hotline.outbox import service as outbox
from hotline.unit_of_work import unit_of_work
from models import Notification, Role, db
from tests.handoffs.house import accept, at, hand_off, make_house, set_ticket
from tests.makers import make_user


def told():
    """Who was told what of a ticket."""
    return set(db.session.execute(select(Notification.user_id, Notification.dedupe_key)).tuples())


def kinds_told(user):
    return {key.split(":")[0] for user_id, key in told() if user_id == user.id}


def test_a_supervisor_is_not_asked_for_time_for_a_ticket_about_them(app, clock):
    house, other = make_house(), make_user(Role.SUPERVISOR)
    hand_off(house)
    accept(house)
    set_ticket(house.ticket, about_user_id=house.supervisor.id)
    with unit_of_work():
        handoffs.ask_extension(
            house.ticket,
            actor=house.handler,
            at=clock_module.now(),
            until=at("2026-11-24 17:30"),
            reason="等单位提供工资单",
        )
    assert "extension_asked" in kinds_told(other)
    assert kinds_told(house.supervisor) == set()


def test_nor_alarmed_of_one(app, clock):
    house, other = make_house(), make_user(Role.SUPERVISOR)
    set_ticket(house.ticket, about_user_id=house.supervisor.id)
    with unit_of_work():
        outbox.alarm("Open.", at=clock_module.now(), dedupe_key="alarm:1", ticket=house.ticket)
    assert [user_id for user_id, _ in told()] == [other.id]

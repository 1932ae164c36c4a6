"""Whom a ticket is about hears nothing of it, whatever their office."""

from sqlalchemy import select

from hotline import clock as clock_module
from hotline.handoffs import service as handoffs
from hotline.outbox import service as outbox
from hotline.unit_of_work import unit_of_work
from models import (
    Channel,
    MessageStatus,
    Notification,
    OutboxDoubt,
    OutboxMessage,
    Role,
    db,
)
from tests.handoffs.house import accept, at, hand_off, make_house, set_ticket
from tests.makers import make_user

WORDS = "单位今天承认扣了您的工资。"
FAILED, PENDING, DELIVERED = (
    MessageStatus.FAILED,
    MessageStatus.PENDING,
    MessageStatus.DELIVERED,
)


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


def test_nor_reads_what_its_caller_is_told_nor_decides_about_it(app, clock, sign_in):
    house, other = make_house(), make_user(Role.SUPERVISOR)
    set_ticket(house.ticket, about_user_id=house.supervisor.id)
    with unit_of_work():
        lost, waits, again = (a_message(n, house.ticket, clock()) for n in range(3))
        lost.status, waits.status, again.status = FAILED, PENDING, DELIVERED
        again.doubts.append(OutboxDoubt(begun_at=clock(), sent_again_at=clock(), error=""))
    accused, page = sign_in(house.supervisor), "/outbox"
    assert WORDS not in accused.get(page).text
    assert sign_in(other).get(page).text.count(WORDS) == 3
    for what in ("send_again", "let_be"):
        assert accused.post(f"/outbox/{lost.id}/{what}").status_code == 404


def test_but_of_what_belongs_to_no_ticket(app, clock, sign_in):
    house = make_house()
    set_ticket(house.ticket, about_user_id=house.supervisor.id)
    with unit_of_work():
        a_message(1, None, clock()).status = FAILED
    assert WORDS in sign_in(house.supervisor).get("/outbox").text


def a_message(number, ticket, at):
    """What a caller is told of a ticket, on its way."""
    message = OutboxMessage(
        dedupe_key=f"caller_told:{number}",
        channel=Channel.SMS,
        kind="caller_told",
        ticket_id=ticket.id if ticket else None,
        address="+8613912345678",
        subject="",
        body=WORDS,
        due_at=at,
        created_at=at,
        status=PENDING,
    )
    db.session.add(message)
    return message

"""A later date told by short message to a caller who chose to read: its receipt is the proof."""

import pytest

from hotline.callbacks import service as callbacks
from hotline.calls import service as calls
from hotline.handoffs import service as handoffs
from hotline.outbox import service as outbox
from hotline.outbox.jobs import deliver_due_messages
from hotline.telephony.inbound import MessageProgress
from hotline.unit_of_work import unit_of_work
from models import (
    Call,
    Callback,
    CallbackEnd,
    Channel,
    MessageStatus,
    Notification,
    OutboxMessage,
    Source,
    Ticket,
    TicketStatus,
    db,
)
from tests.handoffs.house import accept, at, hand_off, make_house, put_on_duty

UNTIL = at("2026-11-26 17:30")


class Carrier:
    """Takes short messages; nothing more is heard of one until its receipt."""

    reaches_callers = proves_delivery = True

    def send(self, envelope) -> str:
        return f"SM{envelope.id:032x}"


@pytest.fixture
def house(app, clock):
    """Accepted, extended, and the caller rather reads."""
    app.extensions["senders"] = {Channel.EMAIL: Carrier(), Channel.SMS: Carrier()}
    clock.set(at("2026-11-16 09:30"))
    house = make_house()
    put_on_duty(house.operator, hours=100)
    with unit_of_work():
        call = calls.log_manually(
            actor=house.operator, at=clock.time, source=Source.PHONE, ticket=house.ticket
        )
        ticket = db.session.get_one(Ticket, house.ticket.id)
        callbacks.choose(ticket, actor=house.operator, at=clock.time, call=call)
    hand_off(house)
    accept(house)
    with unit_of_work():
        handoffs.ask_extension(
            house.ticket, actor=house.handler, at=clock.time, until=UNTIL, reason="调取流水"
        )
    with unit_of_work():
        handoffs.grant_extension(house.ticket, actor=house.supervisor, at=clock.time)
    return house


def owed() -> Callback:
    db.session.expire_all()
    return db.session.scalars(db.select(Callback).order_by(Callback.id.desc())).first()


def send(browser, ring):
    return browser.post(
        f"/callbacks/{ring.id}/send", data={"version": ring.ticket.version, "words": ring.words}
    )


def receipt(progress, clock):
    with unit_of_work():
        message = db.session.scalars(db.select(OutboxMessage).where(
            OutboxMessage.callback_id.is_not(None))).one()  # fmt: skip
        outbox.receive_receipt(message.provider_ref, progress, "", at=clock.time)
        callbacks.hear_of(message, at=clock.time)


def test_the_date_is_read_and_then_it_is_the_promise(house, clock, sign_in):
    ring, browser = owed(), sign_in(house.operator)
    card = browser.get(f"/callbacks/{ring.id}").text
    assert "message-form" in card
    assert ring.words in card
    assert send(browser, ring).status_code == 303
    assert deliver_due_messages() >= 1
    assert owed().ended_at is None, "sent is not told"
    assert owed().ticket.promised_at == at("2026-11-23 17:30")

    receipt(MessageProgress.DELIVERED, clock)
    ring = owed()
    assert ring.end is CallbackEnd.KEPT
    assert (ring.ticket.promised_at, ring.ticket.status) == (UNTIL, TicketStatus.ACCEPTED)
    said = db.session.scalars(
        db.select(Notification.text).where(Notification.dedupe_key.startswith("message_arrived"))
    ).one()
    assert "close" not in said, "a date closes nothing"
    assert ring.ticket.number not in browser.get("/callbacks?tab=close").text


def test_without_a_receipt_the_caller_is_rung(house, clock, sign_in):
    ring = owed()
    send(sign_in(house.operator), ring)
    deliver_due_messages()
    receipt(MessageProgress.FAILED, clock)
    ring = owed()
    assert db.session.scalars(db.select(OutboxMessage.status).where(
        OutboxMessage.callback_id == ring.id)).one() is MessageStatus.FAILED  # fmt: skip
    assert (ring.ended_at, ring.receipt_due_at) == (None, None)
    assert ring.ticket.promised_at == at("2026-11-23 17:30")


def test_who_is_reached_may_choose_to_read_the_date(house, clock, sign_in):
    ring, browser = owed(), sign_in(house.operator)
    browser.post(f"/callbacks/{ring.id}/ring_instead")
    assert "message-form" not in browser.get(f"/callbacks/{ring.id}").text
    answered = browser.post(
        f"/callbacks/{ring.id}/attempt",
        data={"version": owed().ticket.version, "outcome": "by_message"},
    )
    assert answered.status_code == 303
    assert "message-form" in browser.get(f"/callbacks/{ring.id}").text
    assert db.session.scalars(db.select(Call).where(Call.answered_at.is_not(None))).all()

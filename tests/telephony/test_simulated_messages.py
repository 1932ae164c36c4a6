"""A caller of the simulated company gets a message as in life: over HTTP, and with a receipt."""

import pytest

from hotline.callbacks import service as callbacks
from hotline.outbox import service as outbox
from hotline.outbox.jobs import deliver_due_messages
from hotline.telephony.jobs import move_simulated_calls
from hotline.unit_of_work import unit_of_work
from models import Callback, CallbackEnd, MessageStatus, OutboxMessage, TicketStatus, db
from tests.makers import make_user
from tests.stages import call_of, make_house, put


@pytest.fixture
def owed(live, clock) -> Callback:
    house = make_house()
    ticket = put(house, TicketStatus.ANSWERED, clock())
    callback = db.session.scalars(db.select(Callback)).one()
    with unit_of_work():
        operator = house["operator"]
        callbacks.choose(ticket, actor=operator, at=clock(), call=call_of(ticket))
        callbacks.send(callback, "公司本周补发工资", actor=operator, at=clock())
    return callback


def test_the_receipt_of_the_simulated_company_keeps_the_promise(live, owed, clock):
    assert deliver_due_messages() >= 1
    message = db.session.scalars(
        db.select(OutboxMessage).where(OutboxMessage.callback_id.is_not(None))
    ).one()
    assert (message.status, message.provider_ref[:2]) == (MessageStatus.SENT, "SM")
    assert owed.ended_at is None

    clock.advance(seconds=2)
    db.session.rollback()
    move_simulated_calls()
    db.session.rollback()
    assert message.status is MessageStatus.DELIVERED
    assert owed.end is CallbackEnd.KEPT


def test_what_is_for_one_of_us_is_written_to_the_log_only(live, clock, capsys):
    user = make_user(phone_number="+8613712345678")
    with unit_of_work():
        outbox.notify(user, "Ring now.", at=clock(), dedupe_key="callback_due:9", urgent=True)
    deliver_due_messages()
    message = db.session.scalars(
        db.select(OutboxMessage).where(OutboxMessage.address == user.phone_number)
    ).one()
    assert (message.status, message.provider_ref) == (MessageStatus.SENT, "")
    assert "Ring now." in "".join(capsys.readouterr())

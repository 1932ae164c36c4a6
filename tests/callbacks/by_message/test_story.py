"""Told by a short message: chosen in a call, sent once, proved by a receipt, closed by us."""

from hotline.handoffs import service as handoffs
from hotline.handoffs.service import Answer
from hotline.outbox.jobs import deliver_due_messages
from hotline.unit_of_work import unit_of_work
from models import (
    Callback,
    CallbackEnd,
    Feedback,
    How,
    MessageChoice,
    Resolution,
    Ticket,
    TicketStatus,
    db,
)
from tests.callbacks.by_message.steps import WORDS, message_of, press, read, receipt, send
from tests.stages import call_of, log_call


def test_chosen_on_the_telephone_sent_received_closed(client, company, owed, carrier, clock):
    """The whole story as the operator lives it: keys and pages, and a company that signs."""
    ticket = owed.ticket
    asked = press(client, owed, "attempt", outcome="by_message", note="在开会，请发短信")
    assert asked.location == f"/callbacks/{owed.id}", "the card goes on with the message"
    assert (owed.ended_at, owed.failed_attempts) == (None, 0)
    choice = db.session.scalars(db.select(MessageChoice)).one()
    assert choice.call_id == owed.attempts[0].call_id is not None
    card = read(client, f"/callbacks/{owed.id}")
    assert "【青澜区总工会】" in card
    assert ticket.number in card
    assert WORDS in client.get(f"/callbacks/{owed.id}").text
    assert "短信" in read(client, f"/tickets/{ticket.id}")

    assert send(client, owed).status_code == 303
    assert deliver_due_messages() >= 1
    (told,) = carrier.to_callers
    assert WORDS in told
    assert ticket.number in told
    assert "http" not in told
    assert "短信发送中" in read(client, "/callbacks")
    refused = press(client, owed, "close")
    assert refused.status_code == 409
    assert ticket.status is TicketStatus.ANSWERED, "sent is not yet told"

    clock.advance(minutes=2)
    receipt(company, owed, "sent")
    assert owed.ended_at is None
    receipt(company, owed, "delivered")
    assert (owed.end, owed.ended_at) == (CallbackEnd.KEPT, clock())
    assert ticket.status is TicketStatus.ANSWERED, "a person closes"
    assert "短信已送达" in read(client, "/callbacks")
    assert "短信已送达" in read(client, "/workspace/work")

    clock.advance(minutes=3)
    assert press(client, owed, "close").status_code == 303
    assert (ticket.status, ticket.resolution) == (TicketStatus.CLOSED, Resolution.SOLVED)
    row = db.session.scalars(db.select(Feedback)).one()
    assert (row.how, row.message_id, row.satisfaction) == (
        How.MESSAGE_DELIVERED,
        message_of(owed).id,
        None,
    )
    assert row.told == told
    assert "短信已送达" not in read(client, "/callbacks")
    story = read(client, f"/tickets/{ticket.id}")
    for word in ("来电人选择短信告知", "给来电人的短信", "短信已送达", told):
        assert word in story
    assert press(client, owed, "close").status_code == 409, "pressed twice"
    assert db.session.scalars(db.select(Feedback)).all() == [row]


def test_chosen_in_the_first_call_it_stands_on_ticket_and_card(house, client, clock):
    with unit_of_work():
        ticket = log_call(house, clock())
    form = {
        "caller_kind": "worker",
        "category": house.wages.id,
        "question": "三个月没发工资",
        "number": "13912345678",
        "department": house.legal.id,
        "by_message": "y",
        "version": ticket.version,
    }
    assert client.post(f"/workspace/{ticket.id}/hand_off", data=form).status_code == 303
    choice = db.session.scalars(db.select(MessageChoice)).one()
    assert (choice.ticket_id, choice.by_id) == (ticket.id, house["operator"].id)
    assert (choice.call_id, choice.chosen_at) == (call_of(ticket).id, clock())
    assert "短信告知" in read(client, f"/tickets/{ticket.id}")
    with unit_of_work():
        what = Answer(is_solved=True, report="已责令补发", words=WORDS)
        handoffs.answer(db.session.get(Ticket, ticket.id), what, actor=house["handler"], at=clock())
    callback = db.session.scalars(db.select(Callback)).one()
    client.post(f"/callbacks/{callback.id}/claim")
    page = client.get(f"/callbacks/{callback.id}").text
    assert f'action="/callbacks/{callback.id}/send"' in page
    assert f'action="/callbacks/{callback.id}/attempt"' not in page

"""Who may be told by a short message, and who has chosen it."""

import pytest

from hotline.callbacks.jobs import follow_messages_to_callers
from hotline.outbox.adapter import senders_for
from hotline.outbox.jobs import deliver_due_messages
from hotline.unit_of_work import unit_of_work
from models import MessageChoice, MessageStatus, db
from tests.callbacks.by_message.steps import choose, message_of, press, send, workspace_form
from tests.conftest import config_for
from tests.stages import log_call


@pytest.mark.parametrize(
    "more",
    [
        {"is_confidential": "y", "safe_summary": "欠薪"},  # whoever holds the telephone reads it
        {"number": "010-65592345"},
        {"number": ""},
    ],
)
def test_not_offered_to_who_cannot_be_told_so(house, client, clock, more):
    with unit_of_work():
        ticket = log_call(house, clock())
    form = workspace_form(house, ticket, by_message="y", **more)
    refused = client.post(f"/workspace/{ticket.id}/save", data=form)
    assert refused.status_code == 422
    assert 'id="by_message-error"' in refused.text
    assert db.session.scalars(db.select(MessageChoice)).all() == []


def test_taken_back_in_the_form_the_card_rings_again(house, client, clock):
    with unit_of_work():
        ticket = log_call(house, clock())
    form = workspace_form(house, ticket, by_message="y")
    client.post(f"/workspace/{ticket.id}/save", data=form)
    db.session.expire_all()
    before, _name, _after = client.get(f"/workspace/{ticket.id}").text.partition(
        'name="by_message"'
    )
    assert " checked" in before.rpartition("<input")[2]
    client.post(f"/workspace/{ticket.id}/save", data=workspace_form(house, ticket))
    choice = db.session.scalars(db.select(MessageChoice)).one()
    assert choice.ended_at == clock()


def test_without_a_choice_nothing_is_sent(client, owed, carrier):
    assert send(client, owed).status_code == 409
    assert message_of(owed) is None


def test_a_confidential_ticket_is_told_in_a_call_whatever_was_chosen(client, owed, house, clock):
    choose(owed, house, clock)
    with unit_of_work():
        owed.ticket.is_confidential, owed.ticket.safe_summary = True, "欠薪"
    assert send(client, owed).status_code == 409
    assert message_of(owed) is None
    refused = press(client, owed, "attempt", outcome="by_message")
    assert refused.status_code == 422
    assert 'value="by_message"' not in client.get(f"/callbacks/{owed.id}").text


def test_what_became_confidential_before_it_left_stays_here(client, owed, house, clock, carrier):
    choose(owed, house, clock)
    send(client, owed)
    with unit_of_work():
        owed.ticket.is_confidential, owed.ticket.safe_summary = True, "欠薪"
    deliver_due_messages()
    assert carrier.to_callers == []
    assert message_of(owed).status is MessageStatus.SKIPPED
    assert follow_messages_to_callers() == 1
    assert owed.receipt_due_at is None


def test_another_number_is_another_choice(client, owed, house, clock):
    choose(owed, house, clock)
    with unit_of_work():
        owed.ticket.callback_number = "+8613800001111"
    assert send(client, owed).status_code == 409


def test_written_to_a_number_that_is_another_now_it_stays_here(client, owed, house, clock, carrier):
    choose(owed, house, clock)
    send(client, owed)
    with unit_of_work():
        owed.ticket.callback_number = "+8613800001111"
    choose(owed, house, clock)
    deliver_due_messages()
    assert carrier.to_callers == []


def test_where_nothing_proves_it_the_page_says_so_and_offers_nothing(
    app, client, owed, house, clock
):
    choose(owed, house, clock)
    only_logs = config_for(app.config["SQLALCHEMY_DATABASE_URI"], app.config["DATA_DIR"], SMS=False)
    app.extensions["senders"] = senders_for(only_logs)
    card = client.get(f"/callbacks/{owed.id}").text
    assert "无法证明" in card
    assert f"/callbacks/{owed.id}/send" not in card
    assert send(client, owed).status_code == 409
    press(client, owed, "ring_instead")
    assert 'value="by_message"' not in client.get(f"/callbacks/{owed.id}").text
    assert 'name="by_message"' not in client.get("/log").text

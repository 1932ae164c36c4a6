"""A short message to a caller: its words, once, by day."""

from datetime import timedelta

import pytest

from hotline.callbacks.jobs import follow_messages_to_callers
from hotline.errors import TransitionRefused
from hotline.outbox import judging
from hotline.outbox.jobs import deliver_due_messages
from hotline.telephony.provider import Permanent, Unknown
from hotline.unit_of_work import unit_of_work
from models import MessageStatus, OutboxMessage, db
from tests.callbacks.by_message.steps import choose, message_of, press, read, send
from tests.stories.paper import text_of


@pytest.mark.parametrize(
    "words", ["", "  ", "长" * 301, "请看 www.union.example/a", "见 http://x.cn"]
)
def test_words_that_no_carrier_takes_come_back_with_what_was_typed(
    client, owed, house, clock, words
):
    choose(owed, house, clock)
    refused = send(client, owed, words)
    assert refused.status_code == 422
    assert 'id="words-error"' in refused.text
    assert words.strip() in refused.text
    assert message_of(owed) is None


def test_pressed_twice_it_is_sent_once(client, owed, house, clock, carrier):
    choose(owed, house, clock)
    assert send(client, owed).status_code == 303
    again = send(client, owed)
    assert again.status_code == 409
    assert "短信已在发送中" in text_of(again.text)
    deliver_due_messages()
    deliver_due_messages()
    assert len(carrier.to_callers) == 1


def test_nobody_is_disturbed_at_night(client, owed, house, clock, carrier, sign_in):
    choose(owed, house, clock)
    clock.advance(hours=13)
    client = sign_in(house["operator"])
    assert send(client, owed).status_code == 303
    deliver_due_messages()
    assert carrier.to_callers == []
    listed, card = read(client, "/callbacks"), read(client, f"/callbacks/{owed.id}")
    assert "短信将于明天08:00发出" in listed, "as soon as it is sent"
    assert "明天08:00发出" in listed.replace("短信将于明天08:00发出", "")
    assert "明天08:00发出" in card
    assert "短信待发" in listed
    assert "发送中" not in listed + card
    clock.advance(hours=9, minutes=31)  # one minute after eight
    deliver_due_messages()
    assert len(carrier.to_callers) == 1
    assert owed.receipt_due_at - clock() > timedelta(hours=23), "the day begins when it leaves"


def test_who_asked_for_that_hour_is_told_at_that_hour(client, owed, house, clock, carrier, sign_in):
    clock.advance(hours=13)
    with unit_of_work():
        owed.window, owed.not_before_at = "in_2_minutes", clock()
    choose(owed, house, clock)
    send(sign_in(house["operator"]), owed)
    deliver_due_messages()
    assert len(carrier.to_callers) == 1


def test_only_the_last_of_several_leaves(client, owed, house, clock, carrier):
    choose(owed, house, clock)
    for _ in range(2):
        assert send(client, owed).status_code == 303
        press(client, owed, "ring_instead")
        press(client, owed, "attempt", outcome="by_message")
    assert send(client, owed).status_code == 303
    deliver_due_messages()
    assert len(carrier.to_callers) == 1
    skipped = db.select(OutboxMessage).where(OutboxMessage.status == MessageStatus.SKIPPED)
    assert len(db.session.scalars(skipped).all()) == 2
    assert follow_messages_to_callers() == 0, "the last one is on its way"


@pytest.mark.parametrize("failure", [Permanent("no such number"), Unknown("no answer")])
def test_what_the_carrier_does_not_take_is_rung(client, owed, house, clock, carrier, failure):
    choose(owed, house, clock)
    send(client, owed)
    carrier.failure = failure
    deliver_due_messages()
    assert follow_messages_to_callers() == 1
    assert owed.receipt_due_at is None
    message = message_of(owed)
    with pytest.raises(TransitionRefused), unit_of_work():
        judging.send_again(message.id, actor=house["supervisor"], at=clock())

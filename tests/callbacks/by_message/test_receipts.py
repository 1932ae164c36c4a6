"""What a receipt proves, and what it does not."""

import pytest

from hotline.callbacks import service as callbacks
from hotline.callbacks.jobs import follow_messages_to_callers, remind_of_callbacks
from hotline.feedback import service as feedback
from hotline.handoffs import service as handoffs
from hotline.handoffs.service import Answer
from hotline.outbox.jobs import deliver_due_messages
from hotline.telephony.jobs import read_failed_webhooks
from hotline.unit_of_work import unit_of_work
from models import (
    Callback,
    CallbackEnd,
    CallbackKind,
    Feedback,
    How,
    MessageStatus,
    TicketStatus,
    db,
)
from tests.callbacks.by_message.steps import (
    WORDS,
    choose,
    message_of,
    notices,
    press,
    read,
    receipt,
    send,
)
from tests.stages import log_call


class TestReceipts:
    @pytest.fixture
    def sent(self, client, owed, house, clock) -> Callback:
        choose(owed, house, clock)
        send(client, owed)
        deliver_due_messages()
        return owed

    @pytest.mark.parametrize(
        "order",
        [
            ("queued", "sent", "delivered"),
            ("delivered", "sent"),
            ("delivered", "delivered", "failed"),
        ],
    )
    def test_in_any_order_they_end_in_told(self, company, sent, order):
        for status in order:
            receipt(company, sent, status)
        assert sent.end is CallbackEnd.KEPT
        assert message_of(sent).status is MessageStatus.DELIVERED
        assert len([key for key in notices() if key.startswith("message_arrived")]) == 1

    def test_forged_it_proves_nothing(self, company, sent):
        fields = {
            "AccountSid": company.account,
            "MessageSid": message_of(sent).provider_ref,
            "MessageStatus": "delivered",
        }
        assert company.post("sms", fields, token="not the token").status_code == 403
        db.session.expire_all()
        assert sent.ended_at is None

    @pytest.mark.parametrize("status", ["failed", "undelivered"])
    def test_failed_it_is_a_callback_to_ring_and_somebody_hears_of_it(
        self, client, company, sent, house, clock, status
    ):
        receipt(company, sent, status)
        assert (sent.receipt_due_at, sent.ended_at) == (None, None)
        assert sent.due_at > clock()
        assert any(key.startswith("message_lost") for key in notices())
        assert f'action="/callbacks/{sent.id}/attempt"' in client.get(f"/callbacks/{sent.id}").text
        assert "没有送达" in read(client, f"/tickets/{sent.ticket_id}")
        assert send(client, sent).status_code == 409, "the choice is over: ring"
        receipt(company, sent, "delivered")
        assert sent.ended_at is None, "failed is final"

    def test_never_come_they_let_the_day_pass_and_then_we_ring(self, client, sent, clock, sign_in):
        clock.advance(hours=23, minutes=59)
        assert follow_messages_to_callers() == 0
        assert remind_of_callbacks() == 0, "nobody rings while a receipt may come"
        clock.advance(minutes=1)
        assert follow_messages_to_callers() == 1
        assert follow_messages_to_callers() == 0
        assert (sent.receipt_due_at, sent.ended_at) == (None, None)
        assert any(key.startswith("message_lost") for key in notices())
        clock.set(sent.due_at)
        assert remind_of_callbacks() == 1

    def test_late_they_still_prove(self, client, company, sent, clock, house):
        clock.advance(days=2)
        follow_messages_to_callers()
        assert sent.ended_at is None
        receipt(company, sent, "delivered")
        assert sent.end is CallbackEnd.KEPT
        with unit_of_work():
            ticket, message = sent.ticket, message_of(sent)
            feedback.close_told_by_message(ticket, message, actor=house["operator"], at=clock())
        assert sent.ticket.status is TicketStatus.CLOSED

    def test_one_that_overtakes_our_own_note_is_read_again(self, company, sent, clock):
        with unit_of_work():
            message = message_of(sent)
            ref, message.provider_ref, message.status = message.provider_ref, "", "sending"
        fields = {
            "AccountSid": company.account,
            "MessageSid": ref,
            "MessageStatus": "delivered",
        }
        company.post("sms", fields)
        with unit_of_work():
            message = message_of(sent)
            message.provider_ref, message.status = ref, MessageStatus.SENT
        clock.advance(minutes=1)
        assert read_failed_webhooks() == 1
        db.session.expire_all()
        assert sent.end is CallbackEnd.KEPT

    def test_rung_instead_the_late_receipt_closes_nothing_by_itself(
        self, client, company, sent, clock
    ):
        assert press(client, sent, "ring_instead").status_code == 303
        assert sent.receipt_due_at is None
        press(
            client,
            sent,
            "attempt",
            outcome="reached",
            told=WORDS,
            resolution="solved",
            was_contacted="yes",
            is_solved="yes",
            satisfaction="satisfied",
        )
        assert sent.ticket.status is TicketStatus.CLOSED
        receipt(company, sent, "delivered")
        assert db.session.scalars(db.select(Feedback.how)).all() == [How.IN_CALL]

    def test_told_in_a_call_before_it_left_it_does_not_leave(
        self, client, owed, house, clock, carrier
    ):
        choose(owed, house, clock)
        send(client, owed)
        press(client, owed, "ring_instead")
        deliver_due_messages()
        assert carrier.to_callers == []

    def test_it_proves_nothing_about_what_came_after_it(self, client, company, sent, house, clock):
        receipt(company, sent, "delivered")
        clock.advance(minutes=5)
        with unit_of_work():
            handoffs.rework(sent.ticket, actor=house["operator"], at=clock(), reason="没说清楚")
            what = Answer(is_solved=True, report="已补办", words="另行补发奖金")
            clock.advance(minutes=5)
            handoffs.answer(sent.ticket, what, actor=house["handler"], at=clock())
        assert press(client, sent, "close").status_code == 409
        assert "短信已送达" not in read(client, "/callbacks")

    def test_it_proves_nothing_about_what_is_promised_after_it(
        self, client, company, sent, house, clock
    ):
        receipt(company, sent, "delivered")
        clock.advance(minutes=5)
        with unit_of_work():
            again = callbacks.promise(sent.ticket, CallbackKind.TELL, at=clock(), words="另有补充")
        assert again.id != sent.id
        assert press(client, sent, "close").status_code == 409
        assert (again.ended_at, sent.ticket.status) == (None, TicketStatus.ANSWERED)
        assert "短信已送达" not in read(client, "/callbacks")

    def test_it_proves_nothing_about_what_is_merged_after_it(
        self, client, company, sent, house, clock
    ):
        with unit_of_work():
            other = log_call(house, clock(), phone="13912345679")
            other.caller = sent.ticket.caller
            debt = callbacks.promise(other, CallbackKind.TELL, at=clock(), words="另一件事")
        clock.advance(minutes=5)
        receipt(company, sent, "delivered")
        clock.advance(minutes=5)
        with unit_of_work():
            feedback.merge(other, sent.ticket, actor=house["operator"], at=clock())
        assert (debt.ticket_id, debt.ended_at) == (sent.ticket_id, None)
        assert press(client, sent, "close").status_code == 409
        assert (debt.ended_at, sent.ticket.status) == (None, TicketStatus.ANSWERED)

    @pytest.mark.parametrize("what", ["promised", "merged"])
    def test_delivered_after_there_was_more_to_tell_it_keeps_nothing(
        self, client, company, sent, house, clock, what
    ):
        clock.advance(minutes=5)
        with unit_of_work():
            if what == "promised":
                callbacks.promise(sent.ticket, CallbackKind.TELL, at=clock(), words="另有补充")
            else:
                other = log_call(house, clock(), phone="13912345679")
                other.caller_id = sent.ticket.caller_id
                feedback.merge(other, sent.ticket, actor=house["operator"], at=clock())
        receipt(company, sent, "delivered")
        assert (sent.receipt_due_at, sent.ended_at) == (None, None), "to be rung"
        assert press(client, sent, "close").status_code == 409

    def test_at_the_end_of_duty_somebody_else_closes(self, company, sent, house, clock, sign_in):
        receipt(company, sent, "delivered")
        with unit_of_work():
            assert callbacks.release_all_of(house["operator"], at=clock()) == 1
        colleague = sign_in(house["colleague"])
        assert "短信已送达" in read(colleague, "/callbacks/pool")
        assert press(colleague, sent, "close").status_code == 303
        assert sent.ticket.status is TicketStatus.CLOSED

    def test_on_the_tickets_page_it_is_the_way_that_is_offered_first(self, client, company, sent):
        url = f"/tickets/{sent.ticket_id}/close"
        assert 'value="message_delivered"' not in client.get(url).text
        receipt(company, sent, "delivered")
        assert 'value="message_delivered" checked' in client.get(url).text
        form = {"how": "message_delivered", "version": sent.ticket.version}
        assert client.post(url, data=form).status_code == 303
        db.session.expire_all()
        assert sent.ticket.status is TicketStatus.CLOSED

    def test_merged_its_debt_is_rung(self, sent, house, clock):
        with unit_of_work():
            other = log_call(house, clock(), phone="13912345678")
            other.caller = sent.ticket.caller
            feedback.merge(sent.ticket, other, actor=house["operator"], at=clock())
        assert (sent.ticket_id, sent.receipt_due_at, sent.ended_at) == (other.id, None, None)

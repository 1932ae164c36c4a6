"""The gate before a ticket that was told by a short message."""

from datetime import timedelta

import pytest

from hotline.callbacks import service as callbacks
from hotline.errors import TransitionRefused
from hotline.feedback import service as feedback
from hotline.outbox.jobs import deliver_due_messages
from hotline.unit_of_work import unit_of_work
from models import (
    Callback,
    CallbackKind,
    MessageChoice,
    MessageStatus,
    OutboxMessage,
    TicketStatus,
    db,
)
from tests.callbacks.by_message.steps import answered, choose, message_of, receipt, send


class TestGate:
    """What the service asks before it closes; each line taken away lets one of these close."""

    @pytest.fixture
    def arrived(self, client, company, owed, house, clock) -> Callback:
        choose(owed, house, clock)
        send(client, owed)
        deliver_due_messages()
        receipt(company, owed, "delivered")
        return owed

    def close(self, ticket, message, house, clock) -> None:
        with unit_of_work():
            feedback.close_told_by_message(ticket, message, actor=house["operator"], at=clock())

    def test_a_message_about_another_ticket(self, arrived, house, clock):
        other = answered(house, clock, phone="13912345679")
        with pytest.raises(TransitionRefused):
            self.close(other.ticket, message_of(arrived), house, clock)
        assert other.ticket.status is TicketStatus.ANSWERED

    @pytest.mark.parametrize(
        "status", [s for s in MessageStatus if s is not MessageStatus.DELIVERED]
    )
    def test_a_message_that_has_not_arrived(self, arrived, house, clock, status):
        with unit_of_work():
            message_of(arrived).status = status
        with pytest.raises(TransitionRefused):
            self.close(arrived.ticket, message_of(arrived), house, clock)

    def test_a_choice_that_was_written_down_afterwards(self, arrived, house, clock):
        with unit_of_work():
            choice = db.session.scalars(db.select(MessageChoice)).one()
            choice.chosen_at = clock() + timedelta(seconds=1)
        with pytest.raises(TransitionRefused):
            self.close(arrived.ticket, message_of(arrived), house, clock)

    def test_a_choice_that_was_over_before(self, arrived, house, clock):
        with unit_of_work():
            choice = db.session.scalars(db.select(MessageChoice)).one()
            choice.chosen_at = choice.ended_at = clock() - timedelta(minutes=1)
        with pytest.raises(TransitionRefused):
            self.close(arrived.ticket, message_of(arrived), house, clock)

    def test_a_notice_to_one_of_us(self, arrived, house, clock):
        with unit_of_work():
            message_of(arrived).callback_id = None
        message = db.session.scalars(
            db.select(OutboxMessage).where(OutboxMessage.dedupe_key.startswith("caller_told"))
        ).one()
        with pytest.raises(TransitionRefused):
            self.close(arrived.ticket, message, house, clock)

    def test_a_caller_who_may_be_in_danger(self, arrived, house, clock):
        with unit_of_work():
            callbacks.promise(arrived.ticket, CallbackKind.SAFETY, at=clock())
        with pytest.raises(TransitionRefused, match="safe"):
            self.close(arrived.ticket, message_of(arrived), house, clock)

    def test_all_of_it(self, arrived, house, clock):
        self.close(arrived.ticket, message_of(arrived), house, clock)
        assert arrived.ticket.status is TicketStatus.CLOSED

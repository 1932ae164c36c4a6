"""A short message that something newer overtakes."""

import pytest

from hotline.callbacks import service as callbacks
from hotline.callbacks.jobs import follow_messages_to_callers
from hotline.handoffs import service as handoffs
from hotline.handoffs.service import Answer
from hotline.outbox.jobs import deliver_due_messages
from hotline.unit_of_work import unit_of_work
from models import Callback, CallbackEnd, CallbackKind, MessageStatus
from tests.callbacks.by_message.steps import WORDS, choose, message_of, notices, read, receipt, send
from tests.stages import log_call


class TestTheAnswerOvertakesIt:
    """A message tells what is known; at once the matter goes to a department, which answers."""

    @pytest.fixture
    def owed(self, house, clock) -> Callback:
        with unit_of_work():
            ticket = log_call(house, clock())
            owner, words = house["operator"], "正在核实"
            kind = CallbackKind.TELL
            return callbacks.promise(ticket, kind, at=clock(), owner=owner, words=words)

    def hand_off(self, callback: Callback, house, clock) -> None:
        clock.advance(seconds=1)
        with unit_of_work():
            handoffs.hand_off(callback.ticket, house.legal, actor=house["operator"], at=clock())

    def answer(self, callback: Callback, house, clock) -> None:
        clock.advance(seconds=1)
        with unit_of_work():
            what = Answer(is_solved=True, report="已责令补发", words=WORDS)
            handoffs.answer(callback.ticket, what, actor=house["handler"], at=clock())

    def test_it_stays_here_and_the_answer_is_told(
        self, client, company, owed, house, clock, carrier
    ):
        choose(owed, house, clock)
        assert send(client, owed, "正在核实").status_code == 303
        self.hand_off(owed, house, clock)
        self.answer(owed, house, clock)
        deliver_due_messages()
        assert carrier.to_callers == []
        assert message_of(owed).status is MessageStatus.SKIPPED
        assert (owed.words, owed.ended_at, owed.receipt_due_at) == (WORDS, None, None)
        assert owed.ticket.number in read(client, "/callbacks")
        assert send(client, owed).status_code == 303, "who chose to read is told so"
        deliver_due_messages()
        (told,) = carrier.to_callers
        assert WORDS in told
        receipt(company, owed, "delivered")
        assert owed.end is CallbackEnd.KEPT

    def test_gone_already_it_keeps_nothing(self, client, company, owed, house, clock):
        choose(owed, house, clock)
        send(client, owed, "正在核实")
        deliver_due_messages()
        self.hand_off(owed, house, clock)
        self.answer(owed, house, clock)
        receipt(company, owed, "delivered")
        assert (owed.ended_at, owed.receipt_due_at) == (None, None)
        assert owed.ticket.number in read(client, "/callbacks")

    def test_handed_off_alone_it_stays_here_and_somebody_hears_of_it(
        self, client, owed, house, clock, carrier
    ):
        choose(owed, house, clock)
        send(client, owed, "正在核实")
        self.hand_off(owed, house, clock)
        deliver_due_messages()
        assert carrier.to_callers == []
        assert follow_messages_to_callers() == 1
        assert (owed.ended_at, owed.receipt_due_at) == (None, None)
        assert any(key.startswith("message_lost") for key in notices())

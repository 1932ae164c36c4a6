"""Told by a short message: chosen in a call, sent once, proved by a receipt, closed by us."""

from datetime import timedelta

import pytest

from hotline.callbacks import service as callbacks
from hotline.callbacks.jobs import follow_messages_to_callers, remind_of_callbacks
from hotline.errors import TransitionRefused
from hotline.feedback import service as feedback
from hotline.handoffs import service as handoffs
from hotline.handoffs.service import Answer
from hotline.outbox import judging
from hotline.outbox.adapter import senders_for
from hotline.outbox.jobs import deliver_due_messages
from hotline.outbox.senders import Envelope
from hotline.sla import policies
from hotline.telephony.jobs import read_failed_webhooks
from hotline.telephony.provider import Permanent, Unknown
from hotline.unit_of_work import unit_of_work
from models import (
    AuditEvent,
    Callback,
    CallbackEnd,
    CallbackKind,
    Channel,
    Feedback,
    How,
    MessageChoice,
    MessageStatus,
    Notification,
    OutboxMessage,
    Resolution,
    Ticket,
    TicketStatus,
    User,
    db,
)
from tests.conftest import config_for
from tests.stages import House, call_of, log_call, make_house, put
from tests.stories.paper import text_of
from tests.telephony.company import Company

WORDS = "公司本周补发工资"


class Carrier:
    """Takes short messages and gives each a reference; nothing more is heard until a receipt."""

    reaches_callers = True
    proves_delivery = True

    def __init__(self) -> None:
        self.sent: list[Envelope] = []
        self.failure: Exception | None = None

    def send(self, envelope: Envelope) -> str:
        if self.failure:
            raise self.failure
        self.sent.append(envelope)
        return f"SM{envelope.id:032x}"

    @property
    def to_callers(self) -> list[str]:
        return [one.body for one in self.sent if one.is_to_caller]


@pytest.fixture
def carrier(app) -> Carrier:
    carrier = Carrier()
    app.extensions["senders"] = {Channel.EMAIL: carrier, Channel.SMS: carrier}
    return carrier


@pytest.fixture
def company(app, clock) -> Company:
    return Company.of(app)


@pytest.fixture
def house(app, clock, carrier) -> House:
    return make_house()


@pytest.fixture
def client(house, sign_in):
    return sign_in(house["operator"])


@pytest.fixture
def owed(house, clock) -> Callback:
    """The department has answered; the operator is to tell the caller."""
    return answered(house, clock)


def answered(house, clock, phone: str = "13912345678") -> Callback:
    ticket = put(house, TicketStatus.ANSWERED, clock(), phone)
    callback = db.session.scalars(db.select(Callback).where(Callback.ticket_id == ticket.id)).one()
    with unit_of_work():
        callback.owner_id = house["operator"].id
    return callback


def choose(callback: Callback, house, clock) -> MessageChoice:
    with unit_of_work():
        ticket = callback.ticket
        call = call_of(ticket)
        return callbacks.choose(ticket, actor=house["operator"], at=clock(), call=call)


def press(client, callback: Callback, verb: str, **typed: object):
    typed.setdefault("version", callback.ticket.version)
    answer = client.post(f"/callbacks/{callback.id}/{verb}", data=typed)
    db.session.expire_all()
    return answer


def send(client, callback: Callback, words: str = WORDS):
    return press(client, callback, "send", words=words)


def message_of(callback: Callback) -> OutboxMessage:
    found = db.select(OutboxMessage).where(OutboxMessage.callback_id == callback.id)
    return db.session.scalars(found.order_by(OutboxMessage.id.desc())).first()


def receipt(company: Company, callback: Callback, status: str) -> None:
    """The telephone company says, and signs, how far the message has come."""
    fields = {
        "AccountSid": company.account,
        "MessageSid": message_of(callback).provider_ref,
        "MessageStatus": status,
        "To": callback.number,
    }
    assert company.post("sms", fields).status_code == 200
    db.session.expire_all()


def read(client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return text_of(answer.text)


def notices() -> list[str]:
    return list(db.session.scalars(db.select(Notification.dedupe_key)))


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


def workspace_form(house, ticket, **more):
    return {
        "caller_kind": "worker",
        "category": house.wages.id,
        "question": "三个月没发工资",
        "number": "13912345678",
        "version": ticket.version,
        **more,
    }


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


class TestCaps:
    """Short messages cost money and reach strangers: so many a day, by whom the trail says."""

    def another(self, house, clock, phone: str) -> Callback:
        callback = answered(house, clock, phone)
        choose(callback, house, clock)
        return callback

    def allow(self, house, clock, **most: int) -> None:
        with unit_of_work():
            policies.set_values(most, actor=house["administrator"], at=clock())

    def test_one_person_sends_so_many_a_day(self, client, house, clock, sign_in):
        self.allow(house, clock, messages_per_person=2)
        for number in ("13912345671", "13912345672"):
            assert send(client, self.another(house, clock, number)).status_code == 303
        third = self.another(house, clock, "13912345673")
        refused = send(client, third)
        assert refused.status_code == 409
        assert "您今天" in text_of(refused.text)
        assert message_of(third) is None
        colleague = sign_in(house["colleague"])
        assert send(colleague, third).status_code == 303, "a colleague still may"
        fourth = self.another(house, clock, "13912345674")
        clock.advance(days=1)
        assert send(sign_in(house["operator"]), fourth).status_code == 303

    def test_one_telephone_gets_so_many_a_day(self, client, house, clock, carrier):
        self.allow(house, clock, messages_per_number=2)
        for _ in range(2):
            assert send(client, self.another(house, clock, "13912345678")).status_code == 303
        third = self.another(house, clock, "13912345678")
        refused = send(client, third)
        assert refused.status_code == 409
        assert "该号码今天" in text_of(refused.text)
        assert message_of(third) is None
        assert send(client, self.another(house, clock, "13912345679")).status_code == 303

    def test_at_a_departments_own_desk_nobody_sends(self, owed, house, clock, carrier, sign_in):
        choose(owed, house, clock)
        with unit_of_work():
            owed.owner_id = house["handler"].id
        desk = sign_in(house["handler"])
        card = desk.get(f"/callbacks/{owed.id}").text
        assert "只有热线发送短信" in text_of(card)
        assert f"/callbacks/{owed.id}/send" not in card
        assert send(desk, owed).status_code == 403
        assert message_of(owed) is None
        press(desk, owed, "ring_instead")
        assert 'value="by_message"' not in desk.get(f"/callbacks/{owed.id}").text

    def test_the_trail_says_who_sent_to_which_telephone(self, client, owed, house, clock):
        choose(owed, house, clock)
        send(client, owed)
        row = db.session.scalars(
            db.select(AuditEvent).where(AuditEvent.kind == "send_message")
        ).one()
        assert (row.actor_id, row.ticket_id) == (house["operator"].id, owed.ticket_id)
        assert row.subject == "139****5678"
        assert WORDS not in str(row.data)

    def test_sent_by_two_at_once_it_is_one(self, both, owed, house, clock):
        choose(owed, house, clock)
        owed_id, at = owed.id, clock()

        def press_of(name: str):
            actor_id = house[name].id

            def press() -> None:
                callback = db.session.get_one(Callback, owed_id)
                callbacks.send(callback, WORDS, actor=db.session.get_one(User, actor_id), at=at)

            return press

        refusal = both(press_of("operator"), press_of("colleague"))
        assert refusal.status == 409
        sent = db.select(OutboxMessage).where(OutboxMessage.callback_id == owed_id)
        assert len(db.session.scalars(sent).all()) == 1


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


def test_written_to_a_number_that_is_another_now_it_stays_here(client, owed, house, clock, carrier):
    choose(owed, house, clock)
    send(client, owed)
    with unit_of_work():
        owed.ticket.callback_number = "+8613800001111"
    choose(owed, house, clock)
    deliver_due_messages()
    assert carrier.to_callers == []


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

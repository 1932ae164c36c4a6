"""What may have been sent is looked up at the company before anybody sends it again."""

from datetime import timedelta

import pytest
import requests

from hotline.outbox import delivery, judging
from hotline.outbox import service as outbox
from hotline.outbox.jobs import deliver_due_messages
from hotline.outbox.looking_jobs import look_up_doubtful_messages
from hotline.unit_of_work import unit_of_work
from models import AuditEvent, Callback, CallbackKind, MessageStatus, OutboxMessage, Role, User, db
from tests.makers import make_ticket, make_user
from tests.telephony.conftest import exchange as exchange
from tests.telephony.conftest import live as live
from tests.telephony.conftest import sign_in_at as sign_in_at

MOBILE = "+8613490010001"


@pytest.fixture
def supervisor(live):
    return make_user(Role.SUPERVISOR, email="")


@pytest.fixture
def message(live, clock, supervisor) -> OutboxMessage:
    """A short message to a caller whose ring we missed."""
    ticket = make_ticket(phone=MOBILE)
    with unit_of_work():
        callback = Callback(
            ticket_id=ticket.id,
            number=MOBILE,
            kind=CallbackKind.RETURN_CALL,
            promised_at=clock(),
            due_at=clock() + timedelta(hours=1),
            first_due_at=clock() + timedelta(hours=1),
            not_before_at=clock(),
            max_attempts=2,
        )
        db.session.add(callback)
        db.session.flush()
        outbox.tell_missed_caller(callback, at=clock())
    return db.session.scalars(db.select(OutboxMessage)).one()


def interrupted(message, clock):
    """The process dies between sending and marking, and the lease runs out."""
    clock.advance(minutes=5)
    with unit_of_work():
        delivery.end_leases(at=clock())
    db.session.rollback()
    assert message.status is MessageStatus.UNKNOWN


@pytest.fixture
def lost_answer(monkeypatch):
    """The company takes the message; its answer never comes."""
    send = requests.Session.send

    def lose(self, request, **options):
        answer = send(self, request, **options)
        if request.method == "POST" and request.url.endswith("/Messages.json"):
            raise requests.ReadTimeout("late")
        return answer

    monkeypatch.setattr(requests.Session, "send", lose)


def test_a_message_whose_answer_was_lost_is_found_and_never_sent_twice(
    live, clock, message, exchange, lost_answer
):
    assert deliver_due_messages() == 0
    db.session.rollback()
    assert message.status is MessageStatus.UNKNOWN
    clock.advance(minutes=1)
    assert look_up_doubtful_messages() == 1
    db.session.rollback()
    (theirs,) = exchange.ledger.messages(MOBILE)
    assert (message.status, message.provider_ref) == (MessageStatus.SENT, theirs.sid)
    assert deliver_due_messages() == 0
    assert len(exchange.ledger.messages(MOBILE)) == 1


def test_what_the_company_does_not_have_is_left_to_a_person(
    live, clock, message, exchange, supervisor, sign_in_at
):
    with unit_of_work():
        delivery.claim(at=clock())  # and then the power fails
    interrupted(message, clock)
    assert look_up_doubtful_messages() == 0
    db.session.rollback()
    assert (message.status, message.not_found_at) == (MessageStatus.UNKNOWN, clock())
    assert exchange.ledger.messages(MOBILE) == []

    browser = sign_in_at(live, supervisor)
    answer = browser.post(f"/outbox/{message.id}/send_again")
    assert answer.status_code == 303
    db.session.rollback()
    assert message.status is MessageStatus.PENDING
    assert deliver_due_messages() == 1
    assert len(exchange.ledger.messages(MOBILE)) == 1


def test_who_presses_send_again_too_early_is_told_that_it_was_sent(
    live, clock, message, exchange, supervisor, sign_in_at, lost_answer
):
    deliver_due_messages()
    browser = sign_in_at(live, supervisor)
    assert browser.post(f"/outbox/{message.id}/send_again").status_code == 303
    db.session.rollback()
    assert message.status is MessageStatus.SENT
    assert len(exchange.ledger.messages(MOBILE)) == 1


def test_an_older_message_with_the_same_words_proves_nothing(live, clock, message, exchange):
    assert deliver_due_messages() == 1
    with unit_of_work():
        again = OutboxMessage(
            dedupe_key="caller_missed:again",
            channel=message.channel,
            kind=message.kind,
            address=message.address,
            body=message.body,
            status=MessageStatus.PENDING,
            due_at=clock(),
            created_at=clock(),
        )
        db.session.add(again)
    with unit_of_work():
        delivery.claim(at=clock())
    interrupted(again, clock)
    assert look_up_doubtful_messages() == 0
    db.session.rollback()
    assert again.status is MessageStatus.UNKNOWN


def test_a_supervisor_stops_all_messages_and_lets_them_go_again(live, clock, message, supervisor):
    with unit_of_work():
        judging.let_leave(False, actor=db.session.get_one(User, supervisor.id), at=clock())
    assert deliver_due_messages() == 0
    db.session.rollback()
    assert message.status is MessageStatus.PENDING
    with unit_of_work():
        judging.let_leave(True, actor=db.session.get_one(User, supervisor.id), at=clock())
    assert deliver_due_messages() == 1
    said = db.session.scalars(db.select(AuditEvent.kind).where(AuditEvent.kind == "set_policy"))
    assert len(said.all()) == 2


def test_the_page_shows_the_brake_the_caps_and_what_waits(
    live, clock, message, supervisor, sign_in_at
):
    browser = sign_in_at(live, supervisor)
    with unit_of_work():
        db.session.get_one(User, supervisor.id).locale = "en"
    shown = browser.get("/outbox").text
    assert "Let no message leave" in shown
    assert "At most 30 messages to callers" in shown
    assert "On their way" in shown
    assert browser.post("/outbox/stop").status_code == 303
    assert "somebody has stopped them" in browser.get("/outbox").text
    assert browser.post("/outbox/go_on").status_code == 303
    assert "somebody has stopped them" not in browser.get("/outbox").text

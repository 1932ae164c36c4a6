"""What may have been sent is looked up at the company before anybody sends it again."""

from dataclasses import replace
from datetime import timedelta

import pytest
import requests

from hotline.errors import NotFound
from hotline.outbox import delivery, judging, looking
from hotline.outbox import service as outbox
from hotline.outbox.adapter import senders
from hotline.outbox.jobs import deliver_due_messages
from hotline.outbox.looking_jobs import look_up, look_up_doubtful_messages
from hotline.telephony.inbound import MessageProgress
from hotline.telephony.simulator.ledger import Message, new_sid
from hotline.unit_of_work import unit_of_work
from models import (
    AuditEvent,
    Callback,
    CallbackKind,
    MessageStatus,
    Notification,
    OutboxMessage,
    Role,
    User,
    db,
)
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
    assert looking.doubtful(clock()) == [], "the company is given the time to write it down"
    clock.advance(minutes=1)
    assert look_up_doubtful_messages() == 1
    db.session.rollback()
    (theirs,) = exchange.ledger.messages(MOBILE)
    assert (message.status, message.provider_ref) == (MessageStatus.SENT, theirs.sid)
    assert deliver_due_messages() == 0
    assert len(exchange.ledger.messages(MOBILE)) == 1


def cut_off(message, clock):
    """The power fails before anything has left, and the lease runs out."""
    with unit_of_work():
        delivery.claim(at=clock())
    interrupted(message, clock)


def sent_again(message, clock):
    """Cut off, looked up in vain twice, and sent once more."""
    cut_off(message, clock)
    for _ in range(looking.NOTHING_FOUND):
        look_up_doubtful_messages()
        clock.set(clock() + looking.APART)
    assert deliver_due_messages() == 1
    db.session.rollback()


def flagged(message):
    db.session.rollback()
    return [(one.sent_again_at is not None, one.is_double) for one in message.doubts]


def test_what_the_company_does_not_have_is_sent_again_after_the_second_look(
    live, clock, message, exchange
):
    cut_off(message, clock)
    begun_at = message.begun_at
    assert look_up_doubtful_messages() == 0
    db.session.rollback()
    assert (message.status, message.doubts[0].looked_at) == (MessageStatus.UNKNOWN, clock())
    assert looking.doubtful(clock()) == [], "the looks are some minutes apart"
    assert not look_up(message.id), "somebody asked in between: that is no second look"
    assert deliver_due_messages() == 0

    clock.set(clock() + looking.APART)
    look_up_doubtful_messages()
    assert deliver_due_messages() == 1
    db.session.rollback()
    assert message.status is MessageStatus.SENT
    assert len(exchange.ledger.messages(MOBILE)) == 1
    assert flagged(message) == [(True, False)]
    assert (message.doubts[0].begun_at, message.begun_at) == (begun_at, clock())


def test_a_person_need_not_wait_for_the_second_look(
    live, clock, message, exchange, supervisor, sign_in_at
):
    cut_off(message, clock)
    browser = sign_in_at(live, supervisor)
    assert browser.post(f"/outbox/{message.id}/send_again").status_code == 303
    db.session.rollback()
    assert message.status is MessageStatus.PENDING
    assert deliver_due_messages() == 1
    assert len(exchange.ledger.messages(MOBILE)) == 1
    assert flagged(message) == [(True, False)]


def test_when_the_first_try_turns_up_later_the_message_is_called_double(
    live, clock, message, exchange, supervisor, sign_in_at
):
    begun_at = clock()
    sent_again(message, clock)
    text = exchange.ledger.messages(MOBILE)[0].text
    theirs = Message(new_sid(Message), "12351", MOBILE, text, begun_at, "sent")
    exchange.ledger.save(theirs)
    assert flagged(message) == [(True, False)]
    clock.set(begun_at + looking.LOOKS[2])
    look_up_doubtful_messages()
    assert flagged(message) == [(True, True)]
    assert message.doubts[0].provider_ref == theirs.sid
    assert message.status is MessageStatus.SENT

    browser = sign_in_at(live, supervisor)
    with unit_of_work():
        db.session.get_one(User, supervisor.id).locale = "en"
    shown = browser.get("/outbox").text
    assert "Sent again after doubt" in shown
    assert "Sent twice" in shown
    told = db.session.scalars(db.select(Notification.text)).all()
    assert "A message was sent twice: look at the outbox." in told


def test_what_was_sent_again_is_on_the_page_for_thirty_days(
    live, clock, message, supervisor, sign_in_at
):
    sent_again(message, clock)
    with unit_of_work():
        db.session.get_one(User, supervisor.id).locale = "en"
    clock.set(message.doubts[0].sent_again_at + timedelta(days=30))
    assert "Sent again after doubt" in sign_in_at(live, supervisor).get("/outbox").text
    clock.advance(seconds=1)
    assert "Sent again after doubt" not in sign_in_at(live, supervisor).get("/outbox").text


def test_the_receipt_of_the_first_try_is_no_riddle(live, clock, message, exchange):
    begun_at = clock()
    sent_again(message, clock)
    text = exchange.ledger.messages(MOBILE)[0].text
    theirs = Message(new_sid(Message), "12351", MOBILE, text, begun_at, "sent")
    exchange.ledger.save(theirs)
    clock.set(begun_at + looking.LOOKS[2])
    look_up_doubtful_messages()
    with unit_of_work():
        outbox.receive_receipt(theirs.sid, MessageProgress.FAILED, "30003", at=clock())
    db.session.rollback()
    assert message.status is MessageStatus.SENT
    with unit_of_work(), pytest.raises(NotFound):  # of a third one we know nothing: read again
        outbox.receive_receipt(new_sid(Message), MessageProgress.FAILED, "30003", at=clock())


def test_among_ten_thousand_others_it_is_still_found(live, clock, message, exchange, lost_answer):
    """The list is followed to its end, in the time in which the message was begun."""
    others = [f"SM{n:032x}" for n in range(2200)]
    deliver_due_messages()
    (theirs,) = exchange.ledger.messages(MOBILE)
    for n, sid in enumerate(others):
        later = clock() + timedelta(hours=1, seconds=n)
        exchange.ledger.save(Message(sid, "12351", MOBILE, "another", later, "sent"))
    clock.advance(hours=3)
    assert look_up_doubtful_messages() == 1
    db.session.rollback()
    assert message.provider_ref == theirs.sid


def test_what_still_waits_over_there_is_found_too(live, clock, message, exchange, lost_answer):
    """It has no day of sending: without looking further it would be sent a second time."""
    deliver_due_messages()
    (theirs,) = exchange.ledger.messages(MOBILE)
    exchange.ledger.save(replace(theirs, status="queued"))
    for n in range(1100):
        later = clock() + timedelta(seconds=1 + n)
        sid = f"SM{n:032x}"
        exchange.ledger.save(Message(sid, "12351", MOBILE, "another", later, "sent"))
    clock.advance(minutes=20)
    assert look_up_doubtful_messages() == 1
    db.session.rollback()
    assert (message.status, message.provider_ref) == (MessageStatus.SENT, theirs.sid)


def test_a_company_that_cannot_be_asked_proves_nothing(live, clock, message, exchange, monkeypatch):
    cut_off(message, clock)
    monkeypatch.setattr(requests.Session, "send", refuse)
    for _ in range(5):
        clock.advance(minutes=5)
        look_up_doubtful_messages()
    assert flagged(message) == [(False, False)]
    assert (message.status, message.doubts[0].looks) == (MessageStatus.UNKNOWN, 0)


def refuse(*_, **__):
    raise requests.ConnectionError("the network is down")


def test_what_is_cut_off_again_and_again_is_left_to_a_person(live, clock, message, supervisor):
    for _ in range(looking.MOST_TRIES):
        cut_off(message, clock)
        for _ in range(looking.NOTHING_FOUND + 1):
            look_up_doubtful_messages()
            clock.set(clock() + looking.APART)
    db.session.rollback()
    assert message.status is MessageStatus.UNKNOWN
    assert flagged(message) == [(True, False)] * 2 + [(False, False)]
    urgent = db.select(Notification.text).where(Notification.is_urgent)
    assert "A message was cut off again and again: look at the outbox." in db.session.scalars(
        urgent
    )


def test_while_the_same_words_leave_for_the_same_telephone_nothing_is_decided(
    live, clock, message, exchange
):
    """The company has a message in these words, and nobody can tell yet whose it is."""
    cut_off(message, clock)
    with unit_of_work():
        twin = twin_of(message, clock(), key="caller_missed:twin")
        twin.status, twin.begun_at = MessageStatus.SENDING, clock()
        twin.lease_until_at = clock() + timedelta(hours=1)
    text = f"【{senders()[message.channel].company.signature}】{message.body}"
    theirs = Message(new_sid(Message), "12351", MOBILE, text, clock(), "sent")
    exchange.ledger.save(theirs)
    look_up_doubtful_messages()
    db.session.rollback()
    assert (message.status, message.doubts[0].looks) == (MessageStatus.UNKNOWN, 0)
    with unit_of_work():
        delivery.mark_sent(db.session.merge(twin), theirs.sid, at=clock())
    look_up_doubtful_messages()
    db.session.rollback()
    assert (message.status, message.doubts[0].looks) == (MessageStatus.UNKNOWN, 1)


def test_after_two_days_the_company_is_asked_no_more(live, clock, message):
    cut_off(message, clock)
    begun_at = message.begun_at
    clock.set(begun_at + looking.ASKED_FOR - timedelta(seconds=1))
    assert looking.doubtful(clock()) == [message.id]
    clock.advance(seconds=1)
    assert looking.doubtful(clock()) == []


@pytest.mark.parametrize(
    "other", [{"address": "+8613490010009"}, {"body": "Other words."}], ids=["telephone", "words"]
)
def test_what_leaves_for_another_telephone_or_in_other_words_keeps_nobody_waiting(
    live, clock, message, other
):
    cut_off(message, clock)
    with unit_of_work():
        twin = twin_of(message, clock(), key="caller_missed:twin")
        twin.status, twin.begun_at = MessageStatus.SENDING, clock()
        twin.lease_until_at = clock() + timedelta(hours=1)
        for name, value in other.items():
            setattr(twin, name, value)
    look_up_doubtful_messages()
    db.session.rollback()
    assert message.doubts[0].looks == 1


def twin_of(message, at, *, key):
    twin = OutboxMessage(
        dedupe_key=key,
        channel=message.channel,
        kind=message.kind,
        address=message.address,
        body=message.body,
        status=MessageStatus.PENDING,
        due_at=at,
        created_at=at,
    )
    db.session.add(twin)
    return twin


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
        again = twin_of(message, clock(), key="caller_missed:again")
    cut_off(again, clock)
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

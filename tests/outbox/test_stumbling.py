"""One message that cannot be sent, begun or written down stops no other, and none is sent twice."""

import pytest
from sqlalchemy import exc, select

from hotline.outbox import delivery
from hotline.outbox import service as outbox
from hotline.outbox.adapter import senders_for
from hotline.outbox.jobs import deliver_due_messages
from hotline.outbox.looking_jobs import look_up_doubtful_messages
from hotline.outbox.senders import Envelope
from hotline.telephony.inbound import MessageProgress
from hotline.telephony.provider import Retryable
from hotline.unit_of_work import unit_of_work
from models import Channel, MessageStatus, Notification, OutboxMessage, Role, db
from tests.makers import make_user

SENT, SENDING = MessageStatus.SENT, MessageStatus.SENDING


class Postman:
    """Carries everything; while it is on its way the test may let something happen."""

    reaches_callers = True
    proves_delivery = True

    def __init__(self) -> None:
        self.carried: list[int] = []
        self.on_the_way = lambda: None

    def find(self, envelope: Envelope, *, since, until, besides) -> tuple[str, ...]:
        return ()

    def send(self, envelope: Envelope) -> str:
        self.on_the_way()
        self.carried.append(envelope.id)
        return f"SM{envelope.id:032d}"


@pytest.fixture
def postman(app) -> Postman:
    postman = Postman()
    app.extensions["senders"] = {Channel.EMAIL: postman}
    return postman


def written(clock, count: int) -> list[OutboxMessage]:
    """So many letters to one of us, due one after the other."""
    user = make_user(Role.OPERATOR)
    with unit_of_work():
        for number in range(count):
            key = f"callback_due:{number}"
            outbox.notify(user, "Ring the caller.", at=clock(), dedupe_key=key)
    return list(db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


def test_what_became_of_one_cannot_be_written_down_and_the_others_leave(
    clock, postman, monkeypatch
):
    """The database refuses in that moment: the message has left, and nobody says so."""
    first, *others = written(clock, 3)
    mark, first_id = delivery.mark_at_once, first.id

    def refuse(message_id: int, *rest, **how) -> bool:
        if message_id == first_id:
            raise exc.OperationalError("", {}, Exception("connection lost"))
        return mark(message_id, *rest, **how)

    with monkeypatch.context() as patched:
        patched.setattr(delivery, "mark_at_once", refuse)
        deliver_due_messages()
    db.session.rollback()
    assert first.status is SENDING, "in doubt as soon as its lease ends"
    assert [one.status for one in others] == [SENT, SENT]
    assert sorted(postman.carried) == [first_id, *(one.id for one in others)], "each once"
    clock.advance(minutes=3)
    deliver_due_messages()
    db.session.rollback()
    assert first.status is MessageStatus.UNKNOWN
    assert len(postman.carried) == 3


def test_a_database_that_is_away_is_told_to_who_runs_the_sweep(clock, postman, monkeypatch):
    """Nothing was taken: there is no message to skip, and nothing to go on with."""
    written(clock, 1)

    def away(**how) -> None:
        raise exc.OperationalError("", {}, Exception("nobody there"))

    monkeypatch.setattr(delivery, "claim", away)
    with pytest.raises(exc.OperationalError):
        deliver_due_messages()
    assert postman.carried == []


def test_a_message_for_which_nobody_here_is_responsible_stays_and_the_others_leave(clock, postman):
    user = make_user(Role.OPERATOR, phone_number="+8613490010001")
    with unit_of_work():
        outbox.notify(user, "Urgent.", at=clock(), dedupe_key="alarm:1", urgent=True)
    deliver_due_messages()
    db.session.rollback()
    status = {one.channel: one.status for one in db.session.scalars(select(OutboxMessage))}
    assert status == {Channel.EMAIL: SENT, Channel.SMS: SENDING}


def test_who_was_thought_dead_and_has_sent_it_after_all_says_so(app, clock, postman):
    """Its lease ended while the carrier was slow: what is known for certain counts."""
    (message,) = written(clock, 1)

    def slowly() -> None:
        clock.advance(seconds=delivery.LEASE.total_seconds())
        with app.app_context(), unit_of_work():
            assert delivery.end_leases(at=clock()) == 1

    postman.on_the_way = slowly
    assert deliver_due_messages() == 1
    db.session.rollback()
    assert (message.status, message.provider_ref) == (SENT, f"SM{message.id:032d}")
    assert deliver_due_messages() == 0


def test_who_sends_has_the_time_of_the_lease_for_it(app, clock, postman):
    """Another process sweeps meanwhile, and leaves alone what is not lost."""
    (message,) = written(clock, 1)
    found = []

    def sweep() -> None:
        clock.advance(seconds=delivery.LEASE.total_seconds() - 1)
        with app.app_context(), unit_of_work():
            found.append(delivery.end_leases(at=clock()))

    postman.on_the_way = sweep
    assert deliver_due_messages() == 1
    db.session.rollback()
    assert (found, message.status, message.doubts) == ([0], SENT, [])


def test_what_another_one_sends_again_right_now_is_not_marked_by_the_first(app, clock, postman):
    """The try that began then is not the last one: its end says nothing of the one under way."""
    (message,) = written(clock, 1)
    message_id = message.id

    def others_take_over() -> None:
        clock.advance(seconds=delivery.LEASE.total_seconds())
        with app.app_context(), unit_of_work():
            delivery.end_leases(at=clock())
            theirs = db.session.get_one(OutboxMessage, message_id)
            delivery.send_again(theirs.doubts[0], at=clock())
            assert delivery.claim(at=clock()) is theirs

    postman.on_the_way = others_take_over
    deliver_due_messages()
    db.session.rollback()
    assert (message.status, message.provider_ref) == (SENDING, "")
    assert [one.sent_again_at for one in message.doubts] == [clock()], "flagged for good"


def test_who_comes_back_last_takes_nothing_back(app, clock, postman):
    """Others found it at the carrier meanwhile, and its receipt has come."""
    (message,) = written(clock, 1)

    def others_are_quicker() -> None:
        with app.app_context(), unit_of_work():
            theirs = db.session.get_one(OutboxMessage, message_id)
            delivery.mark_sent(theirs, f"SM{message_id:032d}", at=clock())
            outbox.receive_receipt(theirs.provider_ref, MessageProgress.DELIVERED, "", at=clock())

    message_id, postman.on_the_way = message.id, others_are_quicker
    deliver_due_messages()
    db.session.rollback()
    assert message.status is MessageStatus.DELIVERED


def test_who_comes_back_after_the_lease_sends_nothing(app, clock, postman, monkeypatch):
    """Stopped between claim and sending: by then others have taken over."""
    (message,) = written(clock, 1)
    claim = delivery.claim

    def stopped(**how) -> OutboxMessage | None:
        claimed = claim(**how)
        clock.advance(seconds=delivery.LEASE.total_seconds())
        return claimed

    monkeypatch.setattr(delivery, "claim", stopped)
    deliver_due_messages()
    db.session.rollback()
    assert postman.carried == []
    assert message.status is SENDING


def test_after_the_last_pause_it_has_failed_and_the_supervisors_hear_it_at_once(clock, postman):
    boss = make_user(Role.SUPERVISOR, email="")
    (message,) = written(clock, 1)

    def busy() -> None:
        raise Retryable(f"busy for the {message.attempts}. time")

    postman.on_the_way = busy
    for _ in delivery.PAUSES:
        deliver_due_messages()
        assert message.status is MessageStatus.PENDING
        clock.set(message.due_at)
    deliver_due_messages()
    clock.advance(days=1)
    deliver_due_messages()
    assert (message.status, message.attempts) == (MessageStatus.FAILED, len(delivery.PAUSES) + 1)
    assert message.error == "busy for the 6. time"
    (told,) = db.session.scalars(select(Notification).where(Notification.user_id == boss.id))
    assert told.is_urgent


class TestWhoWritesLogsOnly:
    """An installation without mail and telephone: what cannot be asked proves nothing."""

    def test_a_letter_in_doubt_is_sent_again_by_itself(self, app, clock):
        app.extensions["senders"] = senders_for(app.config["HUIYIN"])
        (message,) = written(clock, 1)
        with unit_of_work():
            delivery.claim(at=clock())
        clock.advance(minutes=5)
        deliver_due_messages()
        assert message.status is MessageStatus.UNKNOWN
        for _ in range(2):
            look_up_doubtful_messages()
            clock.advance(minutes=2)
        deliver_due_messages()
        db.session.rollback()
        assert message.status is SENT
        assert [one.is_double for one in message.doubts] == [False]

"""Messages leave the house once, late rather than never, and nobody guesses about their fate."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import text

from hotline.callbacks import service as callbacks
from hotline.outbox import delivery
from hotline.outbox import service as outbox
from hotline.outbox.adapter import senders_for
from hotline.outbox.jobs import deliver_due_messages
from hotline.outbox.looking_jobs import look_up_doubtful_messages
from hotline.outbox.senders import SMTP_SECONDS, Envelope, Mail, Sender
from hotline.sla import policies
from hotline.telephony.inbound import MessageProgress
from hotline.telephony.provider import Permanent, Retryable, Unknown
from hotline.unit_of_work import unit_of_work
from models import CallbackKind, Channel, Mark, MessageStatus, Notification, OutboxMessage, Role, db
from tests.conftest import config_for
from tests.makers import make_ticket, make_user
from tests.outbox.post_office import PostOffice


class Notebook:
    """A sender that writes down what it was given, and fails as it is told."""

    reaches_callers = True
    proves_delivery = True

    def __init__(self) -> None:
        self.sent: list[Envelope] = []
        self.failure: BaseException | None = None

    def find(self, envelope: Envelope, *, since, until, besides) -> tuple[str, ...]:
        return ()

    def send(self, envelope: Envelope) -> str:
        assert not db.session().in_transaction(), "sending inside a transaction"
        if self.failure:
            raise self.failure
        self.sent.append(envelope)
        return f"SM{envelope.id:032d}"


@pytest.fixture
def notebook(app) -> Notebook:
    notebook = Notebook()
    app.extensions["senders"] = {Channel.EMAIL: notebook, Channel.SMS: notebook}
    return notebook


def tell(user, clock, key: str = "callback_due:1") -> OutboxMessage:
    with unit_of_work():
        outbox.notify(user, "Ring the caller.", at=clock(), dedupe_key=key)
    return db.session.scalars(
        db.select(OutboxMessage).where(OutboxMessage.dedupe_key.startswith(key))
    ).one()


def test_a_message_is_sent_once_however_often_the_sweep_runs(clock, notebook):
    message = tell(make_user(Role.OPERATOR), clock)

    assert [deliver_due_messages(), deliver_due_messages()] == [1, 0]
    assert [envelope.id for envelope in notebook.sent] == [message.id]
    assert (message.status, message.sent_at) == (MessageStatus.SENT, clock())


def test_a_ticker_that_slept_for_days_sends_everything_once(clock, notebook):
    user = make_user(Role.OPERATOR)
    for number in range(50):
        tell(user, clock, f"callback_due:{number}")
        clock.advance(hours=1)
    assert deliver_due_messages() == 50
    assert deliver_due_messages() == 0
    assert len({envelope.id for envelope in notebook.sent}) == 50


def test_two_sweeps_at_the_same_time_never_claim_the_same_message(app, clock):
    user = make_user(Role.OPERATOR)
    for number in range(30):
        tell(user, clock, f"callback_due:{number}")
    barrier, claimed = threading.Barrier(4), []

    def claim() -> None:
        with app.app_context():
            barrier.wait()
            for _ in range(10):
                with unit_of_work():
                    one = delivery.claim(at=clock())
                    if one is not None:
                        claimed.append(one.id)

    threads = [threading.Thread(target=claim) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(claimed) == len(set(claimed)) == 30


def test_one_message_is_claimed_where_the_database_believes_that_there_is_but_one(clock, notebook):
    """As after the first day's ANALYZE, when PostgreSQL asks a subquery anew for every row."""
    user = make_user(Role.OPERATOR)
    messages = [tell(user, clock, "callback_due:0")]
    with unit_of_work():
        db.session.execute(text("ANALYZE outbox_messages"))
    messages += [tell(user, clock, f"callback_due:{number}") for number in (1, 2)]
    with unit_of_work():
        claimed = delivery.claim(at=clock())
    assert claimed is messages[0]
    left = [MessageStatus.SENDING, MessageStatus.PENDING, MessageStatus.PENDING]
    assert [message.status for message in messages] == left


def test_who_dies_while_sending_leaves_one_message_in_doubt_and_no_other(clock, notebook):
    user = make_user(Role.OPERATOR)
    messages = [tell(user, clock, f"callback_due:{number}") for number in range(3)]
    notebook.failure = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        deliver_due_messages()
    db.session.rollback()
    left = [MessageStatus.SENDING, MessageStatus.PENDING, MessageStatus.PENDING]
    assert [message.status for message in messages] == left

    notebook.failure = None
    assert deliver_due_messages() == 2, "whoever comes next sends the others at once"


def test_who_dies_while_sending_leaves_the_message_in_doubt(clock, notebook):
    supervisor = make_user(Role.SUPERVISOR, email="")
    message = tell(make_user(Role.OPERATOR), clock)
    with unit_of_work():
        delivery.claim(at=clock())  # and then the power fails

    assert deliver_due_messages() == 0
    assert message.status is MessageStatus.SENDING
    clock.advance(minutes=5)
    assert deliver_due_messages() == 0
    clock.advance(days=1)
    assert deliver_due_messages() == 0
    assert message.status is MessageStatus.UNKNOWN
    assert notebook.sent == []
    notice = db.session.scalars(db.select(Notification).order_by(Notification.id.desc())).first()
    assert notice.user_id == supervisor.id


def test_what_was_certainly_not_sent_is_tried_again_with_longer_pauses(clock, notebook):
    message = tell(make_user(Role.OPERATOR), clock)
    notebook.failure = Retryable("the line is busy")
    pauses = []
    for _ in delivery.PAUSES:
        assert deliver_due_messages() == 0
        pauses.append(message.due_at - clock())
        clock.set(message.due_at)
    about = [pause / planned for pause, planned in zip(pauses, delivery.PAUSES, strict=True)]
    assert all(0.8 <= one <= 1.2 for one in about)
    assert len(set(about)) > 1, "not all messages come back in the same second"

    notebook.failure = None
    assert deliver_due_messages() == 1
    assert message.status is MessageStatus.SENT


@pytest.mark.parametrize(
    ("failure", "status"),
    [
        (Permanent("nobody here"), MessageStatus.FAILED),
        (Unknown("no answer"), MessageStatus.UNKNOWN),
    ],
)
def test_what_cannot_be_tried_again_is_told_to_the_supervisors(clock, notebook, failure, status):
    supervisor = make_user(Role.SUPERVISOR)
    message = tell(make_user(Role.OPERATOR), clock)
    notebook.failure = failure
    for _ in range(3):
        deliver_due_messages()
        clock.advance(days=1)

    assert message.status is status
    told = db.session.scalars(
        db.select(Notification).where(Notification.user_id == supervisor.id)
    ).all()
    assert len(told) == 1


def test_one_message_that_breaks_the_sender_stops_no_other(clock, notebook, monkeypatch):
    user = make_user(Role.OPERATOR)
    bad, good = (tell(user, clock, f"callback_due:{n}") for n in (1, 2))
    bad_id, send = bad.id, notebook.send

    def stumble(envelope: Envelope) -> str:
        if envelope.id == bad_id:
            raise ZeroDivisionError
        return send(envelope)

    monkeypatch.setattr(notebook, "send", stumble)

    assert deliver_due_messages() == 1
    assert good.status is MessageStatus.SENT
    assert bad.status is MessageStatus.SENDING  # until its lease ends, then a person looks


def test_what_was_due_before_the_demo_began_is_not_sent(clock, notebook):
    message = tell(make_user(Role.OPERATOR), clock)
    clock.advance(minutes=1)
    with unit_of_work():
        db.session.add(Mark(name="demo_began", at=clock()))
    later = tell(make_user(Role.OPERATOR), clock, "callback_due:2")

    assert deliver_due_messages() == 1
    assert (message.status, later.status) == (MessageStatus.SKIPPED, MessageStatus.SENT)


def test_callers_get_no_message_from_an_installation_that_only_writes_logs(app, clock):
    folder = app.config["DATA_DIR"]
    only_logs = config_for(app.config["SQLALCHEMY_DATABASE_URI"], folder, SMS=False)
    app.extensions["senders"] = senders_for(only_logs)
    ticket = make_ticket()
    with unit_of_work():
        callbacks.promise(ticket, CallbackKind.RETURN_CALL, at=clock())
    assert deliver_due_messages() == 0
    message = db.session.scalars(db.select(OutboxMessage)).one()
    assert message.status is MessageStatus.SKIPPED


class TestReceipts:
    @pytest.fixture
    def sent(self, clock, notebook) -> OutboxMessage:
        message = tell(make_user(Role.OPERATOR), clock)
        deliver_due_messages()
        return message

    @staticmethod
    def receipt(message, progress, clock, code: str = "") -> None:
        with unit_of_work():
            outbox.receive_receipt(message.provider_ref, progress, code, at=clock())

    @pytest.mark.parametrize(
        "order",
        [
            ("queued", "sent", "delivered"),
            ("delivered", "sent", "queued"),
            ("sent", "delivered", "delivered", "sending"),
        ],
    )
    def test_receipts_in_any_order_end_in_delivered(self, clock, sent, order):
        for word in order:
            self.receipt(sent, MessageProgress(word), clock)
        assert sent.status is MessageStatus.DELIVERED

    def test_a_failure_after_the_delivery_changes_nothing(self, clock, sent):
        self.receipt(sent, MessageProgress.DELIVERED, clock)
        self.receipt(sent, MessageProgress.FAILED, clock, "30003")
        assert sent.status is MessageStatus.DELIVERED

    def test_an_undelivered_message_says_why(self, clock, sent):
        self.receipt(sent, MessageProgress.UNDELIVERED, clock, "30003")
        assert (sent.status, sent.error) == (MessageStatus.FAILED, "30003")


class TestJudging:
    def test_a_supervisor_sends_again_what_did_not_arrive(self, clock, notebook, sign_in):
        message = tell(make_user(Role.OPERATOR), clock)
        with unit_of_work():
            delivery.mark_unknown(message, "no answer", at=clock())
        client = sign_in(make_user(Role.SUPERVISOR))

        assert "no answer" in client.get("/outbox").get_data(as_text=True)
        client.post(f"/outbox/{message.id}/send_again")
        db.session.expire_all()
        assert deliver_due_messages() == 1
        assert message.status is MessageStatus.SENT
        assert client.post(f"/outbox/{message.id}/let_be").status_code == 409

    def test_nobody_else_may(self, clock, notebook, sign_in):
        message = tell(make_user(Role.OPERATOR), clock)
        client = sign_in(make_user(Role.OPERATOR))
        assert client.get("/outbox").status_code == 403
        assert client.post(f"/outbox/{message.id}/send_again").status_code == 403


class TestMail:
    @pytest.fixture
    def office(self):
        office = PostOffice()
        yield office
        office.shutdown()
        office.server_close()

    @pytest.fixture
    def mail(self, office) -> Sender:
        return Mail(
            host="127.0.0.1",
            port=office.port,
            sender="huiyin@union.example",
            starttls=False,
            link="https://hotline.example",
        )

    LETTER = Envelope(7, "wang@union.example", "请回电：20261116-0001", "请在11:30前回电。")

    def test_a_letter_arrives_in_chinese(self, office, mail):
        assert mail.send(self.LETTER) == "<huiyin-7@union.example>"
        (letter,) = office.letters
        assert letter["Subject"] == "请回电：20261116-0001"
        assert letter["To"] == "wang@union.example"
        assert "请在11:30前回电。" in letter.get_content()
        assert "https://hotline.example" in letter.get_content()

    @pytest.mark.parametrize(
        ("say", "error"),
        [
            ({"RCPT": "550 nobody here"}, Permanent),
            ({"RCPT": "451 later"}, Retryable),
            ({"MAIL": ""}, Retryable),
            ({"DATA": "554 no"}, Permanent),
            ({"BODY": "452 full"}, Retryable),
            ({"BODY": "554 spam"}, Permanent),
            ({"BODY": ""}, Unknown),  # the letter may lie in a mailbox, or not
        ],
    )
    def test_what_goes_wrong_is_told_apart(self, office, mail, say, error):
        office.say = say
        with pytest.raises(error):
            mail.send(self.LETTER)

    def test_nobody_at_the_other_end_is_certain(self, office):
        office.shutdown()
        office.server_close()
        mail = Mail("127.0.0.1", office.port, "huiyin@union.example", starttls=False)
        with pytest.raises(Retryable):
            mail.send(self.LETTER)

    def test_a_reminder_goes_all_the_way(self, app, clock, office):
        config = config_for(
            app.config["SQLALCHEMY_DATABASE_URI"],
            app.config["DATA_DIR"],
            MAIL_HOST="127.0.0.1",
            MAIL_PORT=office.port,
            MAIL_FROM="huiyin@union.example",
            MAIL_STARTTLS=False,
        )
        app.extensions["senders"] = senders_for(config)
        user = make_user(Role.OPERATOR)
        message = tell(user, clock)
        assert deliver_due_messages() == 1
        assert office.letters[0]["To"] == user.email
        assert message.provider_ref == office.letters[0]["Message-ID"]

    def test_a_letter_in_doubt_is_sent_again_under_the_same_name(self, app, clock, office, mail):
        """Nobody can ask a mail server; a mailbox that knows the name shows one letter."""
        app.extensions["senders"] = {Channel.EMAIL: mail}
        message = tell(make_user(Role.OPERATOR), clock)
        office.say = {"BODY": ""}
        assert deliver_due_messages() == 0
        assert message.status is MessageStatus.UNKNOWN
        office.say = {}
        clock.advance(minutes=2)
        look_up_doubtful_messages()
        assert deliver_due_messages() == 0
        clock.advance(minutes=3)
        look_up_doubtful_messages()
        assert deliver_due_messages() == 1
        first, second = (letter["Message-ID"] for letter in office.letters)
        assert first == second
        assert [one.sent_again_at for one in message.doubts] == [clock()]


def test_the_console_writes_no_address_and_no_number(app, clock, capsys):
    user = make_user(Role.OPERATOR, phone_number="+8613712345678")
    with unit_of_work():
        outbox.notify(user, "Ring now.", at=clock(), dedupe_key="callback_due:9", urgent=True)
    assert deliver_due_messages() == 2
    written = capsys.readouterr()
    assert user.email not in written.out + written.err
    assert "13712345678" not in written.out + written.err
    assert "Ring now." in written.out + written.err


def test_the_lease_outlives_the_slowest_sender():
    assert delivery.LEASE > timedelta(seconds=4 * SMTP_SECONDS)


class TestWhileASweepGoesOn:
    """What holds for all messages is read once a second, not once for each of them."""

    def at_the_second(self, notebook, act) -> None:
        """Do `act` while the second message leaves."""
        send = notebook.send

        def meanwhile(envelope: Envelope) -> str:
            ref = send(envelope)
            if len(notebook.sent) == 2:
                act()
            return ref

        notebook.send = meanwhile

    def test_the_brake_stops_it_within_a_second(self, clock, notebook):
        boss, user = make_user(Role.SUPERVISOR), make_user(Role.OPERATOR)
        for number in range(5):
            tell(user, clock, f"callback_due:{number}")

        def brake() -> None:
            with unit_of_work():
                policies.set_value("messages_leave", 0, actor=boss, at=clock())
            clock.advance(seconds=1)

        self.at_the_second(notebook, brake)
        assert deliver_due_messages() == 2
        assert deliver_due_messages() == 0

    def test_what_falls_due_meanwhile_leaves_too_and_nothing_leaves_twice(self, clock, notebook):
        user = make_user(Role.OPERATOR)
        for number in range(3):
            tell(user, clock, f"callback_due:{number}")
        self.at_the_second(notebook, lambda: tell(user, clock, "callback_late:1"))
        assert deliver_due_messages() == 4
        ids = [envelope.id for envelope in notebook.sent]
        assert ids == sorted(set(ids))

    def test_terms_are_not_read_for_every_message(self, clock, notebook, count_queries):
        user = make_user(Role.OPERATOR)
        for number in range(20):
            tell(user, clock, f"callback_due:{number}")
        count_queries.clear()
        assert deliver_due_messages() == 20
        assert sum("policy_settings" in one for one in count_queries) == 1
        assert sum("opening_hours" in one for one in count_queries) == 1

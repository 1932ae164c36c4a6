"""A supervisor decides about messages that failed or that nobody knows about, by name."""

import re

import pytest
import requests
from sqlalchemy import select, update

from hotline.errors import NotFound
from hotline.outbox import judging
from hotline.outbox import service as outbox
from hotline.outbox.jobs import deliver_due_messages
from hotline.telephony.inbound import MessageProgress
from hotline.unit_of_work import unit_of_work
from models import AuditEvent, Channel, MessageStatus, OutboxMessage, Role, User, db
from tests.makers import make_user
from tests.outbox.test_doubtful import cut_off
from tests.outbox.test_doubtful import message as message
from tests.outbox.test_doubtful import supervisor as supervisor
from tests.telephony.conftest import exchange as exchange
from tests.telephony.conftest import live as live
from tests.telephony.conftest import sign_in_at as sign_in_at

UNDELIVERED = MessageProgress.UNDELIVERED


@pytest.fixture
def browser(live, supervisor, sign_in_at):
    with unit_of_work():
        db.session.get_one(User, supervisor.id).locale = "en"
    return sign_in_at(live, supervisor)


@pytest.fixture
def failed(message, clock) -> OutboxMessage:
    """The company took it, and its receipt says that it did not arrive."""
    deliver_due_messages()
    db.session.rollback()
    receive(message, clock)
    assert (message.status, message.error) == (MessageStatus.FAILED, "30003")
    return message


def receive(message: OutboxMessage, clock) -> None:
    with unit_of_work():
        outbox.receive_receipt(message.provider_ref, UNDELIVERED, "30003", at=clock())


def audited() -> list[tuple[str, int | None, str]]:
    db.session.rollback()
    found = select(AuditEvent).where(AuditEvent.kind.in_(["send_again", "let_be"]))
    return [(one.kind, one.actor_id, one.subject) for one in db.session.scalars(found)]


def test_what_does_not_matter_any_more_is_left_as_it_is(failed, browser, supervisor):
    assert browser.post(f"/outbox/{failed.id}/let_be").status_code == 303
    shown = browser.get("/outbox").text
    assert "The message is left as it is." in shown
    assert "Every message has left as it should." in shown
    assert audited() == [("let_be", supervisor.id, failed.dedupe_key)]
    assert failed.status is MessageStatus.SKIPPED
    again = browser.post(f"/outbox/{failed.id}/send_again")
    assert again.status_code == 409, "it was decided, and is decided once"
    assert failed.status is MessageStatus.SKIPPED


def test_who_had_a_message_sent_again_stands_in_the_audit_trail(failed, browser, supervisor):
    assert browser.post(f"/outbox/{failed.id}/send_again").status_code == 303
    assert audited() == [("send_again", supervisor.id, failed.dedupe_key)]
    assert (failed.status, failed.attempts, failed.error) == (MessageStatus.PENDING, 0, "")


def test_of_what_is_sent_again_the_first_receipt_tells_nothing_any_more(failed, browser, clock):
    first = failed.provider_ref
    browser.post(f"/outbox/{failed.id}/send_again")
    db.session.rollback()
    with unit_of_work(), pytest.raises(NotFound):
        outbox.receive_receipt(first, UNDELIVERED, "30003", at=clock())
    assert deliver_due_messages() == 1
    db.session.rollback()
    assert failed.status is MessageStatus.SENT
    assert failed.provider_ref != first


def test_a_page_that_does_not_show_all_says_how_many_there_are(live, browser, clock):
    with unit_of_work():
        for number in range(judging.AT_MOST + 12):
            db.session.add(
                OutboxMessage(
                    dedupe_key=f"reminder {number}",
                    channel=Channel.EMAIL,
                    kind="callback_due",
                    address="linxiao@huiyin.example",
                    body="有一个回电到期",
                    status=MessageStatus.PENDING if number % 8 else MessageStatus.FAILED,
                    due_at=clock(),
                    created_at=clock(),
                )
            )
    shown = browser.get("/outbox").text
    assert "are shown" not in shown, "98 wait, 14 failed"
    with unit_of_work():
        db.session.execute(update(OutboxMessage).values(status=MessageStatus.FAILED))
    shown = browser.get("/outbox").text
    assert shown.count("Send again") == judging.AT_MOST
    assert "100 of 112 are shown." in shown
    with unit_of_work():
        db.session.execute(update(OutboxMessage).values(status=MessageStatus.PENDING))
    shown = browser.get("/outbox").text
    assert re.search(r"On their way</h2>\s*<span[^>]*>112<", shown)
    assert "100 of 112 are shown." in shown


def test_what_a_carrier_says_is_shown_as_it_said_it(failed, browser):
    with unit_of_work():
        failed.error = "<b>100% %(refused)s</b>"
    assert "&lt;b&gt;100% %(refused)s&lt;/b&gt;" in browser.get("/outbox").text


def test_while_the_company_cannot_be_asked_nothing_is_sent_a_second_time(
    message, browser, clock, monkeypatch
):
    cut_off(message, clock)

    send = requests.Session.send

    def cut(session, request, **options):
        if "/Messages.json" in request.url:
            raise requests.ConnectionError("the network is down")
        return send(session, request, **options)

    monkeypatch.setattr(requests.Session, "send", cut)
    answer = browser.post(f"/outbox/{message.id}/send_again")
    assert answer.status_code == 409
    assert "The telephone company cannot be asked now" in answer.text
    assert audited() == []
    assert message.status is MessageStatus.UNKNOWN


@pytest.mark.parametrize("what", ["send_again", "let_be"])
def test_nobody_else_decides(failed, live, sign_in_at, what):
    for role in (Role.OPERATOR, Role.ADMINISTRATOR, Role.AUDITOR):
        browser = sign_in_at(live, make_user(role))
        assert browser.post(f"/outbox/{failed.id}/{what}").status_code == 403
    assert audited() == []
    assert failed.status is MessageStatus.FAILED

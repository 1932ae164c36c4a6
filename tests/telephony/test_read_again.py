"""A webhook whose first interpretation failed is read again: not at once, and not for ever."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from hotline.telephony import inbox
from hotline.telephony.jobs import READ_AGAIN_AFTER, read_failed_webhooks
from models import Call, Webhook, db
from tests.telephony.company import Company, sid


class Rules:
    """Ours, until somebody mends them."""

    are_broken = True


@pytest.fixture
def rules(company: Company, clock, monkeypatch, capsys) -> Rules:
    """Our rules fail, and a call comes."""
    rules, report = Rules(), inbox._report
    company.client.application.config["PROPAGATE_EXCEPTIONS"] = False

    def stumble(*given, **how):
        if rules.are_broken:
            raise ZeroDivisionError("about +8613490010001")
        return report(*given, **how)

    monkeypatch.setattr(inbox, "_report", stumble)
    company.say("voice", company.fields(sid()))
    assert "webhook not interpreted" in capsys.readouterr().err
    return rules


def kept() -> Webhook:
    db.session.rollback()
    return db.session.scalars(select(Webhook)).one()


def test_it_is_read_again_when_its_own_transaction_is_long_over(rules, clock):
    rules.are_broken = False
    clock.advance(seconds=READ_AGAIN_AFTER.total_seconds())
    assert read_failed_webhooks() == 0
    assert kept().interpreted_at is None
    clock.advance(seconds=1)
    assert read_failed_webhooks() == 1
    row = kept()
    assert (row.interpreted_at, row.error) == (clock(), "")
    call = db.session.scalars(select(Call)).one()
    assert call.started_at == row.received_at, "when it rang, not when it was understood"
    assert read_failed_webhooks() == 0


def test_what_nobody_mends_is_given_up_and_kept_with_its_reason(rules, clock):
    for _ in range(inbox.TRIES + 5):
        clock.advance(minutes=1)
        read_failed_webhooks()
    row = kept()
    assert (row.attempts, row.interpreted_at) == (inbox.TRIES, None)
    assert "ZeroDivisionError" in row.error
    assert "13490010001" not in row.error
    assert clock() - row.received_at > timedelta(minutes=inbox.TRIES)

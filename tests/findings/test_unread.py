"""What was signed for us is kept, also when we understand nothing of it."""

from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from hotline.telephony import webhooks
from hotline.telephony.jobs import read_failed_webhooks
from models import Call, Finding, FindingKind, FindingReason, Ticket, Webhook, db
from tests.telephony.company import Company, sid
from tests.telephony.street import count


def kept() -> Webhook:
    db.session.rollback()
    return db.session.scalars(select(Webhook)).one()


def the_finding() -> Finding:
    return db.session.scalars(select(Finding)).one()


def test_an_unknown_kind_is_kept_and_answered(company: Company, clock):
    fields = company.fields(sid(), TranscriptionText="您好")
    for _ in range(2):
        assert "<Response" in company.say("transcription", fields)
    row = kept()
    assert (row.kind, row.form["TranscriptionText"]) == ("transcription", "您好")
    assert (count(Call), count(Ticket)) == (0, 0)
    finding = the_finding()
    assert (finding.kind, finding.reason) == (FindingKind.UNREAD, FindingReason.UNKNOWN_KIND)
    assert finding.call_ref == fields["CallSid"]
    clock.advance(hours=1)
    assert read_failed_webhooks() == 0


def test_a_malformed_one_is_refused_and_kept(company: Company, clock):
    fields = company.fields(sid(), "swimming")
    for _ in range(2):
        assert company.post("status", fields).status_code == 400
    row = kept()
    assert (row.form["CallStatus"], row.interpreted_at) == ("swimming", None)
    assert "CallStatus" in row.error
    assert the_finding().reason is FindingReason.MALFORMED
    clock.advance(hours=1)
    assert read_failed_webhooks() == 0


def test_a_stranger_leaves_nothing(company: Company):
    answer = company.post("transcription", company.fields(sid()), signature="forged")
    assert (answer.status_code, count(Webhook), count(Finding)) == (403, 0, 0)
    assert (
        company.post("transcription", company.fields(sid()), provider="twilio").status_code == 404
    )


def test_without_a_database_the_provider_is_to_ask_again(company: Company, monkeypatch):
    def away(*args, **kwargs):
        raise OperationalError("BEGIN", {}, Exception("nobody there"))

    monkeypatch.setattr(webhooks.inbox, "keep_unread", away)
    assert company.post("transcription", company.fields(sid())).status_code == 503

"""What was signed for us is kept, also when we understand nothing of it."""

from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from hotline.telephony import adapter, spool, webhooks
from hotline.telephony.jobs import read_failed_webhooks, replay_spooled_webhooks
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


def test_a_call_known_by_the_fallback_alone_is_taken_in_at_once(company: Company, clock):
    """The first request failed altogether; nobody waits for the company's list."""
    call = sid()
    assert "<Record" in company.say("fallback", company.fields(call, ErrorCode="11200"))
    spoken = company.fields(call, RecordingSid=sid("RE"), RecordingDuration="6")
    assert "<Record" not in company.say("fallback", spoken)
    assert count(Call) == 0
    assert replay_spooled_webhooks() == 2
    row = db.session.scalars(select(Call)).one()
    assert (row.call_ref, len(row.recordings)) == (call, 1)
    assert count(Ticket) == 1


def test_a_fallback_about_a_known_call_changes_nothing(company: Company, clock):
    fields = company.fields(sid())
    company.say("voice", fields)
    company.say("fallback", fields)
    replay_spooled_webhooks()
    assert (count(Webhook), count(Call), count(Ticket)) == (1, 1, 1)


def test_a_fallback_is_answered_with_a_full_disk_and_a_strange_form(company: Company, monkeypatch):
    def full(*args, **kwargs):
        raise OSError("no space left on device")

    monkeypatch.setattr(webhooks.spool, "keep", full)
    assert "<Record" in company.say("fallback", company.fields(sid()))
    monkeypatch.undo()
    assert "<Record" in company.say("fallback", company.fields("CA1"))
    assert replay_spooled_webhooks() == 0
    assert spool.count_waiting(adapter.spool_folder()) == 0, "nobody could ever read it"

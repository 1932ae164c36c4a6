"""The list of what was missing, and the page of what to host at the provider."""

from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest

from hotline.findings import queries, service
from hotline.unit_of_work import unit_of_work
from models import AuditEvent, FindingKind, FindingReason, Reconciliation, Role, db
from tests.exports.lists.house import english, taken
from tests.makers import make_conversation, make_ticket, make_user


@pytest.fixture
def supervisor(sign_in):
    return sign_in(english(make_user(Role.SUPERVISOR)))


@pytest.fixture
def administrator(sign_in):
    return sign_in(english(make_user(Role.ADMINISTRATOR)))


def make_call():
    """A call that the company knows by its reference."""
    call = make_conversation(make_ticket(), make_user(Role.OPERATOR))
    with unit_of_work():
        call.provider, call.call_ref = "simulator", "CA" + "1" * 32
    return call


def find(clock, kind=FindingKind.CALL, reason=FindingReason.NO_WEBHOOK, **more):
    with unit_of_work():
        service.note(
            kind,
            reason,
            **{
                "provider": "simulator",
                "key": f"{kind}:{more.get('call_ref', '')}",
                "happened_at": clock() - timedelta(minutes=4),
                "at": clock(),
                **more,
            },
        )


def ask(clock, *, succeeded=True):
    outcome = Reconciliation(
        provider="simulator", asked_at=clock(), succeeded=succeeded, calls=12, recordings=3
    )
    with unit_of_work():
        service.asked(outcome)


def page(client, **args):
    return client.get("/calls/found", query_string=args).get_data(as_text=True)


def test_a_supervisor_sees_what_why_how_late_and_goes_to_the_ticket(clock, supervisor):
    call = make_call()
    find(clock, call_ref=call.call_ref, detail="voice 11200")
    shown = page(supervisor)
    for words in ("A call we did not know", "No webhook came", "4 min", "voice 11200"):
        assert words in shown
    assert f'href="/tickets/{call.ticket_id}"' in shown


def test_an_administrator_sees_the_list_and_no_ticket(clock, administrator):
    call = make_call()
    find(clock, call_ref=call.call_ref)
    shown = page(administrator)
    assert "A call we did not know" in shown
    assert call.ticket.number not in shown
    assert "/tickets/" not in shown


def test_the_list_is_narrowed_and_taken_away_as_it_is(clock, supervisor):
    call = make_call()
    find(clock, call_ref=call.call_ref)
    find(clock, FindingKind.REQUEST, FindingReason.REFUSED, call_ref="CA" + "2" * 32)
    shown = page(supervisor, kind="request")
    assert shown.count("<tr>") == 2, "the head and one row"
    (row,) = taken(supervisor, "/calls/found/export", kind="call")
    assert (row["Why"], row["Ticket"]) == ("No webhook came", call.ticket.number)
    assert len(taken(supervisor, "/calls/found/export")) == 2
    (row,) = taken(supervisor, "/calls/found/export", reason="refused")
    assert row["Why"] != "No webhook came"
    event = db.session.scalars(db.select(AuditEvent).where(AuditEvent.kind == "export")).first()
    assert event is not None
    assert supervisor.get("/calls/found?kind=nonsense").status_code == 422
    assert supervisor.get("/calls/found?since=soon").status_code == 422
    assert supervisor.get("/calls/found?after=x").status_code == 422


def test_the_days_of_the_list_are_ours_and_the_last_one_is_whole(clock, supervisor):
    find(clock, call_ref="CA1")  # Monday morning
    at_night = clock() + timedelta(days=1, hours=14)  # half past eleven
    find(clock, call_ref="CA2", at=at_night)

    def found(**args):
        return len(taken(supervisor, "/calls/found/export", **args))

    assert found(until="2026-11-15") == found(since="2026-11-18") == 0
    assert found(until="2026-11-16") == found(since="2026-11-17") == 1
    assert found(since="2026-11-16", until="2026-11-17") == 2
    assert supervisor.get("/calls/found?until=never").status_code == 422
    assert supervisor.get("/calls/found?reason=nonsense").status_code == 422


def test_a_long_list_has_pages(clock, supervisor, monkeypatch):
    monkeypatch.setattr(queries, "PAGE", 2)
    for number in range(3):
        find(clock, call_ref=f"CA{number:032d}")
    first = page(supervisor)
    assert "Next page" in first
    assert first.count("<tr>") == 3
    assert page(supervisor, after="2").count("<tr>") == 2


def test_the_page_says_when_the_company_was_asked_and_screams_when_it_cannot_be(clock, supervisor):
    assert "has not been asked yet" in page(supervisor)
    ask(clock)
    assert "12 calls, 3 recordings" in page(supervisor)
    clock.advance(minutes=10)
    ask(clock, succeeded=False)
    shown = page(supervisor)
    assert "Last asked in vain" in shown
    assert "has not answered since" not in shown
    clock.advance(minutes=6)
    assert "has not answered since" in page(supervisor)
    ask(clock)
    assert "has not answered since" not in page(supervisor)


def test_the_document_to_host_takes_a_message_and_names_our_fallback(administrator):
    shown = administrator.get("/calls/when-we-are-down").get_data(as_text=True)
    text = shown.partition('<pre class="hy-sample" id="document"')[2]
    text = text.partition(">")[2].partition("</pre>")[0]
    for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&#34;", '"'), ("&amp;", "&")):
        text = text.replace(entity, sign)
    document = ET.fromstring(text.encode())
    say, record = document[0], document[1]
    assert (say.tag, record.tag) == ("Say", "Record")
    assert "留言将被录音" in say.text
    assert record.get("action") == "http://localhost/hooks/simulator/fallback"


def test_who_has_spoken_is_thanked_by_the_fallback(company):
    """Else the caller would be asked for a message a second time."""
    fields = company.fields("CA" + "3" * 32)
    assert "<Record" in company.say("fallback", fields)
    spoken = company.say("fallback", fields | {"RecordingSid": "RE" + "4" * 32})
    assert "<Record" not in spoken
    assert "<Hangup" in spoken


def test_who_leads_is_told_of_what_is_new_until_it_was_read(clock, sign_in):
    first, second = (sign_in(english(make_user(Role.SUPERVISOR))) for _ in range(2))
    assert "new finding" not in first.get("/now").text
    find(clock)
    find(clock, call_ref="CA2")
    link = 'href="/calls/found"'
    for browser in (first, second):
        shown = browser.get("/now").text
        assert "2 new findings from comparing" in shown
        assert link in shown
    page(first)
    clock.advance(minutes=1)
    assert "new finding" not in first.get("/now").text
    assert "2 new findings" in second.get("/now").text, "everybody reads for themselves"
    find(clock, call_ref="CA3")
    assert "1 new finding from" in first.get("/now").text
    reviewer = sign_in(english(make_user(Role.REVIEWER)))
    assert "new finding" not in reviewer.get("/now").text


def test_an_empty_list_claims_no_more_than_is_known(supervisor, clock):
    """Nobody has asked yet; asked, and nothing was missing; nothing of what is looked for."""
    assert "Nothing has been found yet." in supervisor.get("/calls/found").text
    with unit_of_work():
        db.session.add(
            Reconciliation(provider="simulator", asked_at=clock(), succeeded=True, calls=2)
        )
    assert "Nothing was missing." in supervisor.get("/calls/found").text
    find(clock)
    shown = supervisor.get("/calls/found?kind=sound").text
    assert "Nothing here fits what you asked for." in shown
    assert "Nothing was missing." not in shown

"""What no webhook told is asked for, taken in, and written down with the reason."""

from datetime import timedelta

import pytest
import requests
from sqlalchemy import select

from hotline.calls import outgoing
from hotline.findings import jobs, service
from hotline.telephony import adapter, inbox, spool, twilio_provider
from hotline.telephony import jobs as telephony
from hotline.telephony.inbound import Kind
from hotline.telephony.simulator.ledger import Asked, Knobs, Mode, new_sid
from hotline.telephony.simulator.ledger import Call as TheirCall
from hotline.telephony.simulator.provider import SimulatorProvider
from hotline.telephony.simulator.wire import Wire
from hotline.unit_of_work import unit_of_work
from models import (
    Call,
    CallResult,
    CallState,
    Finding,
    FindingKind,
    FindingReason,
    Mark,
    Notification,
    Reconciliation,
    Recording,
    Role,
    Ticket,
    db,
)
from tests.makers import make_ticket, make_user
from tests.telephony.street import COURIER, count, debts, take_seat, the_call


def found():
    db.session.rollback()
    rows = db.session.scalars(select(Finding).order_by(Finding.id))
    return [(row.kind, row.reason) for row in rows]


def the_finding():
    db.session.rollback()
    return db.session.scalars(select(Finding)).one()


def last_asking():
    db.session.rollback()
    latest = select(Reconciliation).order_by(Reconciliation.id.desc()).limit(1)
    return db.session.scalars(latest).one()


def test_lost_reports_are_asked_for(live, exchange, clock):
    """Nothing came after the first request; the company's own list tells the rest."""
    call = exchange.dial_in(COURIER, clock(), Knobs(drop=True))
    clock.advance(seconds=30)
    exchange.speak(call.sid, clock())
    ended_at = clock()
    assert the_call().state is CallState.VOICEMAIL
    assert debts() == []
    clock.advance(minutes=5)
    assert jobs.reconcile_calls() == 2
    row = the_call()
    assert (row.state, row.result) == (CallState.ENDED, CallResult.VOICEMAIL)
    assert len(debts()) == 1
    finding = the_finding()
    assert (finding.kind, finding.reason) == (FindingKind.END, FindingReason.NO_WEBHOOK)
    assert (finding.happened_at, finding.found_at) == (ended_at, clock())
    assert jobs.reconcile_calls() == 0
    assert len(found()) == 1


def test_a_call_nobody_ever_reported_is_found(live, exchange, clock, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(Wire, "_post", lambda *args, **kwargs: None)
        call = exchange.dial_in(COURIER, clock())
        assert call.mode is Mode.ENDED, "nobody answered, not even the fallback"
    assert count(Call) == 0
    rang_at = clock()
    clock.advance(minutes=5)
    jobs.reconcile_calls()
    row = the_call()
    assert (row.state, row.number) == (CallState.ENDED, COURIER)
    assert len(debts()) == 1
    findings = db.session.scalars(select(Finding).order_by(Finding.id)).all()
    (missing, *refused) = findings
    assert (missing.kind, missing.reason) == (FindingKind.CALL, FindingReason.REFUSED)
    assert (missing.call_ref, missing.happened_at) == (call.sid, rang_at)
    assert missing.detail.endswith("11205")
    routes = {one.detail for one in refused if one.kind is FindingKind.REQUEST}
    assert routes == {"voice 11205", "fallback 11205", "status 11205"}
    assert last_asking().found == len(findings) == 4


def test_what_rang_a_moment_ago_may_still_come_by_itself(live, exchange, clock, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(Wire, "_post", lambda *args, **kwargs: None)
        exchange.dial_in(COURIER, clock())
    clock.advance(seconds=30)
    assert (jobs.reconcile_calls(), count(Call)) == (0, 0)
    clock.advance(minutes=5)
    assert (jobs.reconcile_calls(), count(Call)) == (1, 1)


def test_what_was_refused_is_told_for_two_days_and_written_down_once(
    live, exchange, clock, monkeypatch
):
    """Thousands, after a bad day: nobody who wants to write waits for them again and again."""
    url = f"{exchange._hooks}/voice"
    for _ in range(3):
        sid = new_sid(TheirCall)
        exchange.ledger.save(Asked(new_sid(Asked), sid, url, {"CallSid": sid}, clock(), 500))
    jobs.reconcile_calls()
    assert last_asking().found == len(found()) == 3
    tried = []
    monkeypatch.setattr(service, "write", tried.append)
    jobs.reconcile_calls()
    assert tried == []
    assert (last_asking().refusals, last_asking().found, len(found())) == (3, 0, 3)


def test_who_answered_is_learnt_too(live, exchange, clock):
    """The reports of the leg were lost: without the list the call would stand there as missed."""
    operator = take_seat(clock)
    call = exchange.dial_in(COURIER, clock(), Knobs(drop=True))
    exchange.answer(exchange.seat_leg(operator.id).sid, clock())
    clock.advance(minutes=2)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Wire, "_post", lambda *args, **kwargs: None)
        exchange.hang_up(call.sid, clock())
    clock.advance(minutes=5)
    jobs.reconcile_calls()
    row = the_call()
    assert (row.state, row.result) == (CallState.ENDED, CallResult.ANSWERED)
    assert (row.operator_id, row.ticket.owner_id) == (operator.id, operator.id)
    assert row.answered_at == clock() - timedelta(minutes=7)
    assert debts() == []
    kinds = {FindingKind.END, FindingKind.ANSWER, FindingKind.REQUEST}
    assert {kind for kind, _ in found()} == kinds
    assert last_asking().calls == 1, "a leg is no call"


class TestWhy:
    """Every finding says why nobody had told us."""

    @pytest.fixture
    def ended(self, live, exchange, clock):
        """A call of an hour ago in the company's books, of which nothing came here."""
        call = TheirCall(new_sid(TheirCall), COURIER, exchange.number, "inbound", clock())
        call.mode, call.status = Mode.ENDED, "completed"
        call.ended_at = clock() + timedelta(seconds=20)
        exchange.ledger.save(call)
        clock.advance(hours=1)
        return call

    def tell(self, exchange, call, code):
        url = f"{exchange._hooks}/voice"
        asked = Asked(new_sid(Asked), call.sid, url, {"CallSid": call.sid}, call.made_at, code)
        exchange.ledger.save(asked)

    def test_no_request_was_ever_made(self, ended):
        jobs.reconcile_calls()
        assert found() == [(FindingKind.CALL, FindingReason.NO_WEBHOOK)]

    def test_what_was_missing_happened_when_it_began(self, ended):
        jobs.reconcile_calls()
        assert the_finding().happened_at == ended.made_at

    @pytest.fixture
    def without_alarms(self, monkeypatch):
        """The company's list of refused requests is shorter than that of its calls."""
        monkeypatch.setattr(SimulatorProvider, "list_refusals", lambda self, *, since: [])

    def test_we_answered_badly(self, ended, exchange, without_alarms):
        self.tell(exchange, ended, 502)
        jobs.reconcile_calls()
        assert found() == [(FindingKind.CALL, FindingReason.REFUSED)]
        assert the_finding().detail == "voice 502"

    def test_the_company_does_not_tell_its_requests(
        self, ended, exchange, without_alarms, monkeypatch
    ):
        """The call counts, and is taken in all the same."""
        self.tell(exchange, ended, 502)
        send = requests.Session.send

        def cut(session, request, **options):
            if "/Events.json" in request.url:
                raise requests.ConnectionError("nobody there")
            return send(session, request, **options)

        monkeypatch.setattr(requests.Session, "send", cut)
        assert jobs.reconcile_calls() == 1
        assert found() == [(FindingKind.CALL, FindingReason.NO_WEBHOOK)]
        assert count(Call) == 1

    def test_of_very_many_not_all_requests_are_asked_for_at_once(self, ended, exchange, clock):
        for number in range(jobs.TOLD_AT_MOST):
            call = TheirCall(
                new_sid(TheirCall), f"+861349002{number:04d}", exchange.number, "inbound",
                ended.made_at,
            )  # fmt: skip
            call.mode, call.status, call.ended_at = Mode.ENDED, "completed", ended.ended_at
            exchange.ledger.save(call)
            self.tell(exchange, call, 200)
        self.tell(exchange, ended, 200)
        jobs.reconcile_calls()
        reasons = [reason for _, reason in found()]
        assert reasons.count(FindingReason.NOT_KEPT) == jobs.TOLD_AT_MOST
        assert reasons.count(FindingReason.NO_WEBHOOK) == 1

    def test_we_answered_and_kept_nothing(self, ended, exchange):
        """As after a backup was restored that is older than the call."""
        self.tell(exchange, ended, 200)
        jobs.reconcile_calls()
        assert found() == [(FindingKind.CALL, FindingReason.NOT_KEPT)]

    def test_the_form_waits_on_the_disk(self, ended, exchange, clock):
        form = exchange._fields(ended)
        spool.keep(adapter.spool_folder(), Kind.VOICE, form, at=ended.made_at)
        jobs.reconcile_calls()
        assert found() == [(FindingKind.CALL, FindingReason.ON_DISK)]
        assert telephony.replay_spooled_webhooks() == 1
        assert count(Call) == count(Ticket) == 1

    def test_our_rules_failed(self, live, exchange, clock, monkeypatch):
        live.config["PROPAGATE_EXCEPTIONS"] = False

        def broken(*args, **kwargs):
            raise ZeroDivisionError

        with monkeypatch.context() as patched:
            patched.setattr(inbox, "_report", broken)
            call = exchange.dial_in(COURIER, clock())
            exchange.hang_up(call.sid, clock())
        assert count(Call) == 0
        clock.advance(minutes=5)
        jobs.reconcile_calls()
        assert found() == [(FindingKind.CALL, FindingReason.NOT_INTERPRETED)]
        assert the_call().state is CallState.ENDED


def test_a_call_of_ours_that_the_provider_does_not_know_is_named(live, exchange, clock):
    call = exchange.dial_in(COURIER, clock())
    exchange.hang_up(call.sid, clock())
    exchange.ledger.delete(call.sid)
    clock.advance(minutes=5)
    jobs.reconcile_calls()
    assert found() == [], "it may not be in their list yet"
    clock.advance(minutes=10)
    jobs.reconcile_calls()
    jobs.reconcile_calls()
    assert found() == [(FindingKind.ELSEWHERE, FindingReason.UNKNOWN_THERE)]
    assert the_finding().call_ref == call.sid


def test_what_the_company_never_had_is_not_looked_for_there(live, exchange, clock):
    """A call on any telephone is ours alone."""
    ticket, operator = make_ticket(), make_user(Role.OPERATOR)
    with unit_of_work():
        outgoing.log(ticket, COURIER, actor=operator, at=clock())
    clock.advance(minutes=20)
    jobs.reconcile_calls()
    assert found() == []


def test_a_sound_of_long_ago_is_not_asked_for_any_more(live, exchange, clock):
    call = exchange.dial_in(COURIER, clock())
    exchange.speak(call.sid, clock())
    exchange.ledger.delete(exchange.ledger.recordings(clock())[0].sid)
    clock.advance(hours=48)
    jobs.reconcile_calls()
    assert found() == []


def test_a_sound_that_nobody_has_any_more_is_named(live, exchange, clock):
    """What we have copied is gone over there on purpose; what we have not is lost."""
    sids = []
    for _ in range(2):
        call = exchange.dial_in(COURIER, clock())
        exchange.speak(call.sid, clock())
        sids.append(exchange.ledger.recordings(clock())[0].sid)
        clock.advance(seconds=1)
    with unit_of_work():
        copied = db.session.scalars(select(Recording).where(Recording.recording_ref == sids[0]))
        copied.one().fetched_at = clock()
    for sid in sids:
        exchange.ledger.delete(sid)
    clock.advance(minutes=5)
    jobs.reconcile_calls()
    assert found() == [], "it may not be in their list yet"
    clock.advance(minutes=10)
    for _ in range(2):
        jobs.reconcile_calls()
    assert found() == [(FindingKind.SOUND, FindingReason.UNKNOWN_THERE)]
    assert the_finding().key == f"sound:{sids[1]}"


def test_what_the_demo_tells_of_the_past_is_not_looked_for_there(live, exchange, clock):
    call = exchange.dial_in(COURIER, clock())
    exchange.hang_up(call.sid, clock())
    exchange.ledger.delete(call.sid)
    clock.advance(minutes=1)
    with unit_of_work():
        db.session.add(Mark(name="demo_began", at=clock()))
    clock.advance(minutes=20)
    jobs.reconcile_calls()
    assert found() == []


def test_every_page_of_the_list_is_read(live, exchange, clock, monkeypatch):
    monkeypatch.setattr(twilio_provider, "PAGE_SIZE", 3)
    for number in range(8):
        call = TheirCall(
            new_sid(TheirCall), f"+86134900100{number:02d}", exchange.number, "inbound", clock()
        )
        call.mode, call.status, call.ended_at = Mode.ENDED, "completed", clock()
        exchange.ledger.save(call)
    clock.advance(minutes=5)
    assert jobs.reconcile_calls() == 8
    assert (last_asking().calls, count(Call)) == (8, 8)
    assert found() == [(FindingKind.CALL, FindingReason.NO_WEBHOOK)] * 8
    assert last_asking().found == 8


def test_one_row_that_cannot_be_read_stops_no_other(live, exchange, clock):
    for direction in ("trunking-terminating", "inbound"):
        call = TheirCall(new_sid(TheirCall), COURIER, exchange.number, direction, clock())
        call.mode, call.status, call.ended_at = Mode.ENDED, "completed", clock()
        exchange.ledger.save(call)
    clock.advance(minutes=5)
    assert jobs.reconcile_calls() == 1
    assert sorted(found()) == [
        (FindingKind.CALL, FindingReason.NO_WEBHOOK),
        (FindingKind.UNREAD, FindingReason.MALFORMED),
    ]


class TestSilence:
    """When the provider cannot be asked, calls may be missing: somebody must know."""

    def silence(self, monkeypatch):
        def nobody(*args, **kwargs):
            raise requests.ConnectionError("nobody there")

        monkeypatch.setattr(requests.Session, "send", nobody)

    def test_the_supervisors_hear_after_fifteen_minutes_once(self, live, clock, monkeypatch):
        make_user(Role.SUPERVISOR)
        assert jobs.reconcile_calls() == 0
        assert last_asking().succeeded
        self.silence(monkeypatch)
        told = []
        for _ in range(5):
            clock.advance(minutes=5)
            jobs.reconcile_calls()
            told.append(count(Notification))
        assert not last_asking().succeeded
        assert told == [0, 0, 0, 1, 1]

    def test_when_we_asked_is_kept_for_a_month(self, live, clock):
        jobs.reconcile_calls()
        clock.advance(days=31)
        jobs.reconcile_calls()
        assert count(Reconciliation) == 1


def test_the_repair_and_its_finding_are_one_transaction(live, exchange, clock, monkeypatch):
    """Who dies between the two leaves neither, and the next asking finds both."""

    def die(*args, **kwargs):
        raise ZeroDivisionError

    call = TheirCall(new_sid(TheirCall), COURIER, exchange.number, "inbound", clock())
    call.mode, call.status, call.ended_at = Mode.ENDED, "completed", clock()
    exchange.ledger.save(call)
    clock.advance(minutes=5)
    with monkeypatch.context() as patched:
        patched.setattr(jobs.service, "record", die)
        assert jobs.reconcile_calls() == 0
    assert (count(Call), found()) == (0, [])
    clock.advance(minutes=5)
    assert jobs.reconcile_calls() == 1
    assert (count(Call), found()) == (1, [(FindingKind.CALL, FindingReason.NO_WEBHOOK)])

"""Webhooks come twice, late, in any order, while we fail: one call, one ticket, one answer."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.utils import format_datetime
from math import factorial
from xml.etree import ElementTree as ET

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from hotline.calls import seats, switchboard
from hotline.calls import service as calls
from hotline.sla import policies
from hotline.telephony import adapter, inbox, jobs, spool, webhooks
from hotline.telephony.inbound import Kind, parse
from hotline.unit_of_work import unit_of_work
from models import (
    Call,
    Callback,
    Caller,
    CallResult,
    CallState,
    Role,
    Seat,
    SeatState,
    Ticket,
    Webhook,
    db,
)
from tests.makers import make_user
from tests.telephony.company import WANG, sid


def count(model, *where):
    return db.session.scalar(select(func.count()).select_from(model).where(*where))


@pytest.fixture
def operator(app, clock):
    user = make_user(Role.OPERATOR)
    with unit_of_work():
        seats.set_seat_state(user, SeatState.FREE, at=clock())
    return user


def test_a_call_rings_at_a_free_seat(company, operator):
    xml = company.say("voice", company.fields(sid()))
    dial = ET.fromstring(xml).find("Dial")
    assert dial.find("Sip").text == f"sip:seat-{operator.id}@simulator.invalid"
    (call,) = db.session.scalars(select(Call)).all()
    assert (call.state, call.number, call.ticket.owner_id) == (CallState.WAITING, WANG, None)
    assert [leg.user_id for leg in call.legs] == [operator.id]


def test_a_repeat_hears_the_same_even_when_everything_has_changed(company, operator, clock):
    fields = company.fields(sid())
    first = company.say("voice", fields)
    with unit_of_work():
        seats.set_seat_state(operator, SeatState.AWAY, at=clock())
    assert company.say("voice", fields) == first
    assert "Dial" in first
    assert (count(Call), count(Ticket), count(Webhook)) == (1, 1, 1)


def test_nobody_is_rung_for_a_caller_who_has_gone(company, operator):
    """The report of the end overtook the first request."""
    call = sid()
    company.say("status", company.fields(call, "completed", CallDuration="2"))
    assert "Dial" not in company.say("voice", company.fields(call))
    row = db.session.scalars(select(Call)).one()
    assert (row.legs, row.result) == ([], CallResult.HUNG_UP_EARLY)
    assert seats.seat_of(operator).call_id is None


def test_a_second_wrong_key_is_no_repeat_of_the_first(company, app, clock):
    admin = make_user(Role.ADMINISTRATOR)
    with unit_of_work():
        policies.set_value("menu", 1, actor=admin, at=clock())
    call = sid()
    assert "Gather" in company.say("voice", company.fields(call))
    again = company.say("menu?step=1", company.fields(call, "in-progress", Digits="9"))
    assert "menu?step=2" in again
    person = company.say("menu?step=2", company.fields(call, "in-progress", Digits="9"))
    assert "Gather" not in person, "people first: nobody is kept in a menu for ever"
    assert count(Webhook) == 3


def test_thirty_deliveries_at_once_are_one_call_and_one_answer(app, company, operator):
    fields = company.fields(sid())

    def deliver(_):
        answer = company.post("voice", fields)
        return answer.status_code, answer.get_data(as_text=True)

    with ThreadPoolExecutor(30) as threads:
        answers = set(threads.map(deliver, range(30)))
    assert len(answers) == 1
    ((status, xml),) = answers
    assert status == 200
    assert f"seat-{operator.id}@" in xml
    assert (count(Call), count(Ticket), count(Webhook)) == (1, 1, 1)
    assert count(Caller) == 1


# What one call is, whatever order its reports came in.


HEARD_LATER = timedelta(minutes=2)  # reports are about the past


def answered(call, leg, sound, user_id, number, clock):
    """Six reports of a call that an operator answered and that was recorded."""
    t = clock() - HEARD_LATER
    return [
        ("voice", {}, {}),
        ("status", {"step": "1"}, leg_fields(call, leg, user_id, "ringing", 1, t)),
        ("status", {"step": "1"}, leg_fields(call, leg, user_id, "in-progress", 2, t + sec(9))),
        (
            "status",
            {"step": "1"},
            leg_fields(call, leg, user_id, "completed", 3, t + sec(69)) | {"CallDuration": "58"},
        ),
        (
            "dial",
            {"step": "1"},
            {"CallStatus": "in-progress", "DialCallStatus": "completed", "DialCallDuration": "60"},
        ),
        ("recording", {}, recording_fields(sound, 60, "DialVerb")),
        ("status", {}, ended_fields(t + sec(70), 70)),
    ]


def voicemail(call, leg, sound, user_id, number, clock):
    """Nobody picks up, the caller leaves a message."""
    t = clock() - HEARD_LATER
    return [
        ("voice", {}, {}),
        ("status", {"step": "1"}, leg_fields(call, leg, user_id, "no-answer", 2, t + sec(20))),
        ("dial", {"step": "1"}, {"CallStatus": "in-progress", "DialCallStatus": "no-answer"}),
        ("voicemail", {}, {"CallStatus": "in-progress"} | recording_fields(sound, 12)),
        ("recording", {}, recording_fields(sound, 12)),
        ("status", {}, ended_fields(t + sec(50), 50)),
    ]


def missed(call, leg, sound, user_id, number, clock):
    """Nobody picks up, and nothing is said to the tape."""
    return [
        event
        for event in voicemail(call, leg, sound, user_id, number, clock)
        if event[0] not in ("voicemail", "recording")
    ]


def abandoned(call, leg, sound, user_id, number, clock):
    """The caller hangs up while a seat rings."""
    t = clock() - HEARD_LATER
    return [
        ("voice", {}, {}),
        ("status", {"step": "1"}, leg_fields(call, leg, user_id, "ringing", 1, t)),
        ("status", {"step": "1"}, leg_fields(call, leg, user_id, "canceled", 2, t + sec(12))),
        ("dial", {"step": "1"}, {"CallStatus": "completed", "DialCallStatus": "canceled"}),
        ("status", {}, ended_fields(t + sec(12), 12)),
    ]


def hung_up_early(call, leg, sound, user_id, number, clock):
    events = abandoned(call, leg, sound, user_id, number, clock)
    return [*events[:-1], ("status", {}, ended_fields(clock() - HEARD_LATER + sec(3), 3))]


STORIES = {
    answered: CallResult.ANSWERED,
    voicemail: CallResult.VOICEMAIL,
    missed: CallResult.MISSED,
    abandoned: CallResult.ABANDONED,
    hung_up_early: CallResult.HUNG_UP_EARLY,
}


def sec(seconds):
    return timedelta(seconds=seconds)


def leg_fields(call, leg, user_id, status, sequence, at):
    return {
        "CallSid": leg,
        "ParentCallSid": call,
        "Direction": "outbound-dial",
        "To": f"sip:seat-{user_id}@simulator.invalid",
        "CallStatus": status,
        "SequenceNumber": str(sequence),
        "Timestamp": format_datetime(at),
    }


def recording_fields(sound, seconds, source="RecordVerb"):
    return {
        "RecordingSid": sound,
        "RecordingStatus": "completed",
        "RecordingDuration": str(seconds),
        "RecordingSource": source,
    }


def ended_fields(at, seconds):
    return {
        "CallStatus": "completed",
        "CallDuration": str(seconds),
        "Timestamp": format_datetime(at),
        "SequenceNumber": "0",
    }


class Teller:
    """Tells a story in any order, each report twice, inside an open unit of work."""

    def __init__(self, operator, clock):
        self.clock, self.board = clock, adapter.switchboard()
        self.operator, self.told = operator, 0

    def begin(self, story):
        """A new call of a new caller; the reports of it."""
        self.told += 1
        self.call, self.number = sid(), f"+861349002{self.told:04d}"
        seat = db.session.get_one(Seat, self.operator.id)
        seat.state, seat.call_id = SeatState.FREE, None
        return story(self.call, sid(), sid("RE"), self.operator.id, self.number, self.clock)

    def tell(self, events):
        for event in events:
            self.deliver(event)
        return self.outcome()

    def every_outcome(self, events, told=()):
        """The outcome of every order; what orders have in common is told once and taken back."""
        if not events:
            for event in random.Random(str(told)).sample(told, 2):
                self.deliver(event)  # late repeats
            yield tuple(event[0] for event in told), self.outcome()
        for place, event in enumerate(events):
            taken_back = db.session.begin_nested()
            self.deliver(event)
            self.deliver(event)
            yield from self.every_outcome(events[:place] + events[place + 1 :], (*told, event))
            taken_back.rollback()

    def deliver(self, report):
        kind, query, fields = report
        basic = {"CallSid": self.call, "CallStatus": "ringing", "Direction": "inbound"}
        basic |= {"From": self.number, "To": "+8675512351000"}
        if kind == "recording":
            basic = {"CallSid": self.call}
        form = {name: [value] for name, value in (basic | fields).items()}
        asked = {name: [value] for name, value in query.items()}
        event = parse(Kind(kind), form, asked)
        inbox.take_in(event, inbox.form_of(form, asked), self.board, at=self.clock())

    def outcome(self):
        call_ref, number = self.call, self.number
        wrong = db.session.scalars(
            select(Webhook.error).where(Webhook.call_ref == call_ref, Webhook.error != "")
        ).all()
        assert wrong == []
        call = db.session.scalars(select(Call).where(Call.call_ref == call_ref)).one()
        debts = select(Callback.kind, Callback.due_at).where(
            Callback.number == number, Callback.ended_at.is_(None)
        )
        assert call.number == number
        assert count(Ticket, Ticket.callback_number == number) == 1
        assert call.caller_id == call.ticket.caller_id
        assert [one.number for one in call.ticket.caller.numbers] == [number]
        return (
            call.state,
            call.result,
            call.operator_id,
            call.started_at,
            call.answered_at,
            call.ended_at,
            [(leg.step, leg.user_id, leg.answered_at, leg.ended_at) for leg in call.legs],
            [(one.kind, one.duration_seconds) for one in call.recordings],
            call.ticket.owner_id,
            call.ticket.status,
            db.session.execute(debts).all(),
        )


@pytest.fixture
def teller(operator, clock):
    return Teller(operator, clock)


@pytest.mark.parametrize("story", STORIES)
def test_a_story_told_in_order_ends_as_it_should(teller, story):
    with unit_of_work():
        outcome = teller.tell(teller.begin(story))
    assert outcome[:2] == (CallState.ENDED, STORIES[story])
    owed = outcome[-1]
    assert len(owed) == (0 if story is answered else 1)
    assert (outcome[4] is not None) == (story is answered)


@pytest.mark.parametrize("story", [voicemail, missed, abandoned, hung_up_early])
def test_every_order_of_a_story_ends_in_the_same_call(teller, story):
    """Up to six reports in all of their 720 orders, each twice."""
    with unit_of_work():
        expected = teller.tell(teller.begin(story))
        events = teller.begin(story)
        orders = 0
        for order, outcome in teller.every_outcome(events):
            assert outcome == expected, order
            orders += 1
    assert orders == factorial(len(events))


def test_a_long_story_in_many_orders_ends_in_the_same_call(teller):
    """Seven reports have 5,040 orders, with repeats many more: a hundred and twenty of them."""
    rng = random.Random(12351)
    with unit_of_work():
        expected = teller.tell(teller.begin(answered))
    for _ in range(120):
        with unit_of_work():
            events = teller.begin(answered) * 2
            rng.shuffle(events)
            assert teller.tell(events) == expected, [event[0] for event in events]


# What happens while our own house burns.


def test_a_report_we_cannot_read_is_kept_and_read_again(company, operator, clock, monkeypatch):
    fields = company.fields(sid())
    real = calls.receive

    def broken(*args, **kwargs):
        raise ZeroDivisionError(f"call from {WANG}")

    monkeypatch.setattr(calls, "receive", broken)
    xml = company.say("voice", fields)
    assert "Record" in xml, "the caller can still leave a message"
    assert company.say("voice", fields) == xml
    row = db.session.scalars(select(Webhook)).one()
    assert "ZeroDivisionError" in row.error
    assert WANG[1:] not in row.error
    assert (row.interpreted_at, count(Call)) == (None, 0)

    clock.advance(minutes=1)
    assert jobs.read_failed_webhooks() == 1
    assert count(Call) == 0
    monkeypatch.setattr(calls, "receive", real)
    assert jobs.read_failed_webhooks() == 1
    assert jobs.read_failed_webhooks() == 0
    call = db.session.scalars(select(Call)).one()
    assert (call.number, call.started_at) == (WANG, row.received_at)
    assert call.legs == [], "nobody is rung for a caller who has long gone"


def test_half_a_report_leaves_nothing_behind(company, operator, monkeypatch):
    def broken(*args, **kwargs):
        raise ZeroDivisionError

    monkeypatch.setattr(switchboard, "instructions", broken)
    company.say("voice", company.fields(sid()))
    assert (count(Webhook), count(Call), count(Ticket)) == (1, 0, 0)


def test_without_a_database_the_caller_is_heard_and_the_report_waits_on_the_disk(
    company, operator, clock, monkeypatch
):
    fields = company.fields(sid())

    def dead(within):
        raise OperationalError("SELECT 1", {}, Exception("no such database"))

    with monkeypatch.context() as patched:
        patched.setattr(webhooks, "unit_of_work", dead)
        xml = company.say("voice", fields)
    assert "Record" in xml
    assert (count(Webhook), count(Call)) == (0, 0)
    (kept,) = spool.waiting(adapter.spool_folder(), at=clock())
    assert kept.path.stat().st_mode & 0o077 == 0, "for our eyes only"

    came_at = clock()
    clock.advance(minutes=5)
    assert jobs.replay_spooled_webhooks() == 1
    assert jobs.replay_spooled_webhooks() == 0
    call = db.session.scalars(select(Call)).one()
    assert (call.number, call.started_at, call.legs) == (WANG, came_at, [])


def test_the_fallback_needs_no_database(company, monkeypatch):
    def dead(*args, **kwargs):
        raise AssertionError("the fallback touched the database")

    monkeypatch.setattr(db.session, "execute", dead)
    monkeypatch.setattr(db.session, "connection", dead)
    xml = company.say("fallback", company.fields(sid(), ErrorCode="11200"))
    assert ET.fromstring(xml).find("Record").get("action").endswith("/hooks/simulator/voicemail")
    monkeypatch.undo()
    assert count(Webhook) == 0


@pytest.mark.parametrize("failed", ["fallback", "voicemail"])
def test_whoever_has_left_a_message_is_not_asked_for_it_again(company, monkeypatch, failed):
    """Whether the database is away, or the route itself was not reached."""

    def dead(within):
        raise OperationalError("SELECT 1", {}, Exception("no such database"))

    monkeypatch.setattr(webhooks, "unit_of_work", dead)
    url = "https://hotline.example/hooks/simulator/voicemail#rc=1"
    spoken = company.fields(sid(), "in-progress", ErrorUrl=url) | recording_fields(sid("RE"), 12)
    xml = company.say(failed, spoken)
    assert [verb.tag for verb in ET.fromstring(xml)] == ["Say", "Hangup"]


@pytest.mark.parametrize(
    "url", ["", "https://[hotline", "https://hotline.example/hooks/dial?step=1"]
)
def test_a_fallback_for_anything_else_takes_a_message(company, url):
    assert "<Record" in company.say("fallback", company.fields(sid(), ErrorUrl=url))


def test_receipts_that_overtake_us_wait(company, clock):
    """We do not know the message yet; the receipt is kept and read again."""
    fields = {"AccountSid": company.account, "MessageSid": sid("SM"), "MessageStatus": "delivered"}
    assert company.say("sms", fields).endswith("<Response />")
    row = db.session.scalars(select(Webhook)).one()
    assert row.interpreted_at is None
    assert row.error

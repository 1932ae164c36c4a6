"""A call of which nobody knows whether the company places it: looked up, and never placed twice."""

import pytest
import requests
from sqlalchemy import select

from hotline.calls import intents, placing_jobs
from hotline.errors import TransitionRefused
from hotline.telephony.inbound import ProviderStatus
from hotline.telephony.prompts import NOT_CONNECTED
from hotline.telephony.simulator.ledger import Call as TheirCall
from hotline.telephony.simulator.ledger import new_sid
from hotline.unit_of_work import unit_of_work
from models import (
    Callback,
    CallIntent,
    CallResult,
    CallState,
    IntentStatus,
    Role,
    Ticket,
    User,
    db,
)
from tests.calls.desk import CALLER, Desk, calls, pass_time, post, the_intent, theirs, written
from tests.calls.desk import desk as desk
from tests.makers import make_user
from tests.telephony.company import Company
from tests.telephony.conftest import exchange as exchange
from tests.telephony.conftest import live as live
from tests.telephony.conftest import sign_in_at as sign_in_at


@pytest.fixture
def lost_answer(monkeypatch):
    """The company places the call; its answer never comes."""
    send = requests.Session.send

    def lose(session, request, **options):
        answer = send(session, request, **options)
        if request.method == "POST" and request.url.endswith("/Calls.json"):
            raise requests.ReadTimeout("late")
        return answer

    monkeypatch.setattr(requests.Session, "send", lose)


@pytest.fixture
def nothing_arrives(monkeypatch):
    send = requests.Session.send

    def lose(session, request, **options):
        if request.method == "POST" and request.url.endswith("/Calls.json"):
            raise requests.ReadTimeout("nobody heard it")
        return send(session, request, **options)

    monkeypatch.setattr(requests.Session, "send", lose)


def test_a_call_whose_answer_was_lost_is_looked_up_and_never_placed_twice(
    desk, exchange, clock, lost_answer
):
    desk.press()
    assert the_intent().status is IntentStatus.UNKNOWN
    assert "Nobody knows yet" in desk.card()
    assert desk.press() == 409
    clock.advance(seconds=20)
    assert placing_jobs.settle_call_intents() == 1
    (placed,) = theirs(exchange)
    assert the_intent().status is IntentStatus.PLACED
    assert [call.call_ref for call in calls()] == [placed.sid]


def test_who_picks_up_before_the_look_is_connected(desk, exchange, clock, lost_answer):
    """The webhook names the intent: that proves more than a list."""
    desk.press()
    pass_time(exchange, clock, 3)
    assert the_intent().status is IntentStatus.PLACED
    pass_time(exchange, clock, 3)
    assert calls()[0].state is CallState.TALKING
    assert len(theirs(exchange)) == 1


def test_what_the_company_does_not_know_expires_and_nobody_is_rung(
    desk, exchange, clock, nothing_arrives
):
    desk.press()
    clock.advance(seconds=20)
    placing_jobs.settle_call_intents()
    assert the_intent().status is IntentStatus.UNKNOWN
    clock.advance(seconds=40)
    placing_jobs.settle_call_intents()
    assert the_intent().status is IntentStatus.EXPIRED
    assert theirs(exchange) == []
    assert "could not be placed: try again" in desk.card()
    assert "Ring my telephone and connect me" in desk.card()


def test_who_dies_while_asking_leaves_it_in_doubt(desk, exchange, clock):
    written(desk, clock)
    with unit_of_work():
        assert intents.claim(the_intent().id, at=clock())  # and then the power fails
    assert not placing_jobs.place(the_intent().id), "nobody else asks"
    clock.advance(seconds=46)
    placing_jobs.settle_call_intents()
    clock.advance(seconds=20)
    placing_jobs.settle_call_intents()
    assert (the_intent().status, the_intent().looks) == (IntentStatus.EXPIRED, 2)
    assert theirs(exchange) == []


def test_who_dies_before_asking_leaves_nothing_that_rings_later(desk, exchange, clock):
    written(desk, clock)
    clock.advance(seconds=30)
    assert not placing_jobs.place(the_intent().id)
    assert the_intent().status is IntentStatus.EXPIRED
    assert theirs(exchange) == []


def test_a_call_that_turns_up_after_it_expired_is_connected_with_nobody(
    desk, exchange, clock, nothing_arrives
):
    desk.press()
    for seconds in (20, 40):
        clock.advance(seconds=seconds)
        placing_jobs.settle_call_intents()
    intent = the_intent()
    fields = Company.of(desk.app).fields(
        new_sid(TheirCall), "in-progress", Direction="outbound-api", To=intent.line
    )
    said = post(desk, fields, f"outgoing?intent={intent.id}")
    assert NOT_CONNECTED in said
    assert CALLER not in said
    (call,) = calls()
    assert call.call_ref == fields["CallSid"]
    assert the_intent().status is IntentStatus.EXPIRED


def test_a_refusal_is_told_at_once(desk, exchange, clock, monkeypatch):
    send = requests.Session.send

    def refuse(session, request, **options):
        if request.method == "POST" and request.url.endswith("/Calls.json"):
            request.url += "x"
        return send(session, request, **options)

    monkeypatch.setattr(requests.Session, "send", refuse)
    desk.press()
    assert the_intent().status is IntentStatus.FAILED
    assert "could not be placed" in desk.card()


def test_supervisors_see_what_was_not_placed(
    desk, exchange, clock, nothing_arrives, live, sign_in_at
):
    desk.press()
    supervisor = make_user(Role.SUPERVISOR, locale="en")
    shown = sign_in_at(live, supervisor).get("/outbox").text
    assert "Calls that were not placed" in shown
    assert "Is being looked up" in shown
    assert CALLER not in shown
    assert desk.operator.display_name in shown
    assert f'href="/tickets/{desk.ticket_id}"' in shown


def test_why_is_said_in_the_language_of_the_reader(desk, clock, live, sign_in_at):
    written(desk, clock)
    clock.advance(seconds=30)
    placing_jobs.settle_call_intents()
    shown = sign_in_at(live, make_user(Role.SUPERVISOR, locale="zh")).get("/outbox").text
    assert "没有及时向电话公司提出" in shown


def test_but_nothing_of_a_ticket_about_themselves(
    desk, exchange, clock, nothing_arrives, live, sign_in_at
):
    desk.press()
    accused = make_user(Role.SUPERVISOR, locale="en")
    with unit_of_work():
        db.session.get_one(Ticket, desk.ticket_id).about_user_id = accused.id
    shown = sign_in_at(live, accused).get("/outbox").text
    assert "Calls that were not placed" not in shown


def test_what_nobody_asked_for_in_time_expires_by_itself(desk, exchange, clock):
    """Who pressed died before the company was asked, and nobody else ever tries."""
    written(desk, clock)
    clock.advance(seconds=29)
    assert placing_jobs.settle_call_intents() == 0
    assert the_intent().status is IntentStatus.PENDING
    assert desk.press() == 409
    clock.advance(seconds=1)
    assert placing_jobs.settle_call_intents() == 1
    intent = the_intent()
    assert (intent.status, intent.error) == (IntentStatus.EXPIRED, "nobody asked in time")
    assert desk.press() == 303, "the operator may press again"
    assert len(theirs(exchange)) == 1


def test_who_asks_has_the_time_of_the_lease_for_it(desk, exchange, clock):
    """Another process sweeps meanwhile, and leaves alone what is not lost."""
    written(desk, clock)
    with unit_of_work():
        intents.claim(the_intent().id, at=clock())
    clock.advance(seconds=44)
    assert placing_jobs.settle_call_intents() == 0
    assert the_intent().status is IntentStatus.ASKING
    clock.advance(seconds=1)
    assert placing_jobs.settle_call_intents() == 1
    intent = the_intent()
    assert (intent.status, intent.error) == (IntentStatus.UNKNOWN, "the asking was interrupted")


def test_what_was_not_placed_is_on_the_page_for_a_day(
    desk, exchange, clock, nothing_arrives, live, sign_in_at
):
    desk.press()
    clock.advance(hours=24)
    supervisor = make_user(Role.SUPERVISOR, locale="en")
    assert "Calls that were not placed" in sign_in_at(live, supervisor).get("/outbox").text
    clock.advance(minutes=1)
    assert "Calls that were not placed" not in sign_in_at(live, supervisor).get("/outbox").text


def test_a_look_that_ends_after_the_caller_was_reached_changes_nothing(
    desk, exchange, clock, lost_answer
):
    """While the company was asked for its list, its webhook told what became of the call."""
    desk.press()
    pass_time(exchange, clock, 3)
    intent = the_intent()
    for _ in intents.LOOKS:
        with unit_of_work():
            assert not intents.note(intent.id, [], provider="simulator", at=clock())
    assert (the_intent().status, the_intent().looks) == (IntentStatus.PLACED, 0)


def test_the_company_has_time_to_write_it_down_from_when_it_was_asked(
    desk, exchange, clock, nothing_arrives
):
    """Not from when somebody pressed: that may be half a minute earlier."""
    written(desk, clock)
    clock.advance(seconds=25)
    placing_jobs.place(the_intent().id)
    clock.advance(seconds=19)
    placing_jobs.settle_call_intents()
    assert (the_intent().status, the_intent().looks) == (IntentStatus.UNKNOWN, 0)
    clock.advance(seconds=1)
    placing_jobs.settle_call_intents()
    assert the_intent().looks == 1


def test_two_looks_are_apart_also_when_the_first_one_came_late(
    desk, exchange, clock, nothing_arrives
):
    desk.press()
    clock.advance(minutes=5)
    placing_jobs.settle_call_intents()
    placing_jobs.settle_call_intents()
    assert (the_intent().status, the_intent().looks) == (IntentStatus.UNKNOWN, 1)
    clock.advance(seconds=20)
    placing_jobs.settle_call_intents()
    assert the_intent().status is IntentStatus.EXPIRED


@pytest.mark.parametrize("is_caller_first", [True, False])
@pytest.mark.parametrize(
    ("of_the_operator", "of_the_caller", "result"),
    [
        (ProviderStatus.FAILED, None, CallResult.FAILED),
        (ProviderStatus.CANCELED, None, CallResult.FAILED),
        (ProviderStatus.BUSY, None, CallResult.MISSED),
        (ProviderStatus.NO_ANSWER, None, CallResult.MISSED),
        (ProviderStatus.COMPLETED, ProviderStatus.FAILED, CallResult.FAILED),
        (ProviderStatus.COMPLETED, ProviderStatus.BUSY, CallResult.MISSED),
        (ProviderStatus.COMPLETED, ProviderStatus.COMPLETED, CallResult.ANSWERED),
    ],
)
def test_whom_the_company_could_not_reach_is_told_apart_from_who_did_not_answer(
    desk, exchange, clock, of_the_operator, of_the_caller, result, is_caller_first
):
    """In whatever order the company reports it."""
    written(desk, clock)
    company, intent, parent = Company.of(desk.app), the_intent(), new_sid(TheirCall)
    own = company.fields(parent, of_the_operator, Direction="outbound-api", To=intent.line)
    reports = [own]
    if of_the_caller is not None:
        leg = company.fields(
            new_sid(TheirCall), of_the_caller, ParentCallSid=parent, Direction="outbound-dial",
            To=CALLER, CallDuration="9", SequenceNumber="3",
        )  # fmt: skip
        reports.append(leg)
    for report in reversed(reports) if is_caller_first else reports:
        post(desk, report, f"status?intent={intent.id}")
    (call,) = calls()
    assert (call.state, call.result) == (CallState.ENDED, result)


def test_without_a_telephone_to_ring_first_nothing_is_written_down(desk, clock):
    with unit_of_work(), pytest.raises(TransitionRefused, match="dial on any telephone"):
        callback = db.session.get_one(Callback, desk.card_id)
        operator = db.session.get_one(User, desk.operator.id)
        intents.intend(callback, CALLER, "", actor=operator, at=clock())
    assert db.session.scalars(select(CallIntent)).all() == []


def test_the_open_call_of_a_colleague_keeps_nobody_from_ringing(
    desk, exchange, clock, live, sign_in_at, nothing_arrives
):
    desk.press()
    assert the_intent().status is IntentStatus.UNKNOWN
    colleague = Desk(live, clock, sign_in_at, phone="+8613490010777")
    assert colleague.press() == 303
    db.session.rollback()
    asked = db.session.scalars(select(CallIntent.status)).all()
    assert asked == [IntentStatus.UNKNOWN] * 2, "each was asked for"

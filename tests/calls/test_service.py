"""One call, one ticket, one debt: what the reports mean, and what people write down by hand."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from hotline.callbacks import service as callbacks
from hotline.callers import service as callers
from hotline.calls import queries, service
from hotline.errors import Forbidden, Invalid, NotFound
from hotline.phone_numbers import normalise
from hotline.telephony import adapter
from hotline.telephony.inbound import Kind, parse
from hotline.unit_of_work import unit_of_work
from models import (
    Call,
    Callback,
    CallbackEnd,
    Caller,
    CallLeg,
    CallResult,
    CallState,
    LiveUpdate,
    Role,
    Source,
    Ticket,
    TicketStatus,
    db,
)
from tests.makers import make_department, make_ticket, make_user
from tests.telephony.company import US, WANG, sid


def receive(clock, kind, query=None, **form):
    fields = {name: [value] for name, value in form.items()}
    with unit_of_work():
        return service.receive(parse(kind, fields, query or {}), adapter.switchboard(), at=clock())


def count(model):
    return db.session.scalar(select(func.count()).select_from(model))


def open_debts():
    return db.session.scalars(select(Callback).where(Callback.ended_at.is_(None))).all()


def test_the_first_sign_of_a_call_makes_its_ticket(ring):
    call = ring()
    ticket = call.ticket
    assert (ticket.status, ticket.source, ticket.callback_number) == (
        TicketStatus.OPEN,
        Source.PHONE,
        WANG,
    )
    assert (ticket.owner_id, ticket.caller_id) == (None, call.caller_id)


def test_a_recording_may_be_the_first_we_hear(app, clock, hang_up):
    call_sid = sid()
    call = receive(
        clock, Kind.RECORDING, CallSid=call_sid, RecordingSid=sid("RE"), RecordingDuration="9"
    )
    assert (call.number, call.ticket.callback_number) == ("", "")
    receive(
        clock,
        Kind.STATUS,
        CallSid=call_sid,
        From=WANG,
        To=US,
        CallStatus="completed",
        CallDuration="40",
    )
    assert (call.result, call.number, call.ticket.callback_number) == (
        CallResult.VOICEMAIL,
        WANG,
        WANG,
    )
    assert [number.number for number in call.ticket.caller.numbers] == [WANG]
    assert [debt.number for debt in open_debts()] == [WANG]
    assert (count(Call), count(Ticket), count(Caller)) == (1, 1, 1)


def test_a_stub_becomes_the_caller_we_know(app, clock):
    with unit_of_work():
        known = callers.add(normalise(WANG), at=clock(), name="王建国")
    call_sid = sid()
    receive(clock, Kind.RECORDING, CallSid=call_sid, RecordingSid=sid("RE"))
    call = receive(clock, Kind.VOICE, CallSid=call_sid, From=WANG, To=US)
    assert (call.caller_id, call.ticket.caller_id, count(Caller)) == (known.id, known.id, 1)


def test_a_number_of_two_people_is_nobody_in_particular(ring, clock):
    with unit_of_work():
        for name in ("王建国", "王秀英"):
            callers.add(normalise(WANG), at=clock(), name=name)
    assert ring().ticket.caller.name == ""


@pytest.mark.parametrize("withheld", ["+266696687", "+86282452253", "anonymous", ""])
def test_a_withheld_number_is_kept_as_it_came_and_owes_nothing(ring, hang_up, withheld):
    first, second = hang_up(ring(withheld)), hang_up(ring(withheld))
    assert first.caller_id != second.caller_id
    assert (first.number, first.number_kind, first.from_raw) == ("", "withheld", withheld)
    assert (first.result, open_debts()) == (CallResult.MISSED, [])
    assert first.ticket.caller.numbers == []


def test_our_own_calls_and_legs_of_strangers_make_no_ticket(app, clock):
    outbound = {"CallSid": sid(), "From": US, "To": WANG, "CallStatus": "ringing"}
    assert receive(clock, Kind.STATUS, **outbound, Direction="outbound-api") is None
    assert (count(Call), count(Ticket)) == (0, 0)


def test_a_leg_belongs_to_its_call(ring, sit, report_leg):
    sit()
    call = ring()
    for status in ("initiated", "ringing", "in-progress", "completed"):
        report_leg(call, status)
    assert (count(Call), count(Ticket), len(call.legs)) == (1, 1, 1)


def test_the_earliest_answer_wins(ring, sit, report_leg, clock):
    first, second = sit(), sit()
    call = ring()
    early = clock()
    clock.advance(seconds=30)
    with unit_of_work():
        call.legs[0].answered_at = clock()
        call.answered_at, call.operator_id = clock(), second.id
    form = {
        "CallSid": sid(),
        "ParentCallSid": call.call_ref,
        "Direction": "outbound-dial",
        "From": WANG,
        "To": f"sip:seat-{first.id}@simulator.invalid",
        "CallStatus": "in-progress",
        "Timestamp": early.strftime("%a, %d %b %Y %H:%M:%S +0000"),
    }
    receive(clock, Kind.STATUS, {"step": ["1"]}, **form)
    assert (call.answered_at, call.operator_id) == (early, first.id)


def test_who_answers_second_takes_nothing_over(ring, sit, report_leg, clock):
    first, second = sit(), sit()
    call = ring()
    report_leg(call, "in-progress")
    answered_at = clock()
    clock.advance(seconds=20)
    with unit_of_work():
        call.legs.append(CallLeg(step=2, user_id=second.id, rang_at=clock()))
    report_leg(call, "in-progress")
    assert call.legs[1].answered_at == clock()
    assert (call.answered_at, call.operator_id) == (answered_at, first.id)


def test_who_answers_has_the_ticket(ring, sit, report_leg):
    operator = sit()
    call = ring()
    report_leg(call, "in-progress")
    assert (call.ticket.owner_id, call.ticket.operator_id) == (operator.id, operator.id)
    assert [event.kind for event in call.ticket.events][-1] == "claim"


def test_an_ended_call_stays_ended(ring, hang_up, clock):
    call = hang_up(ring(), seconds=30)
    ended_at = call.ended_at
    clock.advance(minutes=5)
    receive(clock, Kind.STATUS, CallSid=call.call_ref, From=WANG, To=US, CallStatus="in-progress")
    receive(clock, Kind.STATUS, CallSid=call.call_ref, From=WANG, To=US, CallStatus="completed")
    assert (call.state, call.ended_at, len(open_debts())) == (CallState.ENDED, ended_at, 1)


def test_a_late_repeat_does_not_revive_a_kept_promise(ring, hang_up, clock):
    call = hang_up(ring())
    (debt,) = open_debts()
    clock.advance(hours=2)
    with unit_of_work():
        callbacks.settle_number(WANG, at=clock())
    clock.advance(hours=1)
    hang_up(call)
    assert (debt.end, open_debts()) == (CallbackEnd.KEPT, [])


def test_yesterdays_answer_does_not_pay_todays_debt(ring, sit, report_leg, hang_up, clock):
    sit()
    answered = ring()
    report_leg(answered, "in-progress")
    hang_up(answered)
    clock.advance(hours=3)
    missed = hang_up(ring())
    assert missed.result is CallResult.ABANDONED or missed.result is CallResult.MISSED
    hang_up(answered)
    assert [debt.ticket_id for debt in open_debts()] == [missed.ticket_id]


def test_a_missed_call_is_told_to_open_pages(ring, hang_up):
    call = hang_up(ring())
    told = db.session.scalars(select(LiveUpdate).where(LiveUpdate.kind == "call")).all()
    assert {update.audience for update in told} == {"hotline"}
    assert told[-1].data == {"call": call.id, "state": "ended"}


@pytest.mark.parametrize("is_emergency", [True, False])
def test_pages_with_an_alarm_hear_that_its_caller_has_hung_up(ring, hang_up, is_emergency):
    """They say on whose line it is, and hear of no other call than their own."""
    call = ring()
    with unit_of_work():
        db.session.get_one(Ticket, call.ticket_id).is_emergency = is_emergency
    hang_up(call)
    told = select(LiveUpdate.audience).where(LiveUpdate.kind == "emergency")
    assert db.session.scalars(told).all() == (["hotline"] if is_emergency else [])


def test_a_call_that_arrives_asks_for_nothing_twice(ring, sit, count_queries):
    """The caller waits for it, and it asks nothing of what it has just written."""
    sit()
    count_queries.clear()
    ring()
    asked = [re.search(r"FROM (\w+)", one) for one in count_queries if one.startswith("SELECT")]
    assert [one[1] for one in asked if one] == [
        "calls",
        "callbacks",
        "callers",
        "policy_settings",
        "opening_hours",
        "special_days",
        "seats",
    ]


def test_no_update_carries_a_name_or_a_number(ring, sit, report_leg, hang_up):
    sit()
    call = ring()
    report_leg(call, "in-progress")
    hang_up(call)
    for update in db.session.scalars(select(LiveUpdate)):
        assert WANG[3:] not in str(update.data)


# Written down by hand.


def test_a_call_taken_on_any_telephone(app, clock):
    operator = make_user(Role.OPERATOR)
    with unit_of_work():
        ticket = service.log_manually(
            actor=operator,
            at=clock(),
            source=Source.PHONE,
            number=normalise("0755-8324 5678"),
            happened_at=clock() - timedelta(minutes=20),
        )
    (call,) = db.session.scalars(select(Call)).all()
    assert (call.provider, call.result, call.operator_id) == (
        "manual",
        CallResult.ANSWERED,
        operator.id,
    )
    assert (call.ticket_id, call.number) == (ticket.id, "+8675583245678")
    assert call.started_at == clock() - timedelta(minutes=20)
    assert (ticket.owner_id, ticket.callback_number) == (operator.id, "+8675583245678")


@pytest.mark.parametrize("source", [Source.LETTER, Source.NET, Source.HOTLINE_12345])
def test_a_letter_is_no_conversation(app, clock, source):
    operator = make_user(Role.OPERATOR)
    with unit_of_work():
        ticket = service.log_manually(actor=operator, at=clock(), source=source)
    assert (ticket.source, ticket.callback_number, count(Call)) == (source, "", 0)


def test_a_visit_is_a_conversation_but_not_on_the_telephone(app, clock):
    operator = make_user(Role.OPERATOR)
    with unit_of_work():
        ticket = service.log_manually(actor=operator, at=clock(), source=Source.VISIT)
    (talk,) = db.session.scalars(select(Call)).all()
    assert (talk.provider, talk.ticket_id, talk.number) == ("visit", ticket.id, "")


def test_a_department_logs_at_its_own_desk(app, clock):
    legal = make_department("legal")
    handler = make_user(Role.HANDLER, department=legal)
    with unit_of_work():
        ticket = service.log_manually(actor=handler, at=clock(), source=Source.VISIT)
    assert ticket.desk_department_id == legal.id


def test_a_second_call_of_a_matter_is_logged_to_its_ticket(app, clock):
    operator = make_user(Role.OPERATOR)
    ticket = make_ticket(operator=operator)
    with unit_of_work():
        same = service.log_manually(
            actor=operator, at=clock(), source=Source.PHONE, ticket=ticket, number=normalise(WANG)
        )
    (call,) = db.session.scalars(select(Call)).all()
    assert (same.id, call.ticket_id, call.caller_id) == (ticket.id, ticket.id, ticket.caller_id)


def test_nobody_logs_the_future_and_not_everybody_logs(app, clock):
    operator, auditor = make_user(Role.OPERATOR), make_user(Role.AUDITOR)
    later = clock() + timedelta(minutes=1)
    with pytest.raises(Invalid) as refused, unit_of_work():
        service.log_manually(actor=operator, at=clock(), source=Source.PHONE, happened_at=later)
    assert refused.value.field == "happened_at"
    with pytest.raises(Forbidden), unit_of_work():
        service.log_manually(actor=auditor, at=clock(), source=Source.VISIT)
    assert count(Ticket) == 0


def test_a_call_is_about_the_same_matter_again(ring, clock):
    operator = make_user(Role.OPERATOR)
    first, second = ring(), ring()
    matter, emptied = first.ticket, second.ticket
    with unit_of_work():
        assert service.point_to(second, matter, actor=operator, at=clock()).id == emptied.id
    assert (second.ticket_id, second.caller_id) == (matter.id, matter.caller_id)
    with pytest.raises(Invalid), unit_of_work():
        service.point_to(second, matter, actor=operator, at=clock())


def test_somebody_known_from_another_telephone(ring, clock):
    operator = make_user(Role.OPERATOR)
    matter = ring("+8613490010001").ticket
    call = ring("+8613490010002")
    emptied = call.ticket
    with unit_of_work():
        service.point_to(call, matter, actor=operator, at=clock())
    assert emptied.caller_id == matter.caller_id
    assert {number.number for number in matter.caller.numbers} == {
        "+8613490010001",
        "+8613490010002",
    }


def test_another_person_is_not_made_the_same(ring, clock):
    operator = make_user(Role.OPERATOR)
    matter, call = ring("+8613490010001").ticket, ring("+8613490010002")
    with unit_of_work():
        call.ticket.caller_confirmed_at = clock()
    with pytest.raises(Invalid), unit_of_work():
        service.point_to(call, matter, actor=operator, at=clock())
    assert call.ticket_id != matter.id


# What the pages ask.


def test_waiting_calls_are_those_nobody_has_answered(ring, sit, report_leg, hang_up, clock):
    sit()
    talking = ring("+8613490010001")
    report_leg(talking, "in-progress")
    clock.advance(seconds=5)
    waiting = ring("+8613490010002")
    hang_up(ring("+8613490010003"))
    assert [call.id for call in db.session.scalars(queries.waiting_calls())] == [waiting.id]


def test_a_call_is_for_those_who_may_see_its_ticket(ring, hang_up):
    operator, auditor = make_user(Role.OPERATOR), make_user(Role.AUDITOR)
    first = hang_up(ring())
    with pytest.raises(NotFound):
        queries.get(first.id, viewer=auditor)
    assert queries.get(first.id, viewer=operator).id == first.id


def test_the_call_at_a_seat_and_the_one_to_write_up(ring, sit, report_leg, clock):
    operator = sit()
    assert queries.call_at_seat(operator) is None
    call = ring()
    assert queries.call_at_seat(operator).id == call.id
    report_leg(call, "in-progress")
    clock.advance(seconds=60)
    report_leg(call, "completed")
    assert queries.call_at_seat(operator) is None
    assert queries.last_call_of(operator).id == call.id

"""Whoever starts the demo, at whatever hour, finds these matters waiting."""

import hashlib
import wave
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from hotline.accounts import roster
from hotline.callbacks import service as callbacks
from hotline.demo.staff import PASSWORD
from hotline.demo.texts import remarks
from hotline.errors import Forbidden
from hotline.feedback import service as feedback
from hotline.handoffs import accepting, answers
from hotline.unit_of_work import unit_of_work
from models import (
    Callback,
    CallbackKind,
    CallResult,
    Category,
    Feedback,
    Handoff,
    How,
    Outcome,
    Recording,
    RecordingKind,
    Resolution,
    Satisfaction,
    Source,
    Ticket,
    TicketStatus,
    WorkerGroup,
    db,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
S = TicketStatus


# One moment is enough for what does not depend on it.
at_one_moment = pytest.mark.parametrize("when", ["Monday at nine"], indirect=True)


def open_tickets(*conditions):
    found = select(Ticket).where(Ticket.status != S.CLOSED, *conditions)
    return list(db.session.scalars(found))


def about(code, *conditions):
    category = db.session.scalar(select(Category).where(Category.code == code))
    return open_tickets(Ticket.category_id == category.id, *conditions)


def owed():
    found = select(Callback).where(Callback.ended_at.is_(None)).order_by(Callback.due_at)
    return list(db.session.scalars(found))


def test_some_forty_matters_are_open(app):
    assert 38 <= len(open_tickets()) <= 50


def test_two_callers_are_to_be_rung_within_half_an_hour(app, start, who):
    soon = [one for one in owed() if start < one.due_at <= start + timedelta(minutes=30)]
    assert {one.kind for one in soon} == {CallbackKind.TELL, CallbackKind.RETURN_CALL}
    assert {one.owner for one in soon} == {who["op1"], who["op2"]}
    assert len(soon) == 2


def test_one_caller_has_waited_too_long(app, start, who):
    late = [one for one in owed() if one.due_at <= start and one.exhausted_at is None]
    assert [one.owner for one in late] == [who["op1"]]


def test_a_callback_can_be_made_and_the_ticket_closed(app, start, who):
    with unit_of_work():
        callback = next(one for one in owed() if one.kind is CallbackKind.TELL)
        operator, ticket = who["op1"], callback.ticket
        attempt = callbacks.record_attempt(
            callback, Outcome.REACHED, actor=operator, at=start, note="说了"
        )
        feedback.close_in_call(
            ticket, attempt, actor=operator, at=start, told=callback.words,
            resolution=Resolution.SOLVED,
            verdict=feedback.Verdict(satisfaction=Satisfaction.SATISFIED),
        )  # fmt: skip
    assert ticket.status is S.CLOSED


def test_a_handoff_is_unsigned_with_minutes_left_and_can_be_signed(app, start, who):
    left = Handoff.accept_due_at.between(start, start + timedelta(minutes=15))
    unaccepted = select(Handoff).where(Handoff.accepted_at.is_(None), left)
    (handoff,) = db.session.scalars(unaccepted)
    assert handoff.ticket.status is S.QUEUED
    with unit_of_work():
        accepting.accept(handoff.ticket, actor=who["rights"], at=start + timedelta(minutes=1))
    assert handoff.ticket.owner == who["rights"]


def test_what_a_department_works_on_can_be_answered(app, start, who):
    (ticket,) = about("founding_policy")
    with unit_of_work():
        said = answers.Answer(is_solved=True, report="已上门辅导。", words="您好，材料已发您。")
        answers.answer(ticket, said, actor=ticket.owner, at=start + timedelta(minutes=1))
    assert ticket.status is S.ANSWERED
    assert [one.kind for one in owed() if one.ticket_id == ticket.id] == [CallbackKind.TELL]


def test_a_voicemail_of_last_night_can_be_heard(app, start, sounds):
    (ticket,) = open_tickets(Ticket.category_id.is_(None))
    voicemail = select(Recording).join(Recording.call).where(Recording.call.has(ticket=ticket))
    recording = db.session.scalar(voicemail)
    call = recording.call
    night = call.started_at.astimezone(SHANGHAI)
    assert start.astimezone(SHANGHAI).date() - night.date() == timedelta(days=1)
    assert (night.hour, call.result, recording.kind) == (
        22,
        CallResult.VOICEMAIL,
        RecordingKind.VOICEMAIL,
    )
    content = (sounds / recording.file_name).read_bytes()
    assert hashlib.sha256(content).hexdigest() == recording.sha256
    with wave.open(str(sounds / recording.file_name)) as sound:
        samples = sound.readframes(sound.getnframes())
        assert sound.getnframes() / sound.getframerate() == recording.duration_seconds
    assert max(samples) - min(samples) > 60  # no silence
    assert [one.kind for one in owed() if one.ticket_id == ticket.id] == [CallbackKind.RETURN_CALL]


def test_one_return_waits_for_a_decision(app, start, who):
    undecided = select(Handoff).where(
        Handoff.return_asked_at.is_not(None), Handoff.return_decided_at.is_(None)
    )
    (handoff,) = db.session.scalars(undecided)
    assert (handoff.department.code, handoff.return_better_department.code) == (
        "finance",
        "service",
    )
    assert handoff.return_due_at > start


def test_three_unreachables_wait_for_a_signature_of_somebody_else(app, start, who):
    exhausted = [one for one in owed() if one.exhausted_at is not None]
    assert len(exhausted) == 3
    with unit_of_work():
        for callback in exhausted:
            assert len(callback.attempts) == 3
            with pytest.raises(Forbidden):
                feedback.sign_unreachable(callback, actor=callback.attempts[0].by, at=start)
            feedback.sign_unreachable(callback, actor=who["sup"], at=start)
    assert {one.ticket.resolution for one in exhausted} == {Resolution.UNREACHABLE}


@at_one_moment
def test_fourteen_callers_of_one_site_are_linked_and_each_is_owed_an_answer(app):
    grouped = open_tickets(Ticket.collective_id.is_not(None))
    assert len({one.caller_id for one in grouped}) == len(grouped) == 14
    assert {one.caller.employer for one in grouped} == {"澜庭三期工地"}


@at_one_moment
def test_a_confidential_ticket_betrays_nobody(app):
    (ticket,) = about("harassment")
    assert ticket.is_confidential
    assert ticket.caller.name not in ticket.safe_summary
    assert ticket.caller.employer not in ticket.safe_summary


@at_one_moment
def test_a_courier_an_hr_manager_and_a_chair_ask(app, who):
    (courier,), (hr,), (chair,) = (
        about(code) for code in ("join_eight_groups", "founding_policy", "election_steps")
    )
    assert courier.caller.group is WorkerGroup.COURIER
    assert (courier.owner, courier.status) == (who["op1"], S.OPEN)
    assert (hr.caller.kind, chair.caller.kind) == ("employer", "grassroots_union")


def test_a_work_injury_has_days_left(app, start):
    (ticket,) = about("injury_recognition")
    handoff = db.session.scalar(select(Handoff).where(Handoff.ticket_id == ticket.id))
    assert handoff.handle_due_at - start > timedelta(days=7)


def test_a_suspended_one_has_a_day_of_review(app, start, who):
    (ticket,) = open_tickets(Ticket.status == S.SUSPENDED)
    assert ticket.review_on > start.astimezone(SHANGHAI).date()
    assert ticket.owner == who["sup"]


def test_one_came_from_12345_and_is_owed_to_them_too(app, start):
    (ticket,) = open_tickets(Ticket.source == Source.HOTLINE_12345)
    assert ticket.outer_number.startswith("12345-")
    assert ticket.outer_due_at > start
    assert ticket.outer_reported_at is None


def test_one_was_withdrawn_one_praised_and_an_emergency_closed_last_month(app, start):
    lately = Ticket.closed_at > start - timedelta(days=12)  # a holiday of eight days between
    withdrawn = select(Ticket).where(Ticket.resolution == Resolution.WITHDRAWN, lately)
    assert db.session.scalars(withdrawn).first() is not None
    praise = select(Feedback).where(Feedback.told.contains(remarks.PRAISE[0]))
    assert db.session.scalar(praise).satisfaction is Satisfaction.SATISFIED
    emergencies = list(db.session.scalars(select(Ticket).where(Ticket.is_emergency)))
    assert [one.status for one in emergencies] == [S.CLOSED, S.CLOSED]
    assert start - emergencies[-1].opened_at < timedelta(days=31)


def test_the_leader_and_the_first_operator_are_on_duty(app, start, who):
    assert roster.shift_leader(start) == who["lead"]
    assert roster.is_on_duty(who["op1"], start + timedelta(hours=1))
    for day in range(-13, 14):
        assert roster.on_duty(start + timedelta(days=day)), f"nobody on day {day}"


@at_one_moment
def test_a_printed_login_works(client):
    answer = client.post("/login", data={"username": "op1", "password": PASSWORD})
    assert answer.status_code == 303


@at_one_moment
def test_an_answer_waits_for_a_caller_who_showed_no_number(app):
    (ticket,) = open_tickets(Ticket.status == S.ANSWERED, Ticket.callback_number == "")
    told = select(func.count()).where(Feedback.how == How.NO_WAY_TO_REACH)
    assert ticket.is_nameless
    assert ticket.caller.name == ""
    assert db.session.scalar(told) > 0  # so it ended for others

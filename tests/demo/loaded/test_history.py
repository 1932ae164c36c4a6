"""Ninety days that could have been: their shape, and that every row tells the same story."""

import re
from collections import Counter
from datetime import timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

import phonenumbers
import pytest
from phonenumbers import carrier
from sqlalchemy import select

from hotline.calendars import queries as calendars
from hotline.callers import service as callers
from hotline.demo.corpus import WORKER
from hotline.phone_numbers import normalise
from hotline.sla import business_time
from hotline.tickets import numbering, search
from hotline.unit_of_work import unit_of_work
from models import (
    Call,
    Callback,
    CallbackAttempt,
    Caller,
    CallerNumber,
    Category,
    Collective,
    Feedback,
    Finding,
    Handoff,
    How,
    NumberKind,
    Resolution,
    Source,
    Ticket,
    TicketEvent,
    TicketStatus,
    Urgency,
    User,
    db,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
HAPPENED = (
    Caller.created_at, Collective.created_at, Ticket.opened_at, Ticket.closed_at,
    Ticket.caller_confirmed_at, TicketEvent.at, Call.started_at, Call.answered_at, Call.ended_at,
    Handoff.handed_off_at, Handoff.accepted_at, Handoff.answered_at, Handoff.ended_at,
    Handoff.return_asked_at, Handoff.return_decided_at, Handoff.told_caller_at,
    Callback.promised_at, Callback.first_attempt_at, Callback.ended_at, Callback.exhausted_at,
    CallbackAttempt.at, Feedback.at, Feedback.signed_at,
)  # fmt: skip


# One moment is enough for what does not depend on it.
at_one_moment = pytest.mark.parametrize("when", ["Monday at nine"], indirect=True)


def rows(model, *conditions):
    return list(db.session.scalars(select(model).where(*conditions)))


def test_no_row_lies_in_the_future(app, start):
    for column in HAPPENED:
        (latest,) = db.session.execute(select(column).order_by(column.desc().nulls_last())).first()
        assert latest is not None, column
        assert latest <= start, column


def test_every_closed_ticket_has_its_proof_and_every_open_one_an_owner(app):
    proof = {row.id: row for row in rows(Feedback)}
    for ticket in rows(Ticket):
        if ticket.status is TicketStatus.CLOSED:
            assert proof[ticket.closing_feedback_id].at == ticket.closed_at
            assert (ticket.owner_id, ticket.department_id) == (None, None)
        elif ticket.status is TicketStatus.ACCEPTED:
            assert ticket.owner.department_id == ticket.department_id or (
                ticket.department.keeper_id == ticket.owner_id
            )
        elif ticket.status is TicketStatus.QUEUED:
            assert ticket.owner_id is None


def test_the_events_of_a_ticket_follow_each_other(app):
    events = db.session.scalars(
        select(TicketEvent).order_by(TicketEvent.ticket_id, TicketEvent.at, TicketEvent.id)
    )
    status = dict(db.session.execute(select(Ticket.id, Ticket.status)).all())
    opened = dict(db.session.execute(select(Ticket.id, Ticket.opened_at)).all())
    for ticket_id, story in groupby(events, key=lambda event: event.ticket_id):
        before = "open"
        for number, event in enumerate(story):
            assert (event.kind == "open") == (number == 0)
            assert event.at >= opened[ticket_id]
            assert event.from_status == before, f"ticket {ticket_id}: {event.kind} at {event.at}"
            before = event.to_status
        assert before == status[ticket_id]


def test_every_call_and_every_debt_of_a_closed_ticket_is_over(app):
    closed = {ticket.id for ticket in rows(Ticket, Ticket.closed_at.is_not(None))}
    assert not [one for one in rows(Callback) if one.ticket_id in closed and not one.ended_at]
    assert not [one for one in rows(Handoff) if one.ticket_id in closed and not one.ended_at]
    assert all(call.ended_at and call.result for call in rows(Call))
    assert {call.ticket_id for call in rows(Call)} <= {ticket.id for ticket in rows(Ticket)}


@at_one_moment
def test_departments_work_in_office_hours(app):
    calendar = calendars.calendar_for(None)
    closed = select(Handoff).join(Handoff.ticket).where(Ticket.closed_at.is_not(None))
    worked = [
        at
        for handoff in db.session.scalars(closed)
        for at in (handoff.accepted_at, handoff.answered_at)
        if at is not None
    ]
    off = [at for at in worked if not business_time.is_open(at - timedelta(seconds=1), calendar)]
    assert len(worked) > 900
    assert len(off) / len(worked) < 0.03  # the cast is placed around the start


@at_one_moment
def test_nobody_signs_the_own_act(app):
    for row in rows(Feedback, Feedback.signed_by_id.is_not(None)):
        assert row.signed_by_id != row.asked_by_id
        tried = (
            select(CallbackAttempt.by_id).join(Callback).where(Callback.ticket_id == row.ticket_id)
        )
        assert row.how is not How.UNREACHABLE or row.signed_by_id not in set(
            db.session.scalars(tried)
        )


@at_one_moment
def test_about_2500_tickets_three_in_four_answered_directly(app, start):
    tickets = rows(Ticket)
    assert 2450 <= len(tickets) <= 2600
    assert start - min(one.opened_at for one in tickets) > timedelta(days=85)
    matters = [
        one for one in tickets if one.resolution not in (Resolution.NO_MATTER, Resolution.MERGED)
    ]
    direct = [one for one in matters if one.resolution is Resolution.ANSWERED_DIRECTLY]
    assert 0.70 <= len(direct) / len(matters) <= 0.80


@at_one_moment
def test_mondays_and_two_hours_of_the_day_are_busy(app):
    local = [one.opened_at.astimezone(SHANGHAI) for one in rows(Ticket)]
    hours = Counter(at.hour for at in local)
    days = Counter(at.weekday() for at in local)
    assert {hour for hour, _ in hours.most_common(4)} == {9, 10, 14, 15}
    assert hours[3] < hours[12] < hours[9]
    assert days.most_common(1)[0][0] == 0
    assert max(days[5], days[6]) < min(days[day] for day in range(5))


@at_one_moment
def test_everything_that_can_happen_happened(app):
    tickets, proofs = rows(Ticket), rows(Feedback)
    assert {one.source for one in tickets} == set(Source)
    assert {one.resolution for one in tickets} == {*Resolution, None}
    assert {one.urgency for one in tickets} == set(Urgency)
    assert {one.how for one in proofs} == set(How)
    leaves = {one.id for one in rows(Category, Category.parent_id.is_not(None))}
    assert {one.category_id for one in tickets} - {None} == leaves


@at_one_moment
def test_the_texts_are_filled_and_seldom_the_same(app):
    questions = Counter(one.question for one in rows(Ticket) if one.question)
    assert len(questions) > 1500
    answers = [one.answer for one in rows(Handoff) if one.answer]
    assert not [text for text in [*questions, *answers] if re.search(r"[{}]", text)]


@at_one_moment
def test_the_numbers_are_of_nobody(app):
    numbers = [one.number for one in rows(CallerNumber)]
    assert len(numbers) == len(set(numbers)) > 1500
    for number in numbers:
        assert re.fullmatch(r"\+861349000\d{4}", number)
        assert normalise(number).kind is NumberKind.MOBILE
    assert carrier.name_for_number(phonenumbers.parse(numbers[0]), "zh") == ""
    assert not [one.phone_number for one in rows(User) if one.phone_number]


@at_one_moment
def test_the_demo_is_found_by_words_and_counted_on(app, start):
    found = rows(Ticket, Ticket.id.in_(search.found("澜庭三期")))
    assert len(found) >= 14
    with unit_of_work():
        caller = callers.add(normalise("13912345678"), at=start, kind=WORKER)
        db.session.flush()
        number = numbering.next_number(start)
    today = [one.number for one in rows(Ticket) if one.number.startswith(number[:8])]
    assert number == f"{number[:8]}-{len(today) + 1:04d}"
    assert caller.id == max(one.id for one in rows(Caller))


def test_what_was_found_later_stands_later(app):
    found = db.session.scalars(select(Finding.found_at).order_by(Finding.id)).all()
    assert len(found) > 2
    assert found == sorted(found)

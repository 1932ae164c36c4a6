"""Samples as they are kept: drawn again the same, nothing twice, nobody their own work."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, func, select, update

from hotline.errors import Invalid
from hotline.feedback import service as feedback
from hotline.handoffs import service as handoffs
from hotline.quality import handing_out, redrawing
from hotline.unit_of_work import unit_of_work
from models import (
    Inspection,
    InspectionEvent,
    NoMatterKind,
    Notification,
    Population,
    Resolution,
    Role,
    Sample,
    Ticket,
    TicketStatus,
    User,
    UserRole,
    Work,
    db,
)
from tests.makers import make_ticket, make_user
from tests.quality.house import (
    answered,
    closed,
    draw,
    drawn_numbers,
    sheets_of,
)
from tests.stages import call_of, log_call


def no_matter(house, at):
    with unit_of_work():
        ticket = log_call(house, at)
        operator = db.session.get_one(User, house["operator"].id)
        feedback.close_no_matter(
            ticket, call_of(ticket), actor=operator, at=at, kind=NoMatterKind.SILENCE
        )
    return ticket


def test_each_stratum_of_the_month_is_drawn_from(house, clock):
    closed(house, clock(), 3)
    no_matter(house, clock())
    sample = draw(house, clock(), percent=10)
    strata = {(row.operator_id, row.department_id, row.is_no_matter): row for row in sample.strata}
    by_department = strata[house["operator"].id, house.legal.id, False]
    wrong_numbers = strata[house["operator"].id, None, True]
    assert (by_department.count, by_department.size) == (3, 1)
    assert (wrong_numbers.count, wrong_numbers.size) == (1, 1)
    assert len(drawn_numbers(sample)) == 2


def test_a_month_is_handed_out_some_at_a_time(house, clock, monkeypatch):
    """A hundred thousand tickets a month are no reason to need as much memory."""
    monkeypatch.setattr(handing_out, "AT_ONCE", 2)
    tickets, in_hand = closed(house, clock(), 5), []

    def look(session, *_):
        in_hand.append(sum(isinstance(one, Inspection) for one in session))

    event.listen(db.session, "after_flush_postexec", look)
    try:
        draw(house, clock(), percent=100)
    finally:
        event.remove(db.session, "after_flush_postexec", look)
    assert 0 < max(in_hand) <= 2
    written = db.session.execute(
        select(Inspection.ticket_id, Inspection.inspector_id, InspectionEvent.data).join(
            InspectionEvent, InspectionEvent.inspection_id == Inspection.id
        )
    ).all()
    assert {row.ticket_id for row in written} == {ticket.id for ticket in tickets}
    assert all(row.data == {"to": row.inspector_id} for row in written)
    assert len(written) == db.session.scalar(select(func.count()).select_from(Inspection))


def test_drawn_again_after_a_year_it_is_the_same(house, clock):
    tickets = closed(house, clock(), 6)
    sample = draw(house, clock(), percent=50)
    with unit_of_work():  # afterwards life goes on
        ticket = db.session.get_one(Ticket, tickets[0].id)
        supervisor = db.session.get_one(User, house["supervisor"].id)
        feedback.reopen(ticket, actor=supervisor, at=clock() + timedelta(days=1), reason="没有兑现")
    clock.advance(days=300)
    again = redrawing.draw_again(db.session.get_one(Sample, sample.id))
    assert again.is_same
    assert again.tickets == 3


def test_who_writes_in_another_operator_is_found_out(house, clock):
    tickets = closed(house, clock(), 4)
    sample = draw(house, clock())
    with unit_of_work():
        db.session.execute(
            update(Ticket)
            .where(Ticket.id == tickets[0].id)
            .values(operator_id=house["colleague"].id)
        )
    again = redrawing.draw_again(db.session.get_one(Sample, sample.id))
    assert not again.is_same
    was, now = sorted(again.differences, key=lambda one: one.stratum.operator_id)
    assert (was.before, was.now, was.lost) == (4, 3, (tickets[0].number,))
    assert (now.before, now.now, now.new) == (0, 1, (tickets[0].number,))


def test_a_sheet_taken_out_of_the_drawer_is_missed(house, clock):
    closed(house, clock(), 2)
    sample = draw(house, clock())
    with unit_of_work():
        gone = sheets_of(sample)[0].ticket_id
        number = db.session.get_one(Ticket, gone).number
        for row in sheets_of(sample):
            if row.ticket_id == gone:
                for event in row.events:
                    db.session.delete(event)
                db.session.flush()
                db.session.delete(row)
    (difference,) = redrawing.draw_again(db.session.get_one(Sample, sample.id)).differences
    assert not difference.is_population
    assert difference.new == (number,)


def test_merged_tickets_are_not_drawn(house, clock):
    (kept,) = closed(house, clock())
    first = make_ticket(operator=house["operator"], category=house.wages, phone="13700000001")
    into = make_ticket(operator=house["operator"], category=house.wages, phone="13700000001")
    with unit_of_work():
        pair = [db.session.get_one(Ticket, one.id) for one in (first, into)]
        feedback.merge(*pair, actor=db.session.get_one(User, house["operator"].id), at=clock())
    assert drawn_numbers(draw(house, clock())) == {kept.number}


def test_each_part_of_the_work_has_its_sheet(house, clock):
    closed(house, clock())
    rows = sheets_of(draw(house, clock()))
    assert {(row.work, row.person_id) for row in rows} == {
        (Work.CALL, house["operator"].id),
        (Work.ANSWER, house["handler"].id),
        (Work.CALLBACK, house["operator"].id),
    }
    assert len({row.inspector_id for row in rows}) == 1  # who reads the ticket reads it once
    assert {row.department_id for row in rows if row.work is Work.ANSWER} == {house.legal.id}


def test_inspectors_get_as_many_and_are_told(house, clock):
    closed(house, clock(), 6)
    sample = draw(house, clock())
    by_inspector = {
        name: {row.ticket_id for row in sheets_of(sample) if row.inspector_id == house[name].id}
        for name in ("reviewer", "second reviewer")
    }
    assert [len(tickets) for tickets in by_inspector.values()] == [3, 3]
    told = db.session.scalars(
        db.select(Notification.user_id).where(
            Notification.dedupe_key.startswith("inspections_drawn:")
        )
    )
    assert set(told) == {house["reviewer"].id, house["second reviewer"].id}


@pytest.mark.parametrize("who", ["operator", "handler"])
def test_nobody_inspects_the_own_work(house, clock, who):
    """Whoever took the call or answered, and reviews besides, is given none of it."""
    closed(house, clock(), 4)
    with unit_of_work():
        db.session.add(UserRole(user_id=house[who].id, role=Role.REVIEWER))
    rows = sheets_of(draw(house, clock()))
    assert rows
    assert house[who].id not in {row.inspector_id for row in rows}


def test_nobody_is_given_what_is_about_oneself(house, clock):
    (ticket,) = closed(house, clock())
    with unit_of_work():
        db.session.execute(
            update(Ticket).where(Ticket.id == ticket.id).values(about_user_id=house["reviewer"].id)
        )
    rows = sheets_of(draw(house, clock()))
    assert {row.inspector_id for row in rows} == {house["second reviewer"].id}


def test_without_a_free_reviewer_a_supervisor_stands_in(house, clock):
    closed(house, clock())
    with unit_of_work():
        for name in ("reviewer", "second reviewer"):
            db.session.get_one(User, house[name].id).is_active = False
    rows = sheets_of(draw(house, clock()))
    assert {row.inspector_id for row in rows} == {house["supervisor"].id}


def test_one_more_sample_needs_a_reason_and_draws_others(house, clock):
    closed(house, clock(), 10)
    first = draw(house, clock(), percent=30)
    with pytest.raises(Invalid) as refused:
        draw(house, clock(), percent=30, seed="again")
    assert refused.value.field == "reason"
    more = draw(house, clock(), percent=30, seed="again", reason="投诉多，加抽")
    assert more.reason == "投诉多，加抽"
    assert drawn_numbers(first).isdisjoint(drawn_numbers(more))
    assert [row.excluded for row in more.strata] == [3]
    assert redrawing.draw_again(db.session.get_one(Sample, more.id)).is_same


def test_the_days_after_are_no_second_draw(house, clock):
    closed(house, clock(), 4)
    first = draw(house, clock(), reason="每月抽查")
    assert first.reason == ""  # nothing was drawn before, so none is kept
    clock.advance(days=1)
    closed(house, clock(), 2)
    clock.advance(hours=1)
    following = draw(house, clock(), since=first.until_at, seed="again")
    assert [row.excluded for row in following.strata] == [0]
    assert drawn_numbers(first).isdisjoint(drawn_numbers(following))


def test_a_period_that_begins_this_instant_has_nothing_to_draw(house, clock):
    with pytest.raises(Invalid) as refused:
        draw(house, clock(), since=clock() + timedelta(seconds=1))  # the instant of the draw
    assert refused.value.field == "since"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"percent": 0}, "percent"),
        ({"percent": 101}, "percent"),
        ({"seed": " "}, "seed"),
        ({"until": datetime(2026, 1, 1, tzinfo=UTC)}, "until"),
    ],
)
def test_what_cannot_be_drawn_is_refused(house, clock, fields, field):
    with pytest.raises(Invalid) as refused:
        draw(house, clock(), **fields)
    assert refused.value.field == field


# answers before their callback


def test_only_answers_that_no_caller_has_heard(house, clock):
    closed(house, clock(), 2)
    waiting = answered(house, clock(), 3)
    sample = draw(house, clock(), population=Population.ANSWERS)
    assert drawn_numbers(sample) == {ticket.number for ticket in waiting}
    assert {row.work for row in sheets_of(sample)} == {Work.ANSWER}


def test_an_answer_has_one_sheet_however_often_it_is_drawn(house, clock):
    (ticket,) = answered(house, clock())
    first = draw(house, clock(), population=Population.ANSWERS)
    clock.advance(hours=2)
    with unit_of_work():
        row = db.session.get_one(Ticket, ticket.id)
        actor = db.session.get_one(User, house["operator"].id)
        feedback.close_in_call(
            row,
            call_of(row),
            actor=actor,
            at=clock(),
            told="已补发",
            resolution=Resolution.SOLVED,
        )
    later = draw(house, clock())
    assert [row.work for row in sheets_of(first)] == [Work.ANSWER]
    assert {row.work for row in sheets_of(later)} == {Work.CALL, Work.CALLBACK}
    assert redrawing.draw_again(db.session.get_one(Sample, first.id)).is_same


def test_whoever_reworks_an_answer_may_be_drawn_anew(house, clock):
    (ticket,) = answered(house, clock())
    draw(house, clock(), population=Population.ANSWERS)
    clock.advance(hours=3)
    since = clock()
    with unit_of_work():
        row = db.session.get_one(Ticket, ticket.id)
        people = {n: db.session.get_one(User, house[n].id) for n in ("operator", "handler")}
        handoffs.rework(row, actor=people["operator"], at=clock(), reason="没说清")
        what = handoffs.Answer(is_solved=True, report="再查", words="本周五补发")
        handoffs.answer(row, what, actor=people["handler"], at=clock())
    again = draw(house, clock(), population=Population.ANSWERS, since=since)
    assert drawn_numbers(again) == {ticket.number}
    assert db.session.scalar(db.select(db.func.count(Inspection.id))) == 2
    assert db.session.get_one(Ticket, ticket.id).status is TicketStatus.ANSWERED


def test_a_new_colleague_changes_no_sample(house, clock):
    """Who inspects may change; what is drawn may not."""
    closed(house, clock(), 8)
    before = drawn_numbers(draw(house, clock(), percent=40))
    make_user(Role.REVIEWER)
    assert redrawing.draw_again(db.session.scalars(db.select(Sample)).one()).is_same
    assert len(before) == 3

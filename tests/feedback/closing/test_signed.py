"""Ended with a second person's signature: not satisfied, or not reached."""

import pytest

from hotline.calls import service as calls
from hotline.errors import Forbidden, TransitionRefused
from hotline.feedback import service as feedback
from hotline.handoffs import service as handoffs
from hotline.handoffs.service import Answer
from hotline.unit_of_work import unit_of_work
from models import CallbackEnd, Feedback, How, Outcome, Resolution, Source, db
from tests.feedback.closing.steps import (
    UNHAPPY,
    S,
    close,
    debt_of,
    exhaust,
    fresh,
    fresh_in_work,
    ring,
)
from tests.stages import call_of, put


def test_who_is_not_satisfied_keeps_the_ticket_open(house, clock):
    ticket = put(house, S.ANSWERED, clock())
    with pytest.raises(TransitionRefused, match="not satisfied"), unit_of_work():
        close(house, fresh_in_work(ticket), call_of(ticket), clock(), verdict=UNHAPPY)
    assert fresh(ticket).status is S.ANSWERED


def test_an_explanation_closes_with_a_second_persons_signature(house, clock):
    ticket = put(house, S.ANSWERED, clock())
    with unit_of_work():
        row = feedback.explain(
            fresh_in_work(ticket),
            call_of(ticket),
            actor=house["operator"],
            at=clock(),
            told="法律规定的期限还没到",
            verdict=UNHAPPY,
        )
    assert fresh(ticket).status is S.ANSWERED
    assert [r.id for r in feedback.explanations_to_sign(house["supervisor"])] == [row.id]
    with pytest.raises(Forbidden), unit_of_work():
        feedback.sign_explanation(get_row(row), actor=house["colleague"], at=clock())
    with unit_of_work():
        feedback.sign_explanation(get_row(row), actor=house["supervisor"], at=clock())
    ticket = fresh(ticket)
    assert (ticket.status, ticket.resolution) == (S.CLOSED, Resolution.EXPLAINED)
    with pytest.raises(TransitionRefused), unit_of_work():
        feedback.sign_explanation(get_row(row), actor=house["supervisor"], at=clock())


def get_row(row):
    return db.session.get_one(Feedback, row.id)


def test_nobody_signs_the_own_explanation(house, clock):
    ticket = put(house, S.ANSWERED, clock())
    with unit_of_work():
        row = feedback.explain(
            fresh_in_work(ticket), call_of(ticket), actor=house["supervisor"], at=clock(),
            told="已解释", verdict=UNHAPPY,
        )  # fmt: skip
    assert feedback.explanations_to_sign(house["supervisor"]) == []
    with pytest.raises(Forbidden), unit_of_work():
        feedback.sign_explanation(get_row(row), actor=house["supervisor"], at=clock())


def test_unreachable_needs_every_attempt_and_a_second_person(house, clock):
    ticket = put(house, S.ANSWERED, clock())
    with pytest.raises(TransitionRefused, match="not exhausted"), unit_of_work():
        debt = debt_of(fresh_in_work(ticket))
        feedback.sign_unreachable(debt, actor=house["supervisor"], at=clock())
    exhaust(house, ticket, clock)
    with pytest.raises(Forbidden), unit_of_work():
        feedback.sign_unreachable(
            debt_of(fresh_in_work(ticket)), actor=house["colleague"], at=clock()
        )
    with unit_of_work():
        row = feedback.sign_unreachable(
            debt_of(fresh_in_work(ticket)), actor=house["supervisor"], at=clock()
        )
    ticket = fresh(ticket)
    assert (ticket.status, ticket.resolution) == (S.CLOSED, Resolution.UNREACHABLE)
    assert (row.asked_by_id, row.signed_by_id) == (house["operator"].id, house["supervisor"].id)
    assert debt_of(ticket).end is CallbackEnd.UNREACHABLE


def test_nobody_signs_what_they_tried_themselves(house, clock):
    ticket = put(house, S.ANSWERED, clock())
    with unit_of_work():
        debt = debt_of(fresh_in_work(ticket))
        ring(house, debt, Outcome.BUSY, clock(), who="supervisor")
    exhaust(house, ticket, clock)
    with pytest.raises(Forbidden, match="tried themselves"), unit_of_work():
        feedback.sign_unreachable(
            debt_of(fresh_in_work(ticket)), actor=house["supervisor"], at=clock()
        )


def test_the_departments_word_counts_when_nobody_can_be_reached(house, clock):
    ticket = put(house, S.ACCEPTED, clock())
    with unit_of_work():
        what = Answer(
            is_solved=True, report="已补发", words="工资已补发", told_at=clock(),
            told_number="13912345678", told_by="同事",
        )  # fmt: skip
        handoffs.answer(fresh_in_work(ticket), what, actor=house["handler"], at=clock())
    with pytest.raises(TransitionRefused, match="still to be rung"), unit_of_work():
        feedback.close_told_by_department(
            fresh_in_work(ticket), actor=house["operator"], at=clock()
        )
    exhaust(house, ticket, clock)
    with unit_of_work():
        row = feedback.sign_unreachable(
            debt_of(fresh_in_work(ticket)), actor=house["supervisor"], at=clock()
        )
    assert (row.how, fresh(ticket).resolution) == (How.TOLD_BY_DEPARTMENT, Resolution.SOLVED)


def test_a_caller_without_a_number_is_waited_for(house, clock):
    with unit_of_work():
        ticket = calls.log_manually(actor=house["operator"], at=clock(), source=Source.LETTER)
    clock.advance(days=29)
    with pytest.raises(TransitionRefused, match="30 days"), unit_of_work():
        feedback.sign_no_way_to_reach(fresh_in_work(ticket), actor=house["supervisor"], at=clock())
    clock.advance(days=2)
    with pytest.raises(Forbidden), unit_of_work():
        feedback.sign_no_way_to_reach(fresh_in_work(ticket), actor=house["operator"], at=clock())
    with unit_of_work():
        row = feedback.sign_no_way_to_reach(
            fresh_in_work(ticket), actor=house["supervisor"], at=clock()
        )
    assert (row.how, fresh(ticket).status) == (How.NO_WAY_TO_REACH, S.CLOSED)


def test_a_caller_with_a_number_is_not_unreachable_by_letter(house, clock):
    ticket = put(house, S.ANSWERED, clock())
    clock.advance(days=60)
    with pytest.raises(TransitionRefused, match="number to ring"), unit_of_work():
        feedback.sign_no_way_to_reach(fresh_in_work(ticket), actor=house["supervisor"], at=clock())

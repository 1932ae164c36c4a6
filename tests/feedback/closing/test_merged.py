"""Ended in another ticket, and taken up again."""

import pytest

from hotline.errors import TransitionRefused
from hotline.feedback import service as feedback
from hotline.unit_of_work import unit_of_work
from models import CallbackKind, CallerKind, NoMatterKind
from tests.feedback.closing.steps import S, debt_of, fresh, fresh_in_work
from tests.stages import call_of, log_call, put


def test_a_merged_ticket_leaves_its_debt_with_the_other(house, clock):
    first = put(house, S.OPEN, clock())
    second = put(house, S.ANSWERED, clock())
    assert first.caller_id == second.caller_id
    with unit_of_work():
        feedback.merge(
            fresh_in_work(second), fresh_in_work(first), actor=house["operator"], at=clock()
        )
    second, first = fresh(second), fresh(first)
    assert (second.status, second.merged_into_id) == (S.CLOSED, first.id)
    debt = debt_of(first)
    assert (debt.kind, debt.ended_at) == (CallbackKind.TELL, None)


def test_two_callers_are_never_merged(house, clock):
    mine, yours = put(house, S.OPEN, clock()), put(house, S.OPEN, clock(), phone="13800138001")
    with pytest.raises(TransitionRefused, match="another caller"), unit_of_work():
        feedback.merge(
            fresh_in_work(mine), fresh_in_work(yours), actor=house["operator"], at=clock()
        )


def test_nothing_is_merged_into_itself_or_into_what_is_over(house, clock):
    mine, over = put(house, S.OPEN, clock()), put(house, S.CLOSED, clock())
    for into in (mine, over):
        with pytest.raises(TransitionRefused), unit_of_work():
            feedback.merge(
                fresh_in_work(mine), fresh_in_work(into), actor=house["operator"], at=clock()
            )


def test_a_result_that_was_not_kept_is_taken_up_again(house, clock):
    ticket = put(house, S.CLOSED, clock())
    clock.advance(days=14)
    with unit_of_work():
        feedback.reopen(
            fresh_in_work(ticket), actor=house["supervisor"], at=clock(), reason="钱没有到账"
        )
    ticket = fresh(ticket)
    assert (ticket.status, ticket.closed_at, ticket.closing_feedback_id) == (S.OPEN, None, None)
    assert ticket.caller.kind is CallerKind.WORKER


def test_after_fifteen_days_it_is_a_new_ticket(house, clock):
    ticket = put(house, S.CLOSED, clock())
    clock.advance(days=16)
    with pytest.raises(TransitionRefused, match="15 days"), unit_of_work():
        feedback.reopen(
            fresh_in_work(ticket), actor=house["supervisor"], at=clock(), reason="钱没有到账"
        )


def test_a_matter_is_not_lost_in_an_empty_ticket(house, clock):
    """Merged into a call of silence and closed as such, it would be over and nobody told."""
    with unit_of_work():
        matter, silence = log_call(house, clock()), log_call(house, clock())
        silence.question = ""
        feedback.merge(matter, silence, actor=house["operator"], at=clock())
    with pytest.raises(TransitionRefused, match="matter here"), unit_of_work():
        silence = fresh_in_work(silence)
        feedback.close_no_matter(
            silence, call_of(silence), NoMatterKind.SILENCE, actor=house["operator"], at=clock()
        )

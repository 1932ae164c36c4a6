"""Ended because the caller was told, and what does not prove it."""

import pytest

from hotline.callbacks import service as callbacks
from hotline.calls import service as calls
from hotline.errors import Forbidden, Invalid, TransitionRefused
from hotline.feedback import service as feedback
from hotline.feedback.service import Verdict
from hotline.handoffs import service as handoffs
from hotline.handoffs.service import Answer
from hotline.unit_of_work import unit_of_work
from models import (
    CallbackEnd,
    CallbackKind,
    How,
    NoMatterKind,
    Outcome,
    Resolution,
    Role,
    Satisfaction,
    Source,
    Ticket,
    UserRole,
    db,
)
from tests.feedback.closing.steps import S, close, debt_of, exhaust, fresh, fresh_in_work, ring
from tests.stages import call_of, log_call, put


def test_answered_now_in_the_call_itself(house, clock):
    with unit_of_work():
        ticket = log_call(house, clock())
        row = close(
            house, ticket, call_of(ticket), clock(), resolution=Resolution.ANSWERED_DIRECTLY
        )
    ticket = fresh(ticket)
    assert (ticket.status, ticket.resolution) == (S.CLOSED, Resolution.ANSWERED_DIRECTLY)
    assert (row.how, row.told, ticket.closed_at) == (How.IN_CALL, "本周补发工资", clock())
    assert ticket.owner_id is None


def test_told_in_the_callback_that_was_owed(house, clock):
    ticket = put(house, S.ANSWERED, clock())
    with unit_of_work():
        debt = debt_of(fresh(ticket))
        attempt = ring(house, debt, Outcome.REACHED, clock())
        verdict = Verdict(was_contacted=True, is_solved=True, satisfaction=Satisfaction.SATISFIED)
        row = close(house, debt.ticket, attempt, clock(), verdict=verdict)
    assert fresh(ticket).status is S.CLOSED
    assert (row.attempt_id, row.satisfaction) == (attempt.id, Satisfaction.SATISFIED)
    assert debt_of(fresh(ticket)).end is CallbackEnd.KEPT


def test_when_the_caller_rings_again_the_open_debt_ends_too(house, clock):
    ticket = put(house, S.ANSWERED, clock())
    with unit_of_work():
        calls.log_manually(
            actor=house["colleague"], at=clock(), source=Source.PHONE, ticket=fresh(ticket)
        )
        close(house, db.session.get_one(Ticket, ticket.id), call_of(ticket), clock())
    assert debt_of(fresh(ticket)).end is CallbackEnd.KEPT


def test_a_visitor_who_was_told_at_the_counter_was_told(house, clock):
    with unit_of_work():
        ticket = calls.log_manually(actor=house["operator"], at=clock(), source=Source.VISIT)
        close(house, ticket, call_of(ticket), clock(), resolution=Resolution.REFERRED)
    assert fresh(ticket).status is S.CLOSED


@pytest.mark.parametrize(
    "outcome", [o for o in Outcome if o not in (Outcome.REACHED, Outcome.DECLINED_SURVEY)]
)
def test_an_attempt_that_reached_nobody_proves_nothing(house, clock, outcome):
    ticket = put(house, S.ANSWERED, clock())
    later = "after_work" if outcome is Outcome.LATER else None
    with unit_of_work():
        debt = debt_of(fresh(ticket))
        attempt = ring(house, debt, outcome, clock(), later=later)
    with pytest.raises(TransitionRefused, match="not reached"), unit_of_work():
        close(house, fresh_in_work(ticket), db.session.merge(attempt, load=True), clock())
    assert fresh(ticket).status is S.ANSWERED


def test_a_missed_call_proves_nothing(house, clock):
    ticket = put(house, S.ANSWERED, clock())
    with unit_of_work():
        call = call_of(fresh_in_work(ticket))
        call.answered_at = None
    with pytest.raises(TransitionRefused, match="Nobody spoke"), unit_of_work():
        close(house, fresh_in_work(ticket), call_of(ticket), clock())


def test_a_call_about_another_ticket_proves_nothing(house, clock):
    ticket = put(house, S.ANSWERED, clock())
    other = put(house, S.OPEN, clock(), phone="13800138001")
    with pytest.raises(TransitionRefused, match="Nobody spoke"), unit_of_work():
        close(house, fresh_in_work(ticket), call_of(other), clock())


def test_what_was_said_has_to_be_written(house, clock):
    ticket = put(house, S.ANSWERED, clock())
    with pytest.raises(Invalid) as refused, unit_of_work():
        close(house, fresh_in_work(ticket), call_of(ticket), clock(), told="  ")
    assert refused.value.field == "told"


@pytest.mark.parametrize(
    ("status", "resolution"),
    [
        (S.OPEN, Resolution.SOLVED),
        (S.ANSWERED, Resolution.ANSWERED_DIRECTLY),
        (S.ANSWERED, Resolution.NO_MATTER),
        (S.OPEN, Resolution.MERGED),
        (S.ANSWERED, Resolution.UNREACHABLE),
    ],
)
def test_a_resolution_that_does_not_fit_is_refused(house, clock, status, resolution):
    ticket = put(house, status, clock())
    with pytest.raises(Invalid) as refused, unit_of_work():
        close(house, fresh_in_work(ticket), call_of(ticket), clock(), resolution=resolution)
    assert refused.value.field == "resolution"


def test_only_a_supervisor_decides_that_a_repeat_is_not_taken_up(house, clock):
    ticket = put(house, S.OPEN, clock())
    with pytest.raises(Forbidden), unit_of_work():
        close(
            house,
            fresh_in_work(ticket),
            call_of(ticket),
            clock(),
            resolution=Resolution.CLOSED_REPEAT,
        )
    with unit_of_work():
        close(
            house,
            fresh_in_work(ticket),
            call_of(ticket),
            clock(),
            who="supervisor",
            resolution=Resolution.CLOSED_REPEAT,
        )
    assert fresh(ticket).resolution is Resolution.CLOSED_REPEAT


def test_nobody_closes_on_what_they_said_themselves(house, clock):
    """Who answers for a department and takes calls too cannot be the only witness."""
    ticket = put(house, S.ACCEPTED, clock())
    with unit_of_work():
        house["handler"].role_rows.append(UserRole(role=Role.OPERATOR))
        what = Answer(
            is_solved=True, report="已处理", words="已补发", told_at=clock(),
            told_number="13912345678", told_by="周",
        )  # fmt: skip
        handoffs.answer(fresh_in_work(ticket), what, actor=house["handler"], at=clock())
    exhaust(house, ticket, clock)
    with pytest.raises(Forbidden, match="own word"), unit_of_work():
        feedback.close_told_by_department(fresh_in_work(ticket), actor=house["handler"], at=clock())
    assert fresh(ticket).status is S.ANSWERED


@pytest.mark.parametrize("way", ["told", "no matter", "not wanted", "withdrawn"])
def test_an_emergency_ends_only_after_somebody_rang_back(house, clock, way):
    """The conversation in which it was raised says nothing of whether the caller is safe now."""
    with unit_of_work():
        ticket = log_call(house, clock())
        clock.advance(minutes=1)
        callbacks.promise(ticket, CallbackKind.SAFETY, at=clock())
    with pytest.raises(TransitionRefused, match="is safe"), unit_of_work():
        end(house, fresh_in_work(ticket), call_of(ticket), clock(), way)
    assert fresh(ticket).status is S.OPEN
    clock.advance(minutes=30)
    with unit_of_work():
        reached = ring(house, debt_of(fresh_in_work(ticket)), Outcome.REACHED, clock())
        end(house, reached.callback.ticket, call_of(ticket), clock(), way)
    assert fresh(ticket).status is S.CLOSED


def end(house, ticket, call, at, way):
    actor = house["operator"]
    if way == "told":
        close(house, ticket, call, at, resolution=Resolution.ANSWERED_DIRECTLY)
    elif way == "no matter":
        feedback.close_no_matter(ticket, call, NoMatterKind.TEST, actor=actor, at=at)
    elif way == "not wanted":
        feedback.close_not_wanted(
            ticket, actor=actor, at=at, words="没事了", resolution=Resolution.EXPLAINED
        )
    else:
        feedback.withdraw(ticket, call, actor=actor, at=at, words="没事了")

"""Ended because there is nothing to tell, or nobody wants to hear it."""

import pytest

from hotline.calls import service as calls
from hotline.errors import Invalid, TransitionRefused
from hotline.feedback import service as feedback
from hotline.unit_of_work import unit_of_work
from models import (
    CallbackEnd,
    Handoff,
    HandoffEnd,
    NoMatterKind,
    Notification,
    Resolution,
    Source,
    db,
)
from tests.feedback.closing.steps import S, debt_of, fresh, fresh_in_work, not_wanted
from tests.makers import make_conversation, make_ticket
from tests.stages import call_of, put


def test_who_does_not_want_to_be_told_is_left_in_peace(house, clock):
    ticket = put(house, S.ANSWERED, clock())
    with pytest.raises(Invalid), unit_of_work():
        not_wanted(house, ticket, clock, words=" ")
    with unit_of_work():
        not_wanted(house, ticket, clock, words="不用再打给我")
    assert fresh(ticket).status is S.CLOSED
    assert debt_of(ticket).end is CallbackEnd.NOT_NEEDED


def test_a_wrong_number_is_no_matter(house, clock):
    with unit_of_work():
        ticket = calls.log_manually(actor=house["operator"], at=clock(), source=Source.PHONE)
        feedback.close_no_matter(
            ticket, call_of(ticket), NoMatterKind.WRONG_NUMBER, actor=house["operator"], at=clock()
        )
    assert fresh(ticket).resolution is Resolution.NO_MATTER


def test_a_call_without_a_matter_is_the_work_of_whoever_took_it(house, clock):
    ticket = make_ticket()
    call = make_conversation(ticket, house["operator"])
    with unit_of_work():
        supervisor, ticket = house["supervisor"], fresh_in_work(ticket)
        feedback.close_no_matter(
            ticket, call_of(ticket), NoMatterKind.SILENCE, actor=supervisor, at=clock()
        )
    assert fresh(ticket).operator_id == house["operator"].id == call.operator_id


def test_what_was_handed_off_is_a_matter(house, clock):
    ticket = put(house, S.ANSWERED, clock())
    with pytest.raises(TransitionRefused, match="matter here"), unit_of_work():
        feedback.close_no_matter(
            fresh_in_work(ticket), call_of(ticket), NoMatterKind.TEST,
            actor=house["operator"], at=clock(),
        )  # fmt: skip


def test_a_withdrawal_ends_everything_at_the_departments(house, clock):
    ticket = put(house, S.ACCEPTED, clock())
    with unit_of_work():
        feedback.withdraw(
            fresh_in_work(ticket), call_of(ticket), actor=house["operator"], at=clock(),
            words="公司把钱给了，不用办了",
        )  # fmt: skip
    assert fresh(ticket).resolution is Resolution.WITHDRAWN
    ends = db.session.scalars(db.select(Handoff.end).where(Handoff.ticket_id == ticket.id)).all()
    assert ends == [HandoffEnd.WITHDRAWN, HandoffEnd.WITHDRAWN]
    told = db.select(Notification.user_id).where(Notification.text.startswith("No longer with you"))
    assert house["handler"].id in db.session.scalars(told).all()


def test_a_withdrawal_is_in_the_callers_own_words(house, clock):
    ticket = put(house, S.OPEN, clock())
    with pytest.raises((Invalid, TransitionRefused)), unit_of_work():
        feedback.withdraw(
            fresh_in_work(ticket), call_of(ticket), actor=house["operator"], at=clock(), words=" "
        )

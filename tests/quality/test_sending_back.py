"""An answer goes back before its caller is told, or not at all."""

import pytest

from hotline.callbacks import queries as callbacks_seen
from hotline.callbacks import service as callbacks
from hotline.errors import Forbidden, TransitionRefused
from hotline.feedback import service as feedback
from hotline.handoffs import service as handoffs
from hotline.quality import pages, queries, service
from hotline.unit_of_work import unit_of_work
from models import (
    Callback,
    CallbackAttempt,
    CallbackEnd,
    Handoff,
    Outcome,
    Resolution,
    TicketStatus,
    User,
    db,
)
from tests.quality.house import (
    kinds,
    person,
    row,
    score,
)


def test_an_answer_goes_back_before_the_caller_is_told(app, house, answer, clock):
    score(row(answer), clock(), lost=20)
    with app.test_request_context():
        assert pages.reason_of(row(answer)).endswith("没有逐条答复")
    with unit_of_work():
        actor = row(answer).inspector
        service.send_back(row(answer), "逐条答复", actor=actor, at=clock())
    ticket = row(answer).ticket
    assert ticket.status is TicketStatus.ACCEPTED
    assert ticket.closing_feedback_id is None
    passed = db.session.scalars(db.select(Handoff).order_by(Handoff.id)).all()
    rounds = [(one.round, one.note) for one in passed if one.department_id == house.legal.id]
    assert rounds == [(1, ""), (2, "逐条答复")]
    (promise,) = db.session.scalars(db.select(Callback)).all()
    assert promise.end is CallbackEnd.NOT_NEEDED  # the new answer promises anew
    assert kinds(answer) == ["assign", "score", "send_back"]


def test_only_a_scored_answer_goes_back(house, answer, clock):
    with pytest.raises(TransitionRefused), unit_of_work():
        service.send_back(row(answer), "逐条答复", actor=row(answer).inspector, at=clock())


def test_without_a_reason_nothing_goes_back(house, answer, clock):
    score(row(answer), clock(), lost=20)
    with pytest.raises(TransitionRefused) as refused, unit_of_work():
        service.send_back(row(answer), " ", actor=row(answer).inspector, at=clock())
    assert refused.value.field == "reason"


def test_the_second_rework_is_the_supervisors(house, answer, clock):
    score(row(answer), clock(), lost=20)
    with unit_of_work():
        row(answer).ticket.rework_count = 1
    assert not service.may_send_back(row(answer), row(answer).inspector)
    with pytest.raises(Forbidden), unit_of_work():
        service.send_back(row(answer), "再改", actor=row(answer).inspector, at=clock())


def test_an_old_answer_does_not_go_back_in_place_of_the_new_one(house, answer, clock):
    with unit_of_work():  # a supervisor inspects, who may ask for a second rework
        service.take(row(answer), actor=person(house, "supervisor"), at=clock())
    score(row(answer), clock(), lost=20)
    with unit_of_work():
        ticket = row(answer).ticket
        handoffs.rework(ticket, actor=person(house, "operator"), at=clock(), reason="没说清")
        what = handoffs.Answer(is_solved=True, report="再查", words="本周五补发")
        handoffs.answer(ticket, what, actor=person(house, "handler"), at=clock())
    assert not service.may_send_back(row(answer), person(house, "supervisor"))
    with pytest.raises(TransitionRefused), unit_of_work():
        actor = person(house, "supervisor")
        service.send_back(row(answer), "逐条答复", actor=actor, at=clock())
    assert row(answer).ticket.status is TicketStatus.ANSWERED


def reach(house, callback_id, clock):
    def ring():
        actor = person(house, "operator")
        callback = callbacks_seen.get(callback_id, viewer=actor)
        attempt = callbacks.record_attempt(callback, Outcome.REACHED, actor=actor, at=clock())
        feedback.close_in_call(
            callback.ticket,
            attempt,
            actor=actor,
            at=clock(),
            told="公司本周补发工资",
            resolution=Resolution.SOLVED,
        )

    return ring


def send(inspection_id, inspector_id, clock):
    def back():
        inspector = db.session.get_one(User, inspector_id)
        inspection = queries.get(inspection_id, viewer=inspector)
        service.send_back(inspection, "逐条答复", actor=inspector, at=clock())

    return back


def test_who_was_sent_back_first_is_not_rung(house, answer, clock):
    score(row(answer), clock(), lost=20)
    callback_id = db.session.scalars(db.select(Callback.id)).one()
    inspector_id = row(answer).inspector_id
    with unit_of_work():
        send(answer, inspector_id, clock)()
    with pytest.raises(TransitionRefused), unit_of_work():
        reach(house, callback_id, clock)()
    assert row(answer).ticket.status is TicketStatus.ACCEPTED


def test_who_was_told_first_keeps_the_answer(house, answer, clock):
    score(row(answer), clock(), lost=20)
    callback_id = db.session.scalars(db.select(Callback.id)).one()
    inspector_id = row(answer).inspector_id
    with unit_of_work():
        reach(house, callback_id, clock)()
    with pytest.raises(TransitionRefused), unit_of_work():
        send(answer, inspector_id, clock)()
    assert row(answer).ticket.status is TicketStatus.CLOSED


@pytest.mark.parametrize("first", ["reached", "sent back"])
def test_callback_and_rework_at_the_same_moment(both, house, answer, clock, first):
    """One of the two happens, whole; the caller never hears an answer that is being redone."""
    score(row(answer), clock(), lost=20)
    callback_id = db.session.scalars(db.select(Callback.id)).one()
    inspector_id = row(answer).inspector_id
    acts = [reach(house, callback_id, clock), send(answer, inspector_id, clock)]
    refusal = both(*acts) if first == "reached" else both(*reversed(acts))
    db.session.expire_all()
    ticket = row(answer).ticket
    assert isinstance(refusal, TransitionRefused)
    if first == "sent back":
        assert ticket.status is TicketStatus.ACCEPTED
        assert db.session.get_one(Callback, callback_id).end is CallbackEnd.NOT_NEEDED
        assert db.session.scalars(db.select(CallbackAttempt)).all() == []
    else:
        assert ticket.status is TicketStatus.CLOSED
        assert row(answer).sent_back_at is None
        assert kinds(answer) == ["assign", "score"]

"""Ways to sign or close a ticket whose caller was not told what there is to tell now."""

from datetime import timedelta

import pytest

from hotline.callbacks import queries as callback_lists
from hotline.callbacks import service as callbacks
from hotline.calls import service as calls
from hotline.errors import Forbidden, Invalid, TransitionRefused
from hotline.feedback import evidence, forms
from hotline.feedback import service as feedback
from hotline.handoffs import service as handoffs
from hotline.handoffs.service import Answer
from hotline.phone_numbers import normalise
from hotline.tickets import filters
from hotline.tickets import service as tickets
from hotline.tickets.filters import Asked, Filter
from hotline.unit_of_work import unit_of_work
from models import (
    Callback,
    CallbackEnd,
    CallbackKind,
    CallerKind,
    Feedback,
    How,
    Outcome,
    Resolution,
    Source,
    Ticket,
    TicketStatus,
    db,
)
from tests.feedback.closing.steps import UNHAPPY, close, exhaust, fresh, fresh_in_work, ring
from tests.stages import call_of, log_call, make_house, put

S = TicketStatus
DONE = Answer(is_solved=True, report="已补发", words="第二次答复：已补足差额")


@pytest.fixture
def house(app, clock):
    return make_house()


def debts(ticket, kind):
    wanted = db.select(Callback).where(Callback.ticket_id == ticket.id, Callback.kind == kind)
    return list(db.session.scalars(wanted.order_by(Callback.id)))


def count(house, clock, state):
    return filters.count(Filter(state=state), Asked(house["supervisor"], clock()))


def do(ticket, verb, house, who, clock, **more):
    """One verb in a unit of work of its own, a quarter of an hour after the one before."""
    clock.advance(minutes=15)
    with unit_of_work():
        return verb(fresh_in_work(ticket), actor=house[who], at=clock(), **more)


def sign_explanation(house, row, clock):
    with unit_of_work():
        row = db.session.get_one(Feedback, row.id)
        feedback.sign_explanation(row, actor=house["supervisor"], at=clock())


def test_an_explanation_is_signed_of_the_answer_that_it_explained(house, clock):
    ticket = put(house, S.ANSWERED, clock())
    told = {"told": "依法只能如此", "verdict": UNHAPPY}
    old = do(
        ticket,
        feedback.explain,
        house,
        "operator",
        clock,
        proof=spoke(house, ticket, clock),
        **told,
    )
    assert count(house, clock, "explained") == 1
    do(ticket, handoffs.rework, house, "supervisor", clock, reason="再核实一次")
    do(ticket, handoffs.answer, house, "handler", clock, what=DONE)

    assert feedback.explanations_to_sign(house["supervisor"]) == []
    assert feedback.unsigned_explanation(fresh(ticket)) is None
    assert count(house, clock, "explained") == 0
    with pytest.raises(TransitionRefused, match="nothing to sign"):
        sign_explanation(house, old, clock)
    assert fresh(ticket).status is S.ANSWERED

    new = do(
        ticket,
        feedback.explain,
        house,
        "operator",
        clock,
        proof=spoke(house, ticket, clock),
        **told,
    )
    sign_explanation(house, new, clock)
    assert fresh(ticket).status is S.CLOSED


def spoke(house, ticket, clock):
    """The caller rings again about `ticket`, and the operator answers."""
    clock.advance(minutes=15)
    with unit_of_work():
        calls.log_manually(
            actor=house["operator"], at=clock(), source=Source.PHONE, ticket=fresh_in_work(ticket)
        )
    return evidence.conversations_about(fresh(ticket))[0]


def test_a_call_returned_in_vain_does_not_sign_away_the_result(house, clock):
    ticket = put(house, S.OPEN, clock())
    do(ticket, callbacks_promise, house, "operator", clock, kind=CallbackKind.RETURN_CALL)
    exhaust(house, ticket, clock)
    assert count(house, clock, "exhausted") == 1
    do(ticket, handoffs.hand_off, house, "operator", clock, department=house.legal)
    do(ticket, handoffs.answer, house, "handler", clock, what=DONE)
    (returned,) = debts(fresh(ticket), CallbackKind.RETURN_CALL)

    assert callback_lists.exhausted(house["supervisor"]) == []
    assert evidence.exhausted_callback(fresh(ticket)) is None
    assert count(house, clock, "exhausted") == 0
    with pytest.raises(TransitionRefused, match="not exhausted"), unit_of_work():
        feedback.sign_unreachable(returned, actor=house["supervisor"], at=clock())
    assert fresh(ticket).status is S.ANSWERED

    exhaust(house, ticket, clock)
    (tell,) = callback_lists.exhausted(house["supervisor"])
    assert tell.kind is CallbackKind.TELL
    with unit_of_work():
        tell = db.session.get_one(Callback, tell.id)
        feedback.sign_unreachable(tell, actor=house["supervisor"], at=clock())
    (returned,) = debts(fresh(ticket), CallbackKind.RETURN_CALL)
    assert (fresh(ticket).status, returned.end) == (S.CLOSED, CallbackEnd.UNREACHABLE)


def callbacks_promise(ticket, *, actor, at, kind):
    return callbacks.promise(ticket, kind, at=at, owner=actor)


def test_who_is_reached_with_the_result_has_been_called_back(house, clock):
    ticket = put(house, S.ANSWERED, clock())
    do(ticket, callbacks_promise, house, "operator", clock, kind=CallbackKind.RETURN_CALL)
    with unit_of_work():
        (tell,) = debts(ticket, CallbackKind.TELL)
        ring(house, tell, Outcome.REACHED, clock())
    (returned,) = debts(fresh(ticket), CallbackKind.RETURN_CALL)
    assert returned.end is CallbackEnd.KEPT


def test_nobody_gives_up_while_somebody_may_be_in_danger(house, clock):
    ticket = put(house, S.ANSWERED, clock())
    exhaust(house, ticket, clock)
    do(ticket, callbacks_promise, house, "operator", clock, kind=CallbackKind.SAFETY)
    (tell,) = debts(fresh(ticket), CallbackKind.TELL)
    with pytest.raises(TransitionRefused, match="not exhausted"), unit_of_work():
        feedback.sign_unreachable(tell, actor=house["supervisor"], at=clock())


@pytest.mark.parametrize("how", ["reopen", "recall"])
def test_a_conversation_from_before_it_was_put_back_proves_nothing(house, clock, how):
    ticket = put(house, S.OPEN, clock())
    call = call_of(ticket)
    if how == "reopen":
        clock.advance(minutes=5)
        with unit_of_work():
            close(house, fresh_in_work(ticket), call, clock(), resolution=Resolution.EXPLAINED)
        do(ticket, feedback.reopen, house, "supervisor", clock, reason="答复有误")
    else:
        do(ticket, handoffs.hand_off, house, "operator", clock, department=house.legal)
        do(ticket, handoffs.recall, house, "operator", clock, reason="转错部门")

    assert forms.proofs_of_telling(fresh(ticket)) == []
    with pytest.raises(TransitionRefused, match="something new"), unit_of_work():
        close(house, fresh_in_work(ticket), call, clock(), resolution=Resolution.EXPLAINED)
    with pytest.raises(TransitionRefused, match="something new"):
        do(ticket, feedback.withdraw, house, "operator", clock, proof=call, words="不办了")
    assert fresh(ticket).status is S.OPEN

    again = spoke(house, ticket, clock)
    assert [proof for _key, proof in forms.proofs_of_telling(fresh(ticket))] == [again]
    with unit_of_work():
        close(house, fresh_in_work(ticket), again, clock(), resolution=Resolution.EXPLAINED)
    assert fresh(ticket).status is S.CLOSED


def test_a_call_stays_with_the_ticket_for_which_it_is_the_proof(house, clock):
    ticket = put(house, S.CLOSED, clock())
    other = put(house, S.OPEN, clock())
    with pytest.raises(Invalid, match="its own ticket"), unit_of_work():
        calls.point_to(call_of(ticket), fresh_in_work(other), actor=house["operator"], at=clock())


def without_number(house, clock):
    """A described matter of a caller who withheld the number."""
    with unit_of_work():
        return log_call(house, clock(), phone="anonymous")


def sign_kept(house, ticket, clock, who="supervisor"):
    with unit_of_work():
        return feedback.sign_no_way_to_reach(fresh_in_work(ticket), actor=house[who], at=clock())


@pytest.mark.parametrize("asked", ["rang", "chased"])
def test_who_asks_again_is_waited_for_anew(house, clock, asked):
    ticket = without_number(house, clock)
    clock.advance(days=39)
    do(ticket, feedback.keep, house, "operator", clock)
    clock.advance(days=1)
    if asked == "rang":
        spoke(house, ticket, clock)
    do(ticket, handoffs.caller_asks_again, house, "operator", clock)
    assert fresh(ticket).kept_since_at is None

    with pytest.raises(TransitionRefused, match="30 days"):
        sign_kept(house, ticket, clock)
    clock.advance(days=29)
    assert kept_long_enough(house, clock) == []
    with pytest.raises(TransitionRefused, match="30 days"):
        sign_kept(house, ticket, clock)
    clock.advance(days=2)
    assert [one.id for one in kept_long_enough(house, clock)] == [ticket.id]
    assert sign_kept(house, ticket, clock).how is How.NO_WAY_TO_REACH


def kept_long_enough(house, clock):
    return callback_lists.kept_answers(house["supervisor"], before=clock() - timedelta(days=30))


def test_who_put_it_aside_does_not_sign_it_under_another_name(house, clock):
    ticket = without_number(house, clock)
    do(ticket, feedback.keep, house, "supervisor", clock)
    do(ticket, tickets.assign, house, "supervisor", clock, to=house["operator"])
    assert fresh(ticket).kept_by_id is None
    clock.advance(days=31)

    assert kept_long_enough(house, clock) == []
    with pytest.raises(Forbidden, match="asked for themselves"):
        sign_kept(house, ticket, clock)
    assert fresh(ticket).status is S.OPEN


@pytest.mark.parametrize("left", ["promise", "call", "caller"])
def test_a_number_that_was_rubbed_out_is_still_a_number(house, clock, left):
    number = normalise("13912345678")
    if left == "promise":
        ticket = without_number(house, clock)
        with unit_of_work():
            owed = fresh_in_work(ticket)
            owed.callback_number = number.normalised
            callbacks.promise(owed, CallbackKind.TELL, at=clock())
    elif left == "call":
        ticket = without_number(house, clock)
        with unit_of_work():
            call_of(ticket).number, call_of(ticket).number_kind = number.normalised, number.kind
    else:
        with unit_of_work():
            ticket = calls.log_manually(
                actor=house["operator"], at=clock(), source=Source.LETTER, number=number
            )
    rubbed_out = tickets.Description(
        caller_kind=CallerKind.WORKER, category=house.wages, question="欠薪", callback_number=""
    )
    do(ticket, tickets.describe, house, "operator", clock, what=rubbed_out)
    assert fresh(ticket).callback_number == ""

    with pytest.raises(TransitionRefused, match="number to ring"):
        do(ticket, feedback.keep, house, "operator", clock)
    clock.advance(days=31)
    assert kept_long_enough(house, clock) == []
    assert "no_way_to_reach" not in forms.ways_for(fresh(ticket), house["supervisor"])
    with pytest.raises(TransitionRefused, match="number to ring"):
        sign_kept(house, ticket, clock)


def test_a_word_that_the_supervisor_threw_out_closes_nothing(house, clock):
    ticket = put(house, S.ACCEPTED, clock())
    clock.advance(minutes=15)
    said = Answer(
        is_solved=True, report="已补发", words="工资已补发", told_at=clock(),
        told_number="13912345678", told_by="周",
    )  # fmt: skip
    do(ticket, handoffs.answer, house, "handler", clock, what=said)
    assert evidence.told_by_department(fresh(ticket)) is not None
    do(ticket, handoffs.rework, house, "supervisor", clock, reason="没有补发")
    do(ticket, handoffs.recall, house, "operator", clock, reason="转错部门")
    do(ticket, callbacks_promise, house, "operator", clock, kind=CallbackKind.TELL)
    exhaust(house, ticket, clock)

    assert evidence.told_by_department(fresh(ticket)) is None
    assert "told_by_department" not in forms.ways_for(fresh(ticket), house["operator"])
    with unit_of_work():
        tell = evidence.exhausted_callback(fresh_in_work(ticket))
        row = feedback.sign_unreachable(tell, actor=house["supervisor"], at=clock())
    ticket = db.session.get_one(Ticket, ticket.id)
    assert (row.how, ticket.resolution, row.told) == (How.UNREACHABLE, Resolution.UNREACHABLE, "")
    assert (row.asked_by_id, row.signed_by_id) == (house["operator"].id, house["supervisor"].id)

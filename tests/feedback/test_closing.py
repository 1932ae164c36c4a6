"""Every way in which a ticket may end, and what is refused on the way."""

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
    Callback,
    CallbackEnd,
    CallbackKind,
    CallerKind,
    Feedback,
    Handoff,
    HandoffEnd,
    How,
    NoMatterKind,
    Notification,
    Outcome,
    Resolution,
    Role,
    Satisfaction,
    Source,
    Ticket,
    TicketStatus,
    UserRole,
    db,
)
from tests.makers import make_conversation, make_ticket
from tests.stages import call_of, log_call, make_house, put

S = TicketStatus


@pytest.fixture
def house(app, clock):
    return make_house()


def fresh(ticket):
    db.session.rollback()
    return db.session.get_one(Ticket, ticket.id if hasattr(ticket, "id") else ticket)


def debt_of(ticket):
    query = db.select(Callback).where(Callback.ticket_id == ticket.id)
    return db.session.scalars(query.order_by(Callback.id.desc())).first()


def ring(house, callback, outcome, at, who="operator", **more):
    return callbacks.record_attempt(callback, outcome, actor=house[who], at=at, **more)


def exhaust(house, ticket, clock):
    """Ring in vain, on as many days and at such hours as the policy asks for."""
    for day in range(6):
        with unit_of_work():
            debt = debt_of(db.session.get_one(Ticket, ticket.id))
            if debt.exhausted_at is not None:
                return
            clock.set(max(clock(), debt.not_before_at))
            ring(house, debt, Outcome.NO_ANSWER, clock())
        clock.advance(hours=8 if day % 2 else 4)
    raise AssertionError("the policy never ends")


def close(house, ticket, proof, at, *, who="operator", **more):
    fields = {"told": "本周补发工资", "resolution": Resolution.SOLVED, **more}
    return feedback.close_in_call(ticket, proof, actor=house[who], at=at, **fields)


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


def fresh_in_work(ticket):
    return db.session.get_one(Ticket, ticket.id)


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


UNHAPPY = Verdict(satisfaction=Satisfaction.NOT_SATISFIED, dissatisfaction="钱没到账")


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


def test_who_does_not_want_to_be_told_is_left_in_peace(house, clock):
    ticket = put(house, S.ANSWERED, clock())
    with pytest.raises(Invalid), unit_of_work():
        not_wanted(house, ticket, clock, words=" ")
    with unit_of_work():
        not_wanted(house, ticket, clock, words="不用再打给我")
    assert fresh(ticket).status is S.CLOSED
    assert debt_of(ticket).end is CallbackEnd.NOT_NEEDED


def not_wanted(house, ticket, clock, words):
    return feedback.close_not_wanted(
        fresh_in_work(ticket),
        actor=house["operator"],
        at=clock(),
        words=words,
        resolution=Resolution.EXPLAINED,
    )


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

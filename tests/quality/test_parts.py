"""Only what a person did is inspected: a call that nobody answered has no conversation to score."""

from datetime import timedelta

from hotline.callbacks import service as callbacks
from hotline.calls import service as calls
from hotline.feedback import service as feedback
from hotline.phone_numbers import normalise
from hotline.quality import redrawing, results
from hotline.quality.results import By
from hotline.tickets import service as tickets
from hotline.unit_of_work import unit_of_work
from models import (
    Call,
    Callback,
    CallbackKind,
    CallerKind,
    CallResult,
    CallState,
    Direction,
    Outcome,
    Population,
    Resolution,
    Source,
    Ticket,
    TicketStatus,
    Work,
    db,
)
from tests.makers import make_ticket
from tests.quality.house import (
    closed,
    draw,
    drawn_numbers,
    person,
    sheets_of,
)
from tests.stages import put


def missed(at, phone="13700137000"):
    """The ticket of a call that rang out, and the promise to return it; without a number none."""
    ticket_id = make_ticket(phone=phone, at=at).id
    with unit_of_work():
        ticket = db.session.get_one(Ticket, ticket_id)
        call = Call(
            provider="simulator", call_ref=f"CA{ticket_id}", direction=Direction.INBOUND,
            ticket_id=ticket_id, caller_id=ticket.caller_id, number=ticket.callback_number,
            state=CallState.ENDED, result=CallResult.MISSED, started_at=at, ended_at=at,
            heard_at=at,
        )  # fmt: skip
        db.session.add(call)
        if ticket.callback_number:
            callbacks.promise(ticket, CallbackKind.RETURN_CALL, at=at)
    return ticket_id


def promise_of(ticket_id):
    return db.session.scalars(db.select(Callback).where(Callback.ticket_id == ticket_id)).one()


def ring(house, ticket_id, who, outcome, clock):
    with unit_of_work():
        actor, promise = person(house, who), promise_of(ticket_id)
        attempt = callbacks.record_attempt(promise, outcome, actor=actor, at=clock())
        return attempt.id


def ring_in_vain(house, ticket_id, who, clock, times=2):
    for _time in range(times):
        ring(house, ticket_id, who, Outcome.NO_ANSWER, clock)
        clock.advance(hours=27 if times > 2 else 4)  # on two days, once at noon
    with unit_of_work():
        supervisor = person(house, "supervisor")
        feedback.sign_unreachable(promise_of(ticket_id), actor=supervisor, at=clock())


def works(sample):
    return [(row.work, row.person_id) for row in sheets_of(sample)]


def strata(sample):
    return [(row.operator_id, row.department_id, row.count) for row in sample.strata]


def test_who_rang_back_in_vain_is_inspected_for_the_rings(house, clock):
    """Nobody spoke with the caller; and who signed has rung nobody."""
    ring_in_vain(house, missed(clock()), "colleague", clock)
    sample = draw(house, clock())
    assert works(sample) == [(Work.CALLBACK, house["colleague"].id)]
    assert strata(sample) == [(house["colleague"].id, None, 1)]


def test_what_happens_after_the_draw_makes_it_nobody_elses_work(house, clock):
    """The ticket is taken up again by a colleague: drawn again, the stratum is the same."""
    ticket_id = missed(clock())
    ring_in_vain(house, ticket_id, "colleague", clock)
    sample = draw(house, clock())
    clock.advance(days=1)
    with unit_of_work():
        ticket = db.session.get_one(Ticket, ticket_id)
        feedback.reopen(ticket, actor=person(house, "supervisor"), at=clock(), reason="找到人了")
        tickets.claim(ticket, actor=person(house, "operator"), at=clock())
    assert db.session.get_one(Ticket, ticket_id).operator_id == house["operator"].id
    assert redrawing.draw_again(sample).is_same


def test_whoever_took_a_missed_call_up_and_reached_nobody_had_no_conversation(house, clock):
    ticket_id = missed(clock())
    with unit_of_work():
        ticket = db.session.get_one(Ticket, ticket_id)
        tickets.claim(ticket, actor=person(house, "operator"), at=clock())
    ring_in_vain(house, ticket_id, "operator", clock)
    assert works(draw(house, clock())) == [(Work.CALLBACK, house["operator"].id)]


def test_where_nobody_did_anything_there_is_nothing_to_draw(house, clock):
    """A missed call without a number, kept for the caller, and signed after its days."""
    (other,) = closed(house, clock())
    ticket_id = missed(clock(), phone="")
    with unit_of_work():
        ticket = db.session.get_one(Ticket, ticket_id)
        feedback.keep(ticket, actor=person(house, "operator"), at=clock())
    clock.advance(days=31)
    with unit_of_work():
        ticket = db.session.get_one(Ticket, ticket_id)
        feedback.sign_no_way_to_reach(ticket, actor=person(house, "supervisor"), at=clock())
    sample = draw(house, clock(), since=clock() - timedelta(days=60))
    assert drawn_numbers(sample) == {other.number}
    assert [count for _operator, _department, count in strata(sample)] == [1]
    assert redrawing.draw_again(sample).is_same


def test_a_return_call_in_which_the_matter_was_settled_is_the_conversation(house, clock):
    ticket_id = missed(clock())
    attempt_id = ring(house, ticket_id, "colleague", Outcome.REACHED, clock)
    with unit_of_work():
        actor, ticket = person(house, "colleague"), db.session.get_one(Ticket, ticket_id)
        what = tickets.Description(
            caller_kind=CallerKind.WORKER, category=house.wages, question="试用期多久"
        )
        tickets.describe(ticket, what, actor=actor, at=clock())
        (attempt,) = promise_of(ticket_id).attempts
        assert attempt.id == attempt_id
        feedback.close_in_call(
            ticket, attempt, actor=actor, at=clock(), told="最长六个月",
            resolution=Resolution.ANSWERED_DIRECTLY,
        )  # fmt: skip
    assert works(draw(house, clock())) == [(Work.CALL, house["colleague"].id)]


def test_who_signs_has_not_told_the_caller(house, clock):
    """An answer that nobody could tell: the operator's rings are inspected, no supervisor's."""
    ticket = put(house, TicketStatus.ANSWERED, clock())
    ring_in_vain(house, ticket.id, "colleague", clock, times=3)
    assert works(draw(house, clock())) == [
        (Work.CALL, house["operator"].id),
        (Work.ANSWER, house["handler"].id),
        (Work.CALLBACK, house["colleague"].id),
    ]


def test_a_letter_is_inspected_for_what_was_written_down(house, clock):
    """Nobody rang; an operator read it, wrote it down and chose the department."""
    with unit_of_work():
        actor = person(house, "operator")
        ticket = calls.log_manually(
            actor=actor, at=clock(), source=Source.LETTER, number=normalise("13700137001")
        )
        what = tickets.Description(
            caller_kind=CallerKind.WORKER, category=house.wages, question="信中说欠薪"
        )
        tickets.describe(ticket, what, actor=actor, at=clock())
        resolution = Resolution.REFERRED
        feedback.close_not_wanted(
            ticket, actor=actor, at=clock(), words="不用回了", resolution=resolution
        )
    assert works(draw(house, clock())) == [(Work.CALL, house["operator"].id)]


def test_every_number_of_the_results_is_work_that_could_be_drawn(house, clock):
    """Whatever is drawn is of what the results call the work there was, at a hundred per cent all
    of it."""
    closed(house, clock(), 2)
    ring_in_vain(house, missed(clock()), "colleague", clock)
    ticket = put(house, TicketStatus.ANSWERED, clock(), "13700137009")
    ring_in_vain(house, ticket.id, "colleague", clock, times=3)
    draw(house, clock())
    since, until = clock() - timedelta(days=60), clock() + timedelta(days=1)
    viewer = person(house, "reviewer")
    for by in By:
        rows = results.results(since, until, by=by, viewer=viewer)
        assert [row.population for row in rows] == [row.drawn for row in rows]
        for row in rows:
            page, _more = results.population_page(by, since, until, viewer=viewer, key=row.key)
            assert len(page) == row.population
    told = {row.key: row.population for row in rows}
    assert told == {house["operator"].id: 2, house["colleague"].id: 2}


def test_a_ticket_of_which_everything_was_inspected_is_not_drawn_again(house, clock):
    """A message without a number, which nobody wrote down and a department answered: the answer is
    the only work there is, and it was inspected before the caller could ask for it."""
    ticket = put(house, TicketStatus.ANSWERED, clock(), "")
    with unit_of_work():
        row = db.session.get_one(Ticket, ticket.id)
        call = db.session.scalars(db.select(Call).where(Call.ticket_id == ticket.id)).one()
        row.operator_id, row.question, call.answered_at = None, "", None
    assert works(draw(house, clock(), population=Population.ANSWERS)) == [
        (Work.ANSWER, house["handler"].id)
    ]
    with unit_of_work():
        row = db.session.get_one(Ticket, ticket.id)
        feedback.keep(row, actor=person(house, "operator"), at=clock())
    clock.advance(days=31)
    with unit_of_work():
        row = db.session.get_one(Ticket, ticket.id)
        feedback.sign_no_way_to_reach(row, actor=person(house, "supervisor"), at=clock())
    sample = draw(house, clock(), since=clock() - timedelta(days=60))
    (stratum,) = sample.strata
    assert (stratum.count, stratum.excluded, stratum.size) == (1, 1, 0)
    assert sheets_of(sample) == []
    assert redrawing.draw_again(sample).is_same

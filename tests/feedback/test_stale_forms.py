"""What is owed about a ticket has changed: a form that was rendered before is looked at again."""

import pytest

from hotline.feedback import service as feedback
from hotline.feedback.service import Verdict
from hotline.handoffs import service as handoffs
from hotline.tickets import service as tickets
from hotline.unit_of_work import unit_of_work
from models import Callback, Handoff, HandoffRole, Ticket, TicketStatus, db
from tests.stages import call_of, log_call, make_house, put

S = TicketStatus


@pytest.fixture
def house(app, clock):
    return make_house()


@pytest.fixture
def answered(house, clock):
    return put(house, S.ANSWERED, clock())


@pytest.fixture
def another(house, clock):
    """An open ticket of the same caller."""
    with unit_of_work():
        return log_call(house, clock())


def again(ticket):
    db.session.rollback()
    return db.session.get_one(Ticket, ticket.id)


def test_who_closes_a_ticket_sees_first_what_was_merged_into_it(sign_in, house, answered, another):
    browser = sign_in(house["operator"])
    proof, rendered, into = call_of(another).id, another.version, another.number
    here, there = (f"/tickets/{one.id}" for one in (answered, another))
    merged = browser.post(f"{here}/merge", data={"version": answered.version, "into": into})
    assert merged.status_code == 303
    typed = {
        "how": "in_call",
        "proof": f"call:{proof}",
        "told": "已直接答复",
        "resolution": "answered_directly",
    }
    late = browser.post(f"{there}/close", data=typed | {"version": rendered})
    assert late.status_code == 409
    assert "已直接答复" in late.get_data(as_text=True)
    assert again(another).status is S.OPEN
    looked = browser.post(f"{there}/close", data=typed | {"version": again(another).version})
    assert looked.status_code == 303, looked.get_data(as_text=True)


def test_no_card_of_a_promise_fits_the_ticket_that_it_went_to(house, answered, another, clock):
    promised = db.select(Callback).where(Callback.ticket_id == answered.id)
    debt, rendered = db.session.scalars(promised).one(), answered.version
    assert rendered > another.version  # as many steps as the other has made, one day
    with unit_of_work():
        feedback.merge(answered, another, actor=house["operator"], at=clock())
    db.session.rollback()
    assert debt.ticket_id == another.id
    assert debt.ticket.version > rendered


def test_an_explanation_that_waits_for_a_signature_is_seen_before_the_end(house, answered, clock):
    rendered = answered.version
    said = Verdict(dissatisfaction="钱还没到")
    with unit_of_work():
        feedback.explain(
            answered,
            call_of(answered),
            actor=house["operator"],
            at=clock(),
            told="已说明",
            verdict=said,
        )
    assert again(answered).version > rendered


def test_an_assistants_answer_counts_and_a_remark_does_not(house, clock):
    ticket = put(house, S.ACCEPTED, clock())
    rendered = ticket.version
    with unit_of_work():
        tickets.note(ticket, "已电话催问", actor=house["operator"], at=clock())
    assert again(ticket).version == rendered
    helps = db.select(Handoff).where(Handoff.role == HandoffRole.ASSIST)
    with unit_of_work():
        help_asked = db.session.scalars(helps).one()
        handoffs.assist_answer(help_asked, "工资表已查", actor=house["assistant"], at=clock())
    assert again(ticket).version > rendered

"""Other departments help; the lead's answer does not wait for them."""

import pytest
from sqlalchemy import select

from hotline.errors import Forbidden, Invalid, TransitionRefused
from hotline.handoffs import queries
from hotline.handoffs import service as handoffs
from hotline.handoffs.queries import Tab
from hotline.unit_of_work import unit_of_work
from models import HandoffEnd, Notification, TicketStatus, db
from tests.handoffs.house import accept, answer, hand_off, make_house


@pytest.fixture
def house(app, clock):
    house = make_house()
    hand_off(house)
    accept(house)
    return house


def ask(house, clock, by=None, note="请核实是否为女职工专项"):
    with unit_of_work():
        return handoffs.ask_assist(
            house.ticket, house.women, actor=by or house.operator, at=clock.time, note=note
        )


def assist(house, handoff, clock, by=None, text="已核实"):
    with unit_of_work():
        return handoffs.assist_answer(handoff, text, actor=by or house.women_handler, at=clock.time)


def test_it_is_in_the_queue_of_who_assists_with_a_limit_of_its_own(house, clock):
    handoff = ask(house, clock)
    (waiting,) = queries.queue_of(house.women_handler, Tab.ASSIST).handoffs
    assert (waiting.id, waiting.due_at) == (handoff.id, handoff.handle_due_at)
    assert queries.queue_of(house.women_handler, Tab.ACCEPT).handoffs == []


def test_the_answer_goes_to_the_lead(house, clock):
    handoff = ask(house, clock, by=house.head)
    assist(house, handoff, clock)
    assert (handoff.end, handoff.report) == (HandoffEnd.ANSWERED, "已核实")
    heard = select(Notification.user_id).where(
        Notification.dedupe_key.startswith("handoff_assisted")
    )
    assert db.session.scalars(heard).all() == [house.handler.id]


def test_the_lead_does_not_wait(house, clock):
    handoff = ask(house, clock)
    answer(house)
    assert house.ticket.status is TicketStatus.ANSWERED
    assert [open_one.id for open_one in queries.assists_of(house.ticket)] == [handoff.id]
    assist(house, handoff, clock)
    assert queries.assists_of(house.ticket) == []


def test_who_assists_may_not_answer_for_the_lead(house, clock):
    ask(house, clock)
    with pytest.raises(Forbidden):
        answer(house, by=house.women_handler)


def test_who_leads_may_not_answer_for_who_assists(house, clock):
    handoff = ask(house, clock)
    with pytest.raises(Forbidden):
        assist(house, handoff, clock, by=house.handler)


def test_help_is_asked_once_of_somebody_else_and_for_something(house, clock):
    with pytest.raises(Invalid) as refused:
        ask(house, clock, note=" ")
    assert refused.value.field == "note"
    ask(house, clock)
    with pytest.raises(Invalid, match="assists already"):
        ask(house, clock)
    with pytest.raises(Invalid, match="leads already"), unit_of_work():
        handoffs.ask_assist(
            house.ticket, house.legal, actor=house.operator, at=clock.time, note="帮忙"
        )


def test_who_becomes_the_lead_stops_assisting(house, clock):
    assisting = ask(house, clock)
    with unit_of_work():
        handoffs.recall(house.ticket, actor=house.operator, at=clock.time, reason="换部门")
    with unit_of_work():
        handoffs.hand_off(house.ticket, house.women, actor=house.operator, at=clock.time)
    assert assisting.end is HandoffEnd.RECALLED
    with pytest.raises(TransitionRefused):
        assist(house, assisting, clock)


def test_a_question_reaches_the_hotline(house, clock):
    with unit_of_work():
        handoffs.ask_hotline(
            house.ticket, actor=house.handler, at=clock.time, question="来电人有无合同"
        )
    heard = select(Notification.user_id).where(
        Notification.dedupe_key.startswith("ticket_question")
    )
    assert db.session.scalars(heard).all() == [house.supervisor.id]  # nobody is on duty
    assert house.ticket.status is TicketStatus.ACCEPTED

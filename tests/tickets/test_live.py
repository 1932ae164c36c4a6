"""Whatever is done to a ticket, open pages hear of it."""

import pytest
from sqlalchemy import delete, select

from hotline.handoffs import service as handoffs
from hotline.tickets import service as tickets
from hotline.unit_of_work import unit_of_work
from models import LiveUpdate, Ticket, TicketStatus, db
from tests.stages import make_house, put


@pytest.mark.parametrize("status", [TicketStatus.OPEN, TicketStatus.ACCEPTED])
def test_a_note_reaches_the_hotline_and_the_department_that_holds_the_ticket(app, clock, status):
    house = make_house()
    ticket_id = put(house, status, clock()).id
    with unit_of_work():
        db.session.execute(delete(LiveUpdate))
    with unit_of_work():
        ticket = db.session.get_one(Ticket, ticket_id)
        tickets.note(ticket, "来电人补充了工号", actor=house["operator"], at=clock())
    heard = db.session.execute(select(LiveUpdate.audience, LiveUpdate.kind)).tuples().all()
    held_by = {(f"department:{house.legal.id}", "queue")} if status == "accepted" else set()
    assert set(heard) == {("hotline", "ticket")} | held_by


def test_the_department_that_loses_a_ticket_hears_of_it(app, clock):
    house = make_house()
    ticket_id = put(house, TicketStatus.ACCEPTED, clock()).id
    with unit_of_work():
        db.session.execute(delete(LiveUpdate))
    with unit_of_work():
        ticket = db.session.get_one(Ticket, ticket_id)
        handoffs.recall(ticket, actor=house["operator"], at=clock(), reason="转错部门")
    heard = db.session.execute(select(LiveUpdate.audience, LiveUpdate.kind)).tuples().all()
    assert {("hotline", "ticket"), (f"department:{house.legal.id}", "queue")} <= set(heard)

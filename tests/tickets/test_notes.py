"""Remarks for colleagues: said once, though the form was sent twice."""

import pytest

from models import TicketEvent, db
from tests.handoffs.house import make_house


@pytest.fixture
def house(app, clock):
    return make_house()


def noted(house):
    found = db.select(TicketEvent.data).filter_by(ticket_id=house.ticket.id, kind="note")
    return [data["text"] for data in db.session.scalars(found.order_by(TicketEvent.id))]


def test_who_goes_back_and_sends_the_note_again_has_noted_it_once(house, sign_in, clock):
    browser = sign_in(house.operator)
    url = f"/tickets/{house.ticket.id}/note"
    form = {"text": "已联系用人单位", "version": house.ticket.version}
    for _ in range(2):
        assert browser.post(url, data=form).status_code == 303
        clock.advance(seconds=20)
    assert noted(house) == ["已联系用人单位"]

    form["text"] = "对方下午回话"
    browser.post(url, data=form)
    clock.advance(minutes=2)
    browser.post(url, data=form)
    assert noted(house) == ["已联系用人单位", "对方下午回话", "对方下午回话"]


def test_what_a_colleague_notes_in_the_same_words_stands_beside_it(house, sign_in):
    for person in (house.operator, house.supervisor):
        form = {"text": "已核实", "version": house.ticket.version}
        sign_in(person).post(f"/tickets/{house.ticket.id}/note", data=form)

    assert noted(house) == ["已核实", "已核实"]

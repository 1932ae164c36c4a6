"""Who rings a caller back is not rung meanwhile."""

import pytest

from hotline.callbacks import service as callbacks
from hotline.calls import seats
from hotline.calls.jobs import free_seats_after_writing_up
from hotline.unit_of_work import unit_of_work
from models import CallbackKind, Role, SeatState, User, db
from tests.makers import make_ticket, make_user


@pytest.fixture
def ringing(app, clock, sign_in):
    """An operator at a free seat, in front of the card of an own callback."""
    operator = make_user(Role.OPERATOR)
    ticket = make_ticket(operator=operator)
    with unit_of_work():
        operator = db.session.get_one(User, operator.id)
        seats.set_seat_state(operator, SeatState.FREE, at=clock())
        card = callbacks.promise(ticket, CallbackKind.RETURN_CALL, at=clock(), owner=operator)
    return operator, card, sign_in(operator)


def seat(operator):
    db.session.expire_all()
    return seats.seat_of(db.session.get_one(User, operator.id)).state


@pytest.mark.parametrize("what", ["ringing", "draft"])
def test_from_the_ring_to_its_outcome_the_seat_is_busy(ringing, clock, what):
    operator, card, browser = ringing
    if what == "ringing":
        assert f"/callbacks/{card.id}/ringing" in browser.get(f"/callbacks/{card.id}").text
        browser.post(f"/callbacks/{card.id}/ringing")
    else:
        browser.post(f"/drafts/callback:{card.id}", json={"outcome": "no_answer"})
    assert seat(operator) is SeatState.AFTER_CALL
    clock.advance(minutes=5)
    assert free_seats_after_writing_up() == 0

    version = card.ticket.version
    browser.post(f"/callbacks/{card.id}/attempt", data={"version": version, "outcome": "no_answer"})
    assert seat(operator) is SeatState.FREE


def test_a_card_that_nobody_touches_keeps_no_seat_for_ever(ringing, clock):
    operator, card, browser = ringing
    browser.post(f"/callbacks/{card.id}/ringing")
    clock.advance(minutes=11)

    assert free_seats_after_writing_up() == 1
    assert seat(operator) is SeatState.FREE

"""A click on a callback's due time says why it is due then."""

from datetime import UTC, datetime, timedelta

import pytest

from hotline.callbacks import attempts, promises, service
from hotline.callbacks.reckoning import why
from hotline.unit_of_work import unit_of_work
from models import Callback, CallbackEnd, CallbackKind, Ground, Outcome, Ticket, TicketStatus, db
from tests.stages import House, make_house, put


@pytest.fixture
def house(app, clock) -> House:
    return make_house()


@pytest.fixture
def owed(house, clock) -> Callback:
    put(house, TicketStatus.ANSWERED, clock())
    callback = db.session.scalars(db.select(Callback)).one()
    with unit_of_work():
        callback.owner_id = house["operator"].id
    return callback


def ring(callback: Callback, house: House, at: datetime, outcome: Outcome, **how) -> None:
    with unit_of_work():
        service.record_attempt(
            db.session.get_one(Callback, callback.id),
            outcome=outcome,
            actor=house["operator"],
            at=at,
            **how,
        )
    db.session.expire_all()


def page(client, callback: Callback, **headers) -> str:
    answer = client.get(f"/callbacks/{callback.id}/reckoning", headers=headers)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_a_limit_is_reckoned_in_working_days(owed, house, sign_in):
    client = sign_in(house["operator"])
    assert why(owed).ground is Ground.LIMIT
    assert "合计：1个工作日" in page(client, owed)
    fragment = page(client, owed, **{"HX-Request": "true"})
    assert "合计：1个工作日" in fragment
    assert "<html" not in fragment


def test_after_a_ring_in_vain_the_next_try_is_the_reason(owed, house, clock, sign_in):
    clock.set(datetime(2026, 11, 20, 2, tzinfo=UTC))
    ring(owed, house, clock(), Outcome.NO_ANSWER)
    assert why(owed).ground is Ground.NEXT_SLOT
    assert "已拨打1次" in page(sign_in(house["operator"]), owed)


def test_the_time_agreed_in_the_last_call_is_the_reason(owed, house, clock, sign_in):
    ring(owed, house, clock(), Outcome.LATER, later="in_1_hour")
    assert why(owed).ground is Ground.AGREED
    assert "约了其他时间" in page(sign_in(house["operator"]), owed)


def test_the_callers_own_time_beats_the_limit(owed, house, clock, sign_in):
    with unit_of_work():
        ticket = db.session.get_one(Ticket, owed.ticket_id)
        promises.settle(ticket, at=clock(), end=CallbackEnd.NOT_NEEDED)
        callback = promises.promise(ticket, CallbackKind.TELL, at=clock(), window="after_work")
    assert callback is not None
    assert why(callback).ground is Ground.WINDOW
    assert "下班后" in page(sign_in(house["operator"]), callback)


def test_a_limit_that_ends_before_the_morning_moves_into_the_contact_hours(owed, house, clock):
    night = datetime(2026, 11, 20, 16, tzinfo=UTC)  # midnight in Shanghai
    with unit_of_work():
        ticket = db.session.get_one(Ticket, owed.ticket_id)
        promises.settle(ticket, at=night, end=CallbackEnd.NOT_NEEDED)
        callback = promises.promise(
            ticket, CallbackKind.TELL, at=night, due_at=night + timedelta(hours=1)
        )
    assert callback is not None
    assert callback.due_at == attempts.contact_slot(night).end
    assert why(callback).ground is Ground.CONTACT_HOURS


def test_who_sees_the_ticket_may_ask_and_nobody_else(owed, house, sign_in):
    asked = {
        name: sign_in(house[name]).get(f"/callbacks/{owed.id}/reckoning").status_code
        for name in ("colleague", "supervisor", "reviewer", "handler", "stranger", "auditor")
    }
    seen = dict.fromkeys(("colleague", "supervisor", "reviewer", "handler"), 200)
    assert asked == seen | {"stranger": 404, "auditor": 403}

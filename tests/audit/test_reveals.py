"""A whole number is shown to who needs it, once, with a reason in the trail."""

import pytest
from sqlalchemy import select

from hotline.callbacks import service as callbacks
from hotline.callers import reveals
from hotline.callers.reveals import Reason
from hotline.handoffs import service as handoffs
from hotline.unit_of_work import unit_of_work
from models import (
    AuditEvent,
    Call,
    CallbackKind,
    CallState,
    Department,
    Direction,
    Role,
    Ticket,
    User,
    db,
)
from tests.makers import make_category, make_department, make_ticket, make_user

WHOLE, MASKED = "139 1234 5678", "139****5678"


@pytest.fixture
def house(clock, app):
    """An operator, a handler of the legal department, and a ticket of the operator."""

    class House:
        operator = make_user(Role.OPERATOR)
        legal = make_department("legal")
        handler = make_user(Role.HANDLER, department=legal)
        ticket = make_ticket(operator=operator, category=make_category(lead=legal))

    return House


def fresh(row):
    return db.session.get(type(row), row.id)


def hand_off_and_accept(house, at, **marks):
    with unit_of_work():
        ticket = fresh(house.ticket)
        for name, value in marks.items():
            setattr(ticket, name, value)
        handoffs.hand_off(
            ticket, db.session.get(Department, house.legal.id), actor=fresh(house.operator), at=at
        )
    with unit_of_work():
        handoffs.accept(fresh(house.ticket), actor=fresh(house.handler), at=at)


def reveal(client, house, **typed):
    return client.post(f"/tickets/{house.ticket.id}/reveal", data=typed)


def trail():
    found = select(AuditEvent).where(AuditEvent.kind == "reveal").order_by(AuditEvent.id)
    return [(event.actor_id, event.ticket_id, event.reason) for event in db.session.scalars(found)]


def test_without_a_task_a_reason_is_chosen_and_written_down(house, sign_in):
    client = sign_in(house.operator)
    page = client.get(f"/tickets/{house.ticket.id}/reveal").text
    assert MASKED in page
    assert WHOLE not in page

    refused = reveal(client, house)
    assert refused.status_code == 422
    assert 'id="reason-error"' in refused.text
    assert WHOLE not in refused.text
    assert reveal(client, house, reason="curiosity").status_code == 422
    assert reveal(client, house, reason="accepted").status_code == 422, "a task is not chosen"
    assert trail() == []

    shown = reveal(client, house, reason="check_number")
    assert WHOLE in shown.text
    assert trail() == [(house.operator.id, house.ticket.id, "check_number")]
    assert WHOLE not in client.get(f"/tickets/{house.ticket.id}/reveal").text


def test_an_own_live_call_is_reason_enough(house, sign_in, clock):
    with unit_of_work():
        ticket = fresh(house.ticket)
        call = Call(
            provider="simulator",
            call_ref="CA1",
            direction=Direction.INBOUND,
            ticket_id=ticket.id,
            caller_id=ticket.caller_id,
            state=CallState.TALKING,
            operator_id=house.operator.id,
            started_at=clock.time,
            heard_at=clock.time,
        )
        db.session.add(call)

    assert WHOLE in reveal(sign_in(house.operator), house).text
    assert trail()[0][2] == "live_call"
    colleague = make_user(Role.OPERATOR)
    assert reveal(sign_in(colleague), house).status_code == 422

    with unit_of_work():
        fresh(call).state = CallState.ENDED
    assert reveals.task_of(fresh(house.operator), fresh(house.ticket), at=clock.time) is None


def test_an_own_callback_is_reason_enough_once_it_may_be_made(house, clock):
    with unit_of_work():
        callback = callbacks.promise(
            fresh(house.ticket), CallbackKind.TELL, at=clock.time, owner=fresh(house.operator)
        )
        before = callback.not_before_at
    operator, ticket = fresh(house.operator), fresh(house.ticket)
    assert reveals.task_of(operator, ticket, at=before) is Reason.CALLBACK
    clock.set(before)
    clock.advance(seconds=-1)
    assert reveals.task_of(operator, ticket, at=clock.time) is None
    assert reveals.task_of(make_user(Role.OPERATOR), fresh(house.ticket), at=before) is None


def test_the_handler_of_an_accepted_ticket_needs_no_reason(house, sign_in, clock):
    hand_off_and_accept(house, clock.time)
    colleague = make_user(Role.HANDLER, department=house.legal)

    assert WHOLE in reveal(sign_in(house.handler), house).text
    assert trail()[0][2] == "accepted"
    assert reveal(sign_in(colleague), house).status_code == 422


def test_of_a_confidential_ticket_the_department_learns_no_number(house, sign_in, clock):
    hand_off_and_accept(house, clock.time, is_confidential=True, safe_summary="工地欠薪")
    client = sign_in(house.handler)

    assert reveal(client, house, reason="ring_back").status_code == 403
    page = client.get(f"/tickets/{house.ticket.id}/reveal")
    assert MASKED not in page.text
    assert trail() == []
    assert WHOLE in reveal(sign_in(house.operator), house, reason="ring_back").text


def test_missing_and_forbidden_look_alike(house, sign_in):
    other = make_user(Role.HANDLER, department=make_department("finance"))
    client = sign_in(other)
    forbidden = client.post(f"/tickets/{house.ticket.id}/reveal", data={"reason": "quality"})
    missing = client.post("/tickets/99999/reveal", data={"reason": "quality"})
    assert (forbidden.status_code, missing.status_code) == (404, 404)
    assert trail() == []


def test_a_fragment_is_asked_for_by_htmx(house, sign_in):
    client = sign_in(house.operator)
    path = f"/tickets/{house.ticket.id}/reveal"
    fragment = client.post(path, data={"reason": "quality"}, headers={"HX-Request": "true"}).text
    assert WHOLE in fragment
    assert "<html" not in fragment


def test_the_administrator_and_the_auditor_see_no_number(house, sign_in):
    for role in (Role.ADMINISTRATOR, Role.AUDITOR):
        answer = reveal(sign_in(make_user(role)), house, reason="authority")
        assert answer.status_code == 403
    assert db.session.get(Ticket, house.ticket.id).callback_number == "+8613912345678"
    assert isinstance(fresh(house.operator), User)

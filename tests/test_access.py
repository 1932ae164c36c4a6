"""Whom a ticket is about does not read it, whatever else that person does in the house."""

import pytest

from hotline import access
from hotline.callbacks import service as callbacks
from hotline.feedback import service as feedback
from hotline.unit_of_work import unit_of_work
from hotline.workspace import queries as workspace
from models import (
    CallbackKind,
    Feedback,
    Handoff,
    How,
    Role,
    Satisfaction,
    Ticket,
    TicketStatus,
    db,
)
from tests.makers import make_department, make_ticket, make_user
from tests.stages import call_of, make_house, put


@pytest.fixture
def legal(app, clock):
    return make_department("legal")


def about(ticket: Ticket, **whom: int) -> Ticket:
    with unit_of_work():
        for column, row_id in whom.items():
            setattr(ticket, column, row_id)
    return ticket


@pytest.mark.parametrize(
    "roles",
    [
        (Role.HANDLER, Role.OPERATOR),
        (Role.HEAD, Role.SUPERVISOR),
        (Role.HANDLER, Role.REVIEWER),
    ],
)
def test_who_takes_calls_too_reads_nothing_about_the_own_department(legal, roles, sign_in):
    ticket = about(make_ticket(), about_department_id=legal.id)
    both = make_user(*roles, department=legal)
    assert not access.can_see(both, ticket)
    assert sign_in(both).get(f"/tickets/{ticket.id}").status_code == 404
    assert access.can_see(make_user(*roles, department=make_department("women")), ticket)
    assert access.can_see(make_user(Role.OPERATOR, department=legal), ticket)


@pytest.mark.parametrize(
    "roles",
    [(Role.SUPERVISOR,), (Role.REVIEWER,), (Role.HEAD, Role.SUPERVISOR), (Role.OPERATOR,)],
)
def test_who_sees_all_sees_all_but_what_concerns_them(legal, roles):
    reader = make_user(*roles, department=legal)
    about(make_ticket(), about_user_id=reader.id)
    about(make_ticket(), about_department_id=legal.id)
    about(make_ticket(), about_user_id=make_user(Role.OPERATOR).id)
    make_ticket()
    assert access.sees_all(reader)
    hidden = set(db.session.scalars(access.hidden_from(reader)))
    seen = set(db.session.scalars(db.select(Ticket.id).where(access.visible(reader))))
    assert hidden | seen == set(db.session.scalars(db.select(Ticket.id)))
    assert not hidden & seen
    assert len(hidden) == (2 if Role.HEAD in roles else 1)


@pytest.mark.parametrize("desk", ["legal", "women", None])
@pytest.mark.parametrize("roles", [(role,) for role in Role] + [(Role.HEAD, Role.SUPERVISOR)])
def test_many_tickets_at_once_are_judged_as_each_alone(legal, roles, desk):
    women = make_department("women")
    reader = make_user(*roles, department={"legal": legal, "women": women}.get(desk))
    with unit_of_work():
        women.keeper_id = reader.id
    found = [
        about(make_ticket(), **whom)
        for whom in (
            {},
            {"about_user_id": reader.id},
            {"about_user_id": make_user(Role.OPERATOR).id},
            {"about_department_id": legal.id},
            {"about_department_id": women.id},
            {"desk_department_id": legal.id},
            {"desk_department_id": legal.id, "about_user_id": reader.id},
        )
    ]
    alone = {ticket.id for ticket in found if access.can_see(reader, ticket)}
    assert access.readable(reader, found) == alone


@pytest.mark.parametrize("roles", [(role,) for role in Role] + [(Role.HEAD, Role.SUPERVISOR)])
def test_what_went_to_ones_departments_is_judged_without_asking_whether_it_did(app, clock, roles):
    house = make_house()
    reader = make_user(*roles, department=house.legal)
    for number, status in enumerate(TicketStatus):
        whom = ({}, {"about_user_id": reader.id}, {"about_department_id": house.legal.id})
        about(put(house, status, clock(), phone=f"1391234{number}577"), **whom[number % 3])
    of_ours = db.select(Handoff.ticket_id).where(Handoff.department_id == house.legal.id)

    def ids(condition):
        found = db.select(Ticket.id).where(Ticket.id.in_(of_ours), condition)
        return set(db.session.scalars(found))

    assert ids(access.visible_of_own(reader)) == ids(access.visible(reader))
    assert ids(access.visible_of_own(house["head"]))


def test_a_callback_about_oneself_waits_for_others(app, clock):
    operator, colleague = make_user(Role.OPERATOR), make_user(Role.OPERATOR)
    ticket = about(make_ticket(), about_user_id=operator.id)
    with unit_of_work():
        promise = callbacks.promise(ticket, CallbackKind.RETURN_CALL, at=clock())
    in_vain = {
        user.id: [one.callback for one in workspace.work_of(user, at=clock()).missed.first]
        for user in (operator, colleague)
    }
    assert in_vain == {operator.id: [], colleague.id: [promise]}


def test_an_explanation_about_oneself_is_signed_by_others(app, clock):
    house = make_house()
    another = make_user(Role.SUPERVISOR)
    ticket = put(house, TicketStatus.ANSWERED, clock())
    about(ticket, about_user_id=house["supervisor"].id)
    with unit_of_work():
        row = Feedback(
            ticket_id=ticket.id,
            how=How.IN_CALL,
            call_id=call_of(ticket).id,
            told="依法只能如此",
            at=clock(),
            recorded_by_id=house["operator"].id,
            asked_by_id=house["operator"].id,
            satisfaction=Satisfaction.NOT_SATISFIED,
        )
        db.session.add(row)
    assert feedback.explanations_to_sign(house["supervisor"]) == []
    assert feedback.explanations_to_sign(another) == [row]

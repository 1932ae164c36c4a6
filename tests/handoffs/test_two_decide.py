"""Two people decide about more time at the same moment: the second sees what the first one did."""

import pytest

from hotline.errors import TransitionRefused
from hotline.handoffs import extension_jobs
from hotline.handoffs import service as handoffs
from hotline.handoffs.service import Answer
from hotline.tickets import queries
from hotline.unit_of_work import unit_of_work
from models import Callback, Extension, Handoff, Role, Ticket, User, db
from tests.handoffs.house import at, hand_off, make_house, speak
from tests.makers import make_user


@pytest.fixture
def house(app, clock):
    clock.set(at("2026-11-16 09:30"))
    house = make_house()
    speak(house.ticket)
    hand_off(house)
    with unit_of_work():
        handoffs.ask_extension(
            house.ticket,
            actor=house.handler,
            at=clock.time,
            until=at("2026-11-26 17:30"),
            reason="调取流水",
        )
    return house


def by(person_id, ticket_id, do):
    """Do it to the ticket as the page would: loaded through the eyes of who acts."""

    def act():
        actor = db.session.get_one(User, person_id)
        do(queries.get(ticket_id, viewer=actor), actor)

    return act


def test_of_two_supervisors_one_decides(both, house, clock):
    other, ticket = make_user(Role.SUPERVISOR).id, house.ticket.id
    supervisor, now = house.supervisor.id, clock.time

    def grants(one, actor):
        handoffs.grant_extension(one, actor=actor, at=now)

    def refuses(one, actor):
        handoffs.refuse_extension(one, actor=actor, at=now, reason="来得及")

    refusal = both(by(supervisor, ticket, grants), by(other, ticket, refuses))
    assert isinstance(refusal, TransitionRefused)
    asked = db.session.scalars(db.select(Extension)).one()
    assert (asked.is_granted, asked.decided_by_id) == (True, supervisor)
    assert len(db.session.scalars(db.select(Callback)).all()) == 1


def test_what_is_answered_meanwhile_gets_no_more_time(both, house, clock):
    handler, supervisor, ticket, now = (
        house.handler.id, house.supervisor.id, house.ticket.id, clock.time,
    )  # fmt: skip

    def answers(one, actor):
        said = Answer(is_solved=True, report="已约谈企业", words="工资已补发")
        handoffs.answer(one, said, actor=actor, at=now)

    def grants(one, actor):
        handoffs.grant_extension(one, actor=actor, at=now)

    refusal = both(by(handler, ticket, answers), by(supervisor, ticket, grants))
    assert isinstance(refusal, TransitionRefused)
    assert db.session.scalars(db.select(Handoff)).one().handle_due_at == at("2026-11-23 17:30")
    assert db.session.scalars(db.select(Extension)).one().decided_at is None


def test_the_department_asks_once_even_twice_at_once(both, app, clock):
    clock.set(at("2026-11-16 09:30"))
    house = make_house()
    hand_off(house)
    ticket, now = house.ticket.id, clock.time

    def asks(one, actor):
        handoffs.ask_extension(
            one, actor=actor, at=now, until=at("2026-11-26 17:30"), reason="调取流水"
        )

    refusal = both(by(house.handler.id, ticket, asks), by(house.head.id, ticket, asks))
    assert isinstance(refusal, TransitionRefused)
    assert len(db.session.scalars(db.select(Extension)).all()) == 1


def test_two_sweeps_tell_of_it_once(house, clock):
    clock.set(at("2026-11-16 11:31"))
    swept = [extension_jobs.remind_to_decide_extensions() for _ in range(2)]
    assert swept == [1, 0]
    assert db.session.get_one(Ticket, house.ticket.id).promised_at == at("2026-11-23 17:30")

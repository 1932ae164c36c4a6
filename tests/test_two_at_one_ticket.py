"""Two people have the same ticket or callback in hand: the second sees what the first one did.

Without that both would succeed on PostgreSQL, and one caller be rung twice or never.
"""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from hotline import turns
from hotline.callbacks import queries as callbacks_seen
from hotline.callbacks import service as callbacks
from hotline.errors import Stale, TransitionRefused
from hotline.feedback import service as feedback
from hotline.handoffs import service as handoffs
from hotline.tickets import linking, queries
from hotline.tickets import service as tickets
from hotline.unit_of_work import unit_of_work
from models import (
    Callback,
    CallbackAttempt,
    CallbackKind,
    Outcome,
    Resolution,
    Ticket,
    TicketStatus,
    User,
    db,
)
from tests.at_once import act, app_of, passed
from tests.makers import make_ticket
from tests.stages import call_of, make_house, put

S = TicketStatus


@pytest.fixture
def house(app, clock):
    return make_house()


@pytest.fixture
def people(house):
    """The ids of the people of the house, for connections of their own."""
    return {name: user.id for name, user in house.people.items()}


def user(row_id):
    return db.session.get_one(User, row_id)


def status_of(ticket_id):
    return db.session.get_one(Ticket, ticket_id).status


def pair(house):
    """Two open tickets of one caller: id and number of each."""
    made = [make_ticket(operator=house["operator"], category=house.wages) for _ in range(2)]
    return [(ticket.id, ticket.number) for ticket in made]


@pytest.mark.parametrize("by_form", [True, False])
def test_two_tickets_do_not_end_in_each_other(both, house, people, clock, by_form):
    one, other = pair(house)

    def merges(here, there):
        def merge():
            actor = user(people["operator"])
            if by_form:
                ticket = queries.get(here[0], viewer=actor, beside=there[1])
            else:
                ticket = db.session.get_one(Ticket, here[0])
            into = queries.named(there[1], viewer=actor, field="into")
            feedback.merge(ticket, into, actor=actor, at=clock())

        return merge

    refusal = both(merges(one, other), merges(other, one))
    assert isinstance(refusal, TransitionRefused)
    assert refusal.field == "into"
    assert (status_of(one[0]), status_of(other[0])) == (S.CLOSED, S.OPEN)


def test_two_tickets_linked_crosswise_are_one_matter(both, house, people, clock):
    one = make_ticket(operator=house["operator"], category=house.wages)
    other = make_ticket(operator=house["operator"], category=house.wages, phone="13900000002")
    here, there = one.id, other.id

    def links(first, second):
        def link():
            pair = (db.session.get_one(Ticket, row_id) for row_id in (first, second))
            linking.link(*pair, actor=user(people["operator"]), at=clock())

        return link

    assert both(links(here, there), links(there, here)) is None
    found = [db.session.get_one(Ticket, row_id).collective_id for row_id in (here, there)]
    assert found[0] is not None
    assert found[0] == found[1]


@pytest.fixture
def owed(house, clock):
    ticket = make_ticket(operator=house["operator"], category=house.wages)
    with unit_of_work():
        return callbacks.promise(ticket, CallbackKind.RETURN_CALL, at=clock()).id


def test_a_caller_is_rung_by_one_of_us(both, house, people, owed, clock):
    def claims(name):
        def claim():
            actor = user(people[name])
            callback = callbacks_seen.get(owed, viewer=actor)
            callbacks.claim(callback, actor=actor, at=clock())

        return claim

    assert isinstance(both(claims("operator"), claims("colleague")), TransitionRefused)
    assert db.session.get_one(Callback, owed).owner_id == people["operator"]


def test_a_caller_who_was_reached_is_not_rung_again(both, house, people, owed, clock):
    def rings(name, outcome):
        def ring():
            actor = user(people[name])
            callback = callbacks_seen.get(owed, viewer=actor)
            callbacks.record_attempt(callback, outcome, actor=actor, at=clock())

        return ring

    refusal = both(rings("operator", Outcome.REACHED), rings("colleague", Outcome.NO_ANSWER))
    assert isinstance(refusal, TransitionRefused)
    assert db.session.scalar(db.select(db.func.count(CallbackAttempt.id))) == 1


def test_a_callback_that_went_to_another_ticket_is_looked_at_anew(both, house, people, owed, clock):
    here = db.session.get_one(Callback, owed).ticket_id
    there = make_ticket(operator=house["operator"], category=house.wages).id

    def merges():
        pair = (db.session.get_one(Ticket, row_id) for row_id in (here, there))
        feedback.merge(*pair, actor=user(people["operator"]), at=clock())

    def claims():
        actor = user(people["colleague"])
        callbacks.claim(callbacks_seen.get(owed, viewer=actor), actor=actor, at=clock())

    assert isinstance(both(merges, claims), Stale)
    assert db.session.get_one(Callback, owed).ticket_id == there


def test_what_is_closed_is_not_worked_on_again(both, house, people, clock):
    ticket_id = put(house, S.ANSWERED, clock()).id

    def sends_back():
        actor = user(people["supervisor"])
        ticket = queries.get(ticket_id, viewer=actor)
        handoffs.rework(ticket, actor=actor, at=clock(), reason="没有说清楚")

    def closes():
        actor = user(people["operator"])
        ticket = queries.get(ticket_id, viewer=actor)
        proof = call_of(ticket)
        how = {"told": "已答复", "resolution": Resolution.SOLVED}
        feedback.close_in_call(ticket, proof, actor=actor, at=clock(), **how)

    assert isinstance(both(closes, sends_back), TransitionRefused)
    assert status_of(ticket_id) is S.CLOSED


def test_a_ticket_is_taken_out_of_the_pool_once(both, house, people, clock):
    ticket_id = make_ticket().id

    def takes(name):
        def take():
            actor = user(people[name])
            ticket = queries.get(ticket_id, viewer=actor)
            tickets.claim(ticket, actor=actor, at=clock())

        return take

    assert isinstance(both(takes("operator"), takes("colleague")), TransitionRefused)
    assert db.session.get_one(Ticket, ticket_id).owner_id == people["operator"]


def test_of_two_who_wait_for_each_other_one_hears_that_somebody_was_faster(app, engine_name):
    if engine_name != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    both_have_one = threading.Barrier(2)

    def takes(first, second):
        def take():
            turns.take(first)
            both_have_one.wait(timeout=30)
            turns.take(second)

        return take

    with ThreadPoolExecutor(2) as hands:
        asked = [
            hands.submit(act, app_of(), what, threading.Event(), passed())
            for what in (takes("left", "right"), takes("right", "left"))
        ]
        answers = [one.result(timeout=60) for one in asked]
    assert sorted(type(answer) for answer in answers if answer) == [Stale]

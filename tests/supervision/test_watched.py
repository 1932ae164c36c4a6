"""The list of supervised tickets: in the order of what is due next, with who did the last word."""

import pytest

from hotline.callbacks import service as callbacks
from hotline.feedback import service as feedback
from hotline.handoffs import jobs
from hotline.handoffs import service as handoffs
from hotline.supervision import watched
from hotline.tickets import supervision
from hotline.unit_of_work import unit_of_work
from models import CallbackKind, Outcome, Resolution, Urgency
from tests.handoffs.house import at, make_house, set_ticket
from tests.makers import make_conversation, make_ticket


@pytest.fixture
def house(app, clock):
    return make_house()  # Monday 09:30


def watch(house, clock, **fields):
    """A ticket under supervision."""
    ticket = make_ticket(operator=house.operator, category=house.ticket.category)
    with unit_of_work():
        supervision.supervise(ticket, actor=house.supervisor, at=clock.time, reason="盯住它")
    set_ticket(ticket, **fields)
    return ticket


def hand_off(house, clock, ticket):
    with unit_of_work():
        handoffs.hand_off(ticket, house.legal, actor=house.operator, at=clock.time)


def accept(house, clock, ticket):
    hand_off(house, clock, ticket)
    with unit_of_work():
        handoffs.accept(ticket, actor=house.handler, at=clock.time)


def recall(house, clock, ticket):
    with unit_of_work():
        handoffs.recall(ticket, actor=house.operator, at=clock.time, reason="转错部门")


def promise(house, clock, ticket, due, kind=CallbackKind.TELL):
    with unit_of_work():
        return callbacks.promise(ticket, kind, at=clock.time, owner=house.operator, due_at=at(due))


def keep(house, clock, callback):
    with unit_of_work():
        callbacks.record_attempt(callback, Outcome.REACHED, actor=house.operator, at=clock.time)


def assist(house, clock, ticket):
    with unit_of_work():
        return handoffs.ask_assist(
            ticket, house.women, actor=house.operator, at=clock.time, note="请核实"
        )


def rows(house):
    return watched.supervised(house.supervisor).rows


def test_neither_what_is_closed_nor_what_is_about_the_reader_is_listed(house, clock):
    shown = watch(house, clock)
    watch(house, clock, about_user_id=house.supervisor.id)
    over = watch(house, clock)
    call = make_conversation(over, house.operator)
    with unit_of_work():
        feedback.close_in_call(
            over, call, actor=house.operator, at=clock.time, told="已告知",
            resolution=Resolution.ANSWERED_DIRECTLY,
        )  # fmt: skip
    assert [row.ticket.id for row in rows(house)] == [shown.id]


def test_the_nearest_of_what_runs_decides_and_what_stands_still_comes_last(house, clock):
    waits = watch(house, clock, urgency=Urgency.URGENT)
    accept(house, clock, waits)
    with unit_of_work():
        handoffs.wait(
            waits,
            actor=house.handler,
            at=clock.time,
            what="工资条",
            until=at("2026-11-18 17:30"),
            has_told=True,
        )
    was_taken_back = watch(house, clock)
    hand_off(house, clock, was_taken_back)
    recall(house, clock, was_taken_back)
    was_rung = watch(house, clock)
    keep(house, clock, promise(house, clock, was_rung, "2026-11-16 10:00"))

    by_monday = watch(house, clock)
    accept(house, clock, by_monday)
    helper = assist(house, clock, by_monday)
    with unit_of_work():
        helper.due_at = at("2026-11-16 10:00")
    by_tuesday_evening = watch(house, clock, urgency=Urgency.URGENT)
    accept(house, clock, by_tuesday_evening)
    promise(house, clock, by_tuesday_evening, "2026-11-20 10:00")
    rung_on_tuesday_morning = watch(house, clock)
    accept(house, clock, rung_on_tuesday_morning)
    promise(house, clock, rung_on_tuesday_morning, "2026-11-17 10:00")

    order = [rung_on_tuesday_morning, by_tuesday_evening, by_monday]
    order += [waits, was_taken_back, was_rung]
    assert [row.ticket.id for row in rows(house)] == [one.id for one in order]


def test_it_shows_who_leads_the_next_ring_and_the_last_word_of_a_person(house, clock):
    ticket = watch(house, clock)
    keep(house, clock, promise(house, clock, ticket, "2026-11-16 10:00"))
    promise(house, clock, ticket, "2026-11-20 10:00")
    safety = promise(house, clock, ticket, "2026-11-16 11:00", CallbackKind.SAFETY)
    hand_off(house, clock, ticket)
    assist(house, clock, ticket)
    clock.set(at("2026-11-16 11:31"))
    jobs.remind_departments_to_accept()  # nobody's word
    (row,) = rows(house)
    assert row.handoff.department_id == house.legal.id
    assert row.callback.id == safety.id
    assert (row.last_word.kind, row.last_word.actor_id) == ("ask_assist", house.operator.id)


def test_what_came_back_is_with_no_department(house, clock):
    ticket = watch(house, clock)
    hand_off(house, clock, ticket)
    recall(house, clock, ticket)
    (row,) = rows(house)
    assert (row.handoff, row.callback) == (None, None)

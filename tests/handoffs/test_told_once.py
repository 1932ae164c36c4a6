"""What is told of a limit: to each once, by name in the story, urgent when it is over."""

import pytest
from sqlalchemy import select

from hotline.handoffs import jobs, reminders
from hotline.handoffs import service as handoffs
from hotline.unit_of_work import unit_of_work
from models import Handoff, Notification, ReturnReason, Role, TicketEvent, Urgency, db
from tests.handoffs.house import accept, answer, at, hand_off, make_house, set_ticket, wait
from tests.makers import make_user

SWEEPS = (
    jobs.remind_departments_to_accept,
    jobs.remind_departments_to_answer,
    jobs.remind_to_decide_returns,
)


@pytest.fixture
def house(app, clock):
    house = make_house()
    hand_off(house)  # Monday 09:30: sign by 11:30, answer by next Monday 17:30
    return house


def story():
    """Each stage that was told, and the ids of who heard."""
    found = select(TicketEvent).where(TicketEvent.kind.startswith("remind_"))
    events = db.session.scalars(found.order_by(TicketEvent.id))
    return [(event.kind.removeprefix("remind_"), event.data["told"]) for event in events]


def urgent():
    found = select(Notification).where(Notification.dedupe_key.startswith("remind_"))
    return {one.dedupe_key.split(":")[0]: one.is_urgent for one in db.session.scalars(found)}


def ask_return(house, clock):
    with unit_of_work():
        handoffs.ask_return(
            house.ticket,
            actor=house.handler,
            at=clock.time,
            reason=ReturnReason.NOT_OUR_DUTY,
            basis="三定方案",
        )


def test_where_nobody_is_left_to_hear_it_is_written_down_once(house, clock):
    ask_return(house, clock)
    with unit_of_work():
        for person in (house.handler, house.head, house.supervisor, house.operator):
            person.is_active = False
    clock.set(at("2026-11-16 11:31"))
    for _ in range(3):
        for sweep in SWEEPS:
            sweep()
    clock.set(at("2026-11-24 09:00"))
    for _ in range(3):
        for sweep in SWEEPS:
            sweep()
    assert story() == [("accept_overdue", []), ("return_overdue", []), ("answer_overdue", [])]


def test_the_same_limit_again_is_told_to_who_came_since_alone(house, clock):
    accept(house)
    clock.set(at("2026-11-20 16:00"))
    assert jobs.remind_departments_to_answer() == 1
    for change in (Urgency.CRITICAL, Urgency.NORMAL):  # and back to where it was
        before = house.ticket.urgency
        with unit_of_work():
            house.ticket.urgency = change
            handoffs.follow_urgency(house.ticket, before, at=clock.time)
    assert jobs.remind_departments_to_answer() == 0
    assert story() == [("answer_soon", [house.handler.id])]

    clock.set(at("2026-11-24 08:30"))
    assert jobs.remind_departments_to_answer() == 1
    head = make_user(Role.HEAD, department=house.legal)
    with unit_of_work():
        db.session.scalars(select(Handoff)).one().handle_reminded_at = None
    assert jobs.remind_departments_to_answer() == 1
    assert story()[-1] == ("answer_overdue", [head.id])


def test_a_warning_can_wait_and_what_is_over_cannot(house, clock):
    for minute in ("11:00", "11:30"):
        clock.set(at(f"2026-11-16 {minute}"))
        jobs.remind_departments_to_accept()
    assert urgent() == {"remind_accept_soon": False, "remind_accept_overdue": True}


def test_of_a_critical_matter_not_even_the_warning(app, clock):
    house = make_house()
    set_ticket(house.ticket, urgency=Urgency.CRITICAL)
    hand_off(house)
    clock.set(at("2026-11-16 11:00"))
    jobs.remind_departments_to_answer()
    assert urgent() == {"remind_answer_soon": True}


def answered(house):
    answer(house)


def put_aside(house):
    accept(house)
    wait(house, until=at("2026-11-20 17:30"))


@pytest.mark.parametrize("happens", [answered, put_aside])
def test_what_happened_since_the_sweep_looked_is_seen(house, clock, happens):
    happens(house)
    handoff = db.session.scalars(select(Handoff)).one()
    with unit_of_work():
        assert not reminders.remind_to_answer(handoff, at=at("2026-11-24 09:00"))
    assert story() == []

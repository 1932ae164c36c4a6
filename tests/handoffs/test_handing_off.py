"""What the operator cannot answer goes to a department, and the caller is told who has it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from hotline import clock
from hotline.errors import Forbidden, Invalid, TransitionRefused
from hotline.handoffs import queries
from hotline.handoffs import service as handoffs
from hotline.handoffs.queries import Tab
from hotline.unit_of_work import unit_of_work
from models import (
    DepartmentKind,
    HandoffEnd,
    Level,
    LiveUpdate,
    Notification,
    Role,
    TicketStatus,
    Urgency,
    db,
)
from tests.handoffs.house import accept, at, hand_off, make_house, set_ticket, speak
from tests.makers import make_category, make_department, make_user


@pytest.fixture
def house(app, clock):
    return make_house()


def test_the_department_has_it_and_the_caller_is_told_by_when(house, clock):
    clock.set(at("2026-11-20 11:00"))  # a Friday
    speak(house.ticket)

    handoff = hand_off(house, note="请核实欠薪月份")

    ticket = house.ticket
    assert (ticket.status, ticket.department_id, ticket.owner_id) == (
        TicketStatus.QUEUED,
        house.legal.id,
        None,
    )
    assert handoff.sentence == (
        f"您的事已转权益保障部，最迟11月27日（周五）下班前答复您，查询码{ticket.query_code}。"
    )
    assert handoff.accept_due_at == at("2026-11-20 14:30")  # two working hours, lunch between
    assert handoff.handle_due_at == at("2026-11-27 17:30") == ticket.promised_at
    assert handoff.due_at == handoff.accept_due_at


def test_everybody_of_the_department_hears_of_it(house):
    hand_off(house)

    heard = db.session.scalars(select(Notification.user_id)).all()
    assert set(heard) == {house.handler.id, house.head.id}
    audiences = db.session.scalars(select(LiveUpdate.audience).where(LiveUpdate.kind == "queue"))
    assert f"department:{house.legal.id}" in set(audiences)


def test_a_critical_matter_runs_by_the_wall_clock(house, clock):
    clock.set(at("2026-11-21 22:00"))  # a Saturday night
    set_ticket(house.ticket, urgency=Urgency.CRITICAL)

    handoff = hand_off(house)

    assert handoff.due_at == at("2026-11-22 00:00")
    assert "最迟11月22日（周日）00:00前答复您" in handoff.sentence


def test_once_accepted_the_limit_to_answer_is_the_one_that_counts(house, clock):
    handoff = hand_off(house)
    assert handoff.due_at == handoff.accept_due_at == at("2026-11-16 11:30")
    clock.advance(hours=1)
    accept(house)
    assert handoff.due_at == handoff.handle_due_at == at("2026-11-23 17:30")
    clock.advance(hours=3)
    assert queries.overdue(house.supervisor, clock.time).handoffs == []


def test_a_caller_without_a_number_is_asked_to_ring_again(app, clock):
    house = make_house(phone="anonymous")

    handoff = hand_off(house)

    assert handoff.sentence.endswith(f"届时请来电报查询码{house.ticket.query_code}。")


def test_the_department_it_is_about_neither_gets_nor_sees_it(house):
    set_ticket(house.ticket, about_department_id=house.legal.id)

    with pytest.raises(Invalid, match="about this department"):
        hand_off(house)

    assert queries.queue_of(house.handler).handoffs == []
    assert house.ticket.status is TicketStatus.OPEN


def test_an_outside_body_needs_the_callers_consent_and_a_keeper(house):
    bureau = make_department("labour", kind=DepartmentKind.EXTERNAL)
    with pytest.raises(Invalid, match="consent"):
        handoffs.check_department(house.ticket, bureau)
    set_ticket(house.ticket, consent_to_pass_at=clock.now())
    with pytest.raises(Invalid, match="keeper"):
        handoffs.check_department(house.ticket, bureau)


def test_a_unit_without_users_is_kept_by_somebody_of_ours(house):
    street = make_department("street", keeper_id=house.head.id)

    with unit_of_work():
        handoffs.hand_off(house.ticket, street, actor=house.operator, at=clock.now())

    (waiting,) = queries.queue_of(house.head).handoffs
    assert waiting.department_id == street.id
    assert queries.queue_of(house.handler).handoffs == []
    accept(house, by=house.head)
    assert house.ticket.owner_id == house.head.id


def test_a_keeper_whom_the_ticket_is_about_does_not_get_it(house):
    street = make_department("street", keeper_id=house.head.id)
    set_ticket(house.ticket, about_user_id=house.head.id)

    with pytest.raises(Invalid, match="acts for this department"):
        handoffs.check_department(house.ticket, street)


def test_more_time_than_ordinary_is_granted_by_a_supervisor(house):
    with pytest.raises(Invalid) as refused:
        hand_off(house, level=Level.DIFFICULT)
    assert refused.value.field == "level"
    db.session.rollback()

    with unit_of_work():
        handoff = handoffs.hand_off(
            house.ticket,
            house.legal,
            actor=house.supervisor,
            at=clock.now(),
            level=Level.DIFFICULT,
        )
    assert handoff.handle_due_at == at("2026-12-07 17:30")  # fifteen working days


def test_a_category_may_be_difficult_by_itself(house):
    hard = make_category("injury", level=Level.DIFFICULT)
    set_ticket(house.ticket, category=hard, level=Level.DIFFICULT)

    assert hand_off(house).handle_due_at == at("2026-12-07 17:30")


def test_a_handler_of_another_department_may_not_hand_off(house):
    with pytest.raises(Forbidden), unit_of_work():
        handoffs.hand_off(house.ticket, house.legal, actor=house.handler, at=clock.now())


def test_taken_back_it_is_the_hotlines_again(house, clock):
    handoff = hand_off(house)
    clock.advance(hours=1)

    with unit_of_work():
        handoffs.recall(house.ticket, actor=house.operator, at=clock.time, reason="打错了科室")

    assert (house.ticket.status, house.ticket.department_id) == (TicketStatus.OPEN, None)
    assert house.ticket.owner_id == house.operator.id
    assert (handoff.end, handoff.ended_at) == (HandoffEnd.RECALLED, clock.time)
    assert queries.queue_of(house.handler).handoffs == []
    (earlier,) = queries.queue_of(house.handler, Tab.EARLIER).handoffs
    assert earlier.id == handoff.id


def test_the_third_hand_over_raises_it_to_a_supervisor_by_itself(house, clock):
    for turn in range(3):
        assert house.ticket.is_supervised is False, turn
        hand_off(house)
        if turn < 2:
            with unit_of_work():
                handoffs.recall(house.ticket, actor=house.operator, at=clock.time, reason="错")

    assert house.ticket.is_supervised is True
    assert "raise" in [event.kind for event in house.ticket.events]


def test_nothing_is_handed_off_twice(house):
    hand_off(house)
    with pytest.raises(TransitionRefused):
        hand_off(house)


def test_a_disabled_handler_does_not_count_as_staff(house):
    empty = make_department("empty")
    make_user(Role.HANDLER, department=empty, is_active=False)
    with pytest.raises(Invalid, match="keeper"):
        handoffs.check_department(house.ticket, empty)


def test_the_most_urgent_comes_first_and_pages_go_on_where_the_last_one_ended(house, clock):
    from tests.makers import make_ticket

    made = []
    for number in range(queries.PAGE + 3):
        ticket = make_ticket(phone=f"139{number:08d}")
        with unit_of_work():
            made.append(
                handoffs.hand_off(
                    ticket,
                    house.legal,
                    actor=house.operator,
                    at=clock.time - timedelta(minutes=number % 7),
                )
            )

    first = queries.queue_of(house.handler)
    second = queries.queue_of(house.handler, after=first.after)

    seen = [handoff.id for handoff in first.handoffs + second.handoffs]
    assert seen == [h.id for h in sorted(made, key=lambda h: (h.due_at, h.id))]
    assert second.after == ""
    assert [h.id for h in queries.queue_of(house.handler, after="nonsense").handoffs] == seen[:30]

"""Under supervision by hand or by itself, each ticket for a reason that the list tells."""

import pytest
from sqlalchemy import select

from hotline.callbacks import emergency
from hotline.errors import TransitionRefused
from hotline.feedback import service as feedback
from hotline.feedback.service import Verdict
from hotline.handoffs import service as handoffs
from hotline.sla import policies
from hotline.tickets import supervision
from hotline.unit_of_work import unit_of_work
from models import LiveUpdate, Notification, Role, Satisfaction, TicketEvent, UserRole, db
from tests.handoffs.house import accept, answer, at, hand_off, make_house
from tests.makers import make_conversation, make_ticket, make_user

UNHAPPY = Verdict(satisfaction=Satisfaction.NOT_SATISFIED, dissatisfaction="还是没发")


@pytest.fixture
def house(app, clock):
    return make_house()


def heard(person, kind="supervised"):
    found = select(Notification.text).where(
        Notification.user_id == person.id, Notification.dedupe_key.startswith(f"{kind}:")
    )
    return list(db.session.scalars(found))


def reasons(ticket):
    return [event.data.get("because") for event in supervision.reasons_of([ticket.id])[ticket.id]]


def hand_over(house, times):
    for _ in range(times):
        hand_off(house)
        with unit_of_work():
            handoffs.recall(
                house.ticket, actor=house.operator, at=at("2026-11-16 10:00"), reason="换"
            )


def be_unhappy(house, clock):
    clock.advance(minutes=5)
    call = make_conversation(house.ticket, house.operator)
    with unit_of_work():
        feedback.explain(
            house.ticket, call, actor=house.operator, at=clock(), told="已告知", verdict=UNHAPPY
        )


def test_the_third_hand_over_is_told_once(house):
    hand_over(house, 2)
    assert (house.ticket.is_supervised, heard(house.supervisor)) == (False, [])
    hand_over(house, 2)
    assert house.ticket.is_supervised
    assert heard(house.supervisor) == [supervision.BECAUSE["handoffs"]]
    assert reasons(house.ticket) == ["handoffs"]


def test_the_second_not_satisfied_is_told(house, clock):
    hand_off(house)
    answer(house)
    be_unhappy(house, clock)
    assert (house.ticket.dissatisfied_count, house.ticket.is_supervised) == (1, False)

    with unit_of_work():
        handoffs.rework(house.ticket, actor=house.operator, at=clock(), reason="还是没发")
    answer(house)
    be_unhappy(house, clock)
    assert house.ticket.is_supervised
    assert heard(house.supervisor) == [supervision.BECAUSE["not_satisfied"]]


def test_how_often_is_a_policy(house, clock):
    boss = make_user(Role.ADMINISTRATOR)
    with unit_of_work():
        policies.set_value("supervised_after_dissatisfied", 1, actor=boss, at=clock())
    hand_off(house)
    answer(house)
    be_unhappy(house, clock)
    assert house.ticket.is_supervised


def test_a_further_reason_is_written_down_and_told_to_nobody(house, clock):
    with unit_of_work():
        emergency.raise_alarm(house.ticket, actor=house.operator, at=clock())
    told = len(heard(house.supervisor))
    hand_over(house, 4)
    assert reasons(house.ticket) == ["emergency", "handoffs"]
    assert len(heard(house.supervisor)) == told


def test_who_was_called_to_the_emergency_is_not_told_of_the_supervision(house, clock):
    with unit_of_work():
        emergency.raise_alarm(house.ticket, actor=house.operator, at=clock())
    assert heard(house.supervisor) == []
    assert len(heard(house.supervisor, "emergency")) == 1
    assert house.ticket.is_supervised


def test_by_hand_the_department_and_the_other_supervisors_hear(house, clock):
    other = make_user(Role.SUPERVISOR)
    hand_off(house)
    accept(house)
    with unit_of_work():
        handoffs.supervise(house.ticket, actor=house.supervisor, at=clock(), reason="媒体关注")
    assert heard(other) == [supervision.BY_HAND]
    assert heard(house.supervisor) == []
    for person in (house.handler, house.head):
        assert len(heard(person, "ticket_supervised")) == 1
    with pytest.raises(TransitionRefused), unit_of_work():
        handoffs.supervise(house.ticket, actor=other, at=clock(), reason="再来一次")


def test_the_department_hears_each_time_it_begins_and_ends_but_not_of_its_own_act(house, clock):
    with unit_of_work():  # a small union: the supervisor works in the department, too
        house.supervisor.department_id = house.legal.id
        house.supervisor.role_rows.append(UserRole(role=Role.HEAD))
    hand_off(house)
    for reason in ("媒体关注", "再次关注"):
        with unit_of_work():
            handoffs.supervise(house.ticket, actor=house.supervisor, at=clock(), reason=reason)
        clock.advance(minutes=1)
        with unit_of_work():
            handoffs.lift(house.ticket, actor=house.supervisor, at=clock(), reason="已理顺")
        clock.advance(minutes=1)
    begun, over = "Supervised by the hotline now", "No longer supervised"
    told = [text.split(":")[0] for text in heard(house.handler, "ticket_supervised")]
    assert told == [begun, over] * 2
    assert heard(house.supervisor, "ticket_supervised") == []


def test_lifted_with_a_reason_and_set_again_by_the_next_hand_over(house, clock):
    hand_over(house, 3)
    with pytest.raises(TransitionRefused), unit_of_work():
        handoffs.lift(house.ticket, actor=house.supervisor, at=clock(), reason=" ")
    with unit_of_work():
        db.session.execute(db.delete(LiveUpdate))
        handoffs.lift(house.ticket, actor=house.supervisor, at=clock(), reason="已理顺")
    told = select(LiveUpdate.data).where(LiveUpdate.audience == "supervisors")
    assert {"ticket": house.ticket.id} in db.session.scalars(told).all()  # their lists follow
    assert (house.ticket.is_supervised, reasons(house.ticket)) == (False, [])
    event = db.session.scalar(select(TicketEvent).where(TicketEvent.kind == "lift"))
    assert (event.actor_id, event.reason) == (house.supervisor.id, "已理顺")

    hand_over(house, 1)
    assert house.ticket.is_supervised
    assert len(heard(house.supervisor)) == 2


def test_whom_the_ticket_is_about_hears_nothing(house, clock):
    with unit_of_work():
        house.ticket.about_user_id = house.supervisor.id
    hand_over(house, 3)
    assert house.ticket.is_supervised
    assert heard(house.supervisor) == []


def test_the_list_is_in_the_order_of_what_is_due_next(house, clock, sign_in):
    late, soon = house.ticket, make_ticket(operator=house.operator, phone="13900000002")
    hand_off(house)
    accept(house)
    for ticket in (late, soon):
        with unit_of_work():
            supervision.supervise(ticket, actor=house.supervisor, at=clock(), reason="盯住它")
    with unit_of_work():
        handoffs.hand_off(soon, house.women, actor=house.operator, at=clock())

    browser = sign_in(house.supervisor)
    page = browser.get("/supervised").text
    assert page.index(soon.number) < page.index(late.number)
    assert page.count("盯住它") == 2
    assert house.supervisor.display_name in page

    token = {"version": late.version, "reason": "办完了", "back": "supervised"}
    answered = browser.post(f"/tickets/{late.id}/lift", data=token)
    assert answered.location == "/supervised"
    assert late.number not in browser.get("/supervised").text


def test_a_long_list_goes_on_where_it_ended(house, clock, monkeypatch):
    from hotline.supervision import watched

    monkeypatch.setattr(watched, "PAGE", 2)
    tickets = [make_ticket(operator=house.operator, phone=f"1390000010{n}") for n in range(5)]
    for ticket in tickets:
        with unit_of_work():
            supervision.supervise(ticket, actor=house.supervisor, at=clock(), reason="盯住它")
    seen, after = [], ""
    for _ in range(4):
        page = watched.supervised(house.supervisor, after)
        seen += [row.ticket.id for row in page.rows]
        after = page.after
        if not after:
            break
    assert seen == [ticket.id for ticket in tickets]

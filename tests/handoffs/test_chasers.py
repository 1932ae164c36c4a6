"""Chasers: counted, with who, when, which words and to whom; the head hears of the second."""

from datetime import date

import pytest
from sqlalchemy import select

from hotline.errors import TransitionRefused
from hotline.handoffs import service as handoffs
from hotline.handoffs.pressing import ASKED_AGAIN, CHASED
from hotline.unit_of_work import unit_of_work
from models import Notification, Role, TicketEvent, TicketStatus, UserRole, db
from tests.handoffs.house import accept, answer, hand_off, make_house
from tests.makers import make_ticket


@pytest.fixture
def house(app, clock):
    house = make_house()
    hand_off(house)
    accept(house)
    return house


def chase(house, clock, words=""):
    with unit_of_work():
        handoffs.chase(house.ticket, actor=house.operator, at=clock(), words=words)


def heard(person):
    found = select(Notification.params).where(
        Notification.user_id == person.id, Notification.dedupe_key.startswith("ticket_chased:")
    )
    return [params["count"] for params in db.session.scalars(found.order_by(Notification.id))]


def chasers(house):
    found = select(TicketEvent).where(TicketEvent.kind == "chase").order_by(TicketEvent.id)
    return list(db.session.scalars(found))


def test_each_is_kept_with_its_words_and_whom_it_reached(house, clock):
    chase(house, clock, "工人明天要去信访")
    (event,) = chasers(house)
    assert (event.actor_id, event.at, event.reason) == (
        house.operator.id,
        clock(),
        "工人明天要去信访",
    )
    assert event.data == {"by_hotline": True, "count": 1, "told": [house.handler.id]}
    assert (heard(house.handler), heard(house.head)) == ([1], [])


def test_the_head_hears_of_the_second_whoever_asks(house, clock):
    chase(house, clock)
    with unit_of_work():
        handoffs.caller_asks_again(house.ticket, actor=house.operator, at=clock())
    assert house.ticket.chased_count == 2
    assert (heard(house.handler), heard(house.head), heard(house.supervisor)) == ([1, 2], [2], [])
    assert [event.data["by_hotline"] for event in chasers(house)] == [True, False]


def test_it_is_said_whether_we_ask_or_the_caller(house, clock):
    chase(house, clock)
    with unit_of_work():
        handoffs.caller_asks_again(house.ticket, actor=house.operator, at=clock())
    said = select(Notification.text).where(Notification.user_id == house.handler.id)
    said = said.where(Notification.dedupe_key.startswith("ticket_chased:"))
    assert list(db.session.scalars(said.order_by(Notification.id))) == [CHASED, ASKED_AGAIN]


def test_who_chases_their_own_department_is_told_nothing(house, clock):
    with unit_of_work():
        house.head.role_rows.append(UserRole(role=Role.OPERATOR))
    for actor in (house.operator, house.head):
        with unit_of_work():
            handoffs.chase(house.ticket, actor=actor, at=clock())
    assert (heard(house.handler), heard(house.head)) == ([1, 2], [])
    assert [event.data["told"] for event in chasers(house)] == [[house.handler.id]] * 2


def test_while_it_is_suspended_its_department_hears_of_no_chaser(house, clock):
    with unit_of_work():
        handoffs.suspend(
            house.ticket,
            actor=house.supervisor,
            at=clock(),
            reason="清算",
            measures="登记债权",
            review_on=date(2026, 12, 1),
        )
    with unit_of_work():
        handoffs.caller_asks_again(house.ticket, actor=house.operator, at=clock())
    assert (house.ticket.chased_count, heard(house.handler)) == (1, [])


def test_where_there_is_no_head_the_supervisors_hear_of_the_second(house, clock):
    with unit_of_work():
        house.head.is_active = False
    chase(house, clock)
    chase(house, clock)
    assert heard(house.supervisor) == [2]


def test_a_caller_who_rings_about_what_the_hotline_has_is_counted_and_nobody_chased(house, clock):
    answer(house)
    with unit_of_work():
        handoffs.caller_asks_again(house.ticket, actor=house.operator, at=clock())
    assert (house.ticket.status, house.ticket.chased_count) == (TicketStatus.ANSWERED, 1)
    assert heard(house.handler) == []
    with pytest.raises(TransitionRefused):
        chase(house, clock)


def test_the_form_takes_words_and_says_who_will_hear(house, clock, sign_in):
    browser = sign_in(house.operator)
    form = browser.get(f"/tickets/{house.ticket.id}/chase").text
    assert 'name="words"' in form
    assert house.handler.display_name in form
    typed = {"version": house.ticket.version, "words": "请今天回话"}
    assert browser.post(f"/tickets/{house.ticket.id}/chase", data=typed).status_code == 303
    assert browser.post(f"/tickets/{house.ticket.id}/chase", data=typed).status_code == 409
    assert house.ticket.chased_count == 1


def test_the_department_sees_it_in_the_queue_and_on_the_ticket(house, clock, sign_in):
    chase(house, clock, "请今天回话")
    browser = sign_in(house.handler)
    for page in ("/queue?tab=work", f"/tickets/{house.ticket.id}"):
        text = browser.get(page).text
        assert "请今天回话" in text, page
        assert house.operator.display_name in text, page
        assert "催办1次" in text.replace(" ", "") or "催办×1" in text.replace(" ", ""), page


def test_of_a_confidential_ticket_the_words_are_read_without_the_caller(house, clock, sign_in):
    with unit_of_work():
        house.ticket.is_confidential, house.ticket.safe_summary = True, "咨询"
    chase(house, clock, "王建国又来问了，13912345678")
    browser = sign_in(house.handler)
    for page in ("/queue?tab=work", f"/tickets/{house.ticket.id}"):
        text = browser.get(page).text
        assert "又来问了" in text
        assert "王建国" not in text
        assert "13912345678" not in text


def test_lists_are_narrowed_to_those_chased_more_than_once(house, clock, sign_in):
    once = make_ticket(operator=house.operator, phone="13900000077")
    with unit_of_work():
        handoffs.caller_asks_again(once, actor=house.operator, at=clock())
    chase(house, clock)
    chase(house, clock)
    browser = sign_in(house.operator)
    both, more = (
        browser.get("/tickets?mark=chased").text,
        browser.get("/tickets?mark=chased_again").text,
    )
    assert once.number in both
    assert house.ticket.number in both
    assert once.number not in more
    assert house.ticket.number in more

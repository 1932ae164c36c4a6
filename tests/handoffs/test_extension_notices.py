"""Who hears that more time is asked for, granted or refused; nobody of what they did."""

from datetime import datetime

import pytest
from sqlalchemy import delete, select

from hotline.handoffs import service as handoffs
from hotline.unit_of_work import unit_of_work
from models import Level, LiveUpdate, Notification, Role, db
from tests.handoffs.house import at, hand_off, make_house
from tests.makers import make_user

UNTIL = at("2026-11-26 17:30")


@pytest.fixture
def house(app, clock):
    house = make_house()
    hand_off(house)
    return house


def ask(house, clock, by=None, level=None):
    how = {"actor": by or house.handler, "at": clock.time, "reason": "调取流水"}
    with unit_of_work():
        if level is None:
            return handoffs.ask_extension(house.ticket, until=UNTIL, **how)
        return handoffs.ask_level(house.ticket, level=level, **how)


def refuse(house, clock):
    with unit_of_work():
        handoffs.refuse_extension(
            house.ticket, actor=house.supervisor, at=clock.time, reason="来得及"
        )


def grant(house, clock):
    with unit_of_work():
        handoffs.grant_extension(house.ticket, actor=house.supervisor, at=clock.time)


def heard(person, kind):
    found = select(Notification).where(
        Notification.user_id == person.id, Notification.dedupe_key.startswith(f"{kind}:")
    )
    return list(db.session.scalars(found.order_by(Notification.id)))


def test_everybody_of_the_department_hears_until_when_it_has_now(house, clock):
    ask(house, clock)
    grant(house, clock)
    for person in (house.handler, house.head):
        (notice,) = heard(person, "extension_decided")
        assert notice.text.startswith("More time was granted")
        assert datetime.fromisoformat(notice.params["due"]["at"]) == UNTIL
    assert heard(house.women_handler, "extension_decided") == []


def test_a_refusal_and_what_is_decided_after_it_are_both_heard(house, clock):
    ask(house, clock)
    refuse(house, clock)
    ask(house, clock, level=Level.DIFFICULT)
    grant(house, clock)
    told = [notice.text.split(":")[0] for notice in heard(house.handler, "extension_decided")]
    assert told == ["No more time was granted", "More time was granted"]


def test_a_head_who_asks_is_not_told_that_somebody_asks(house, clock):
    ask(house, clock, by=house.head)
    assert heard(house.head, "extension_asked") == []
    assert len(heard(house.supervisor, "extension_asked")) == 1


def test_nor_is_a_supervisor_who_asks_as_keeper(house, clock):
    other = make_user(Role.SUPERVISOR)
    with unit_of_work():
        house.handler.is_active = house.head.is_active = False
        house.legal.keeper_id = house.supervisor.id
    ask(house, clock, by=house.supervisor)
    assert heard(house.supervisor, "extension_asked") == []
    assert len(heard(other, "extension_asked")) == 1


def test_the_open_list_of_the_supervisors_follows(house, clock):
    with unit_of_work():
        db.session.execute(delete(LiveUpdate))
    ask(house, clock)
    told = select(LiveUpdate.data).where(LiveUpdate.audience == "supervisors")
    assert {"ticket": house.ticket.id} in db.session.scalars(told).all()

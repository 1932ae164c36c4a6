"""Thanks reach those who earned them, without the caller where the caller is not theirs."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from hotline.rhythm import gratitude
from hotline.unit_of_work import unit_of_work
from models import (
    Callback,
    CallbackAttempt,
    Notification,
    Role,
    Thanks,
    Ticket,
    TicketStatus,
    User,
    db,
)
from tests.handoffs.house import accept, answer, hand_off, make_house, set_ticket
from tests.makers import make_department, make_user

TOLD = {"told": "已告知", "resolution": "solved"}
ASKED = {"was_contacted": "yes", "is_solved": "yes", "satisfaction": "satisfied"}
WORDS = "谢谢小林和冯老师，我是王建国 13912345678，工资都拿到了"


@pytest.fixture
def house(app, clock):
    """A department has answered, the operator is to tell the caller."""
    house = make_house()
    hand_off(house)
    accept(house)
    answer(house)
    with unit_of_work():
        callback = db.session.scalars(select(Callback)).one()
        callback.owner_id = house.supervisor.id
    return house


def tells(client, outcome="reached", **fields):
    callback = db.session.scalars(select(Callback)).one()
    form = {"version": callback.ticket.version, "outcome": outcome, "thanks": WORDS, **fields}
    answer = client.post(f"/callbacks/{callback.id}/attempt", data=form)
    db.session.expire_all()
    return answer


def test_they_are_written_down_in_the_callback_and_reach_who_earned_them(house, sign_in):
    assert tells(sign_in(house.supervisor), **ASKED, **TOLD).status_code == 303

    row = db.session.scalars(select(Thanks)).one()
    assert row.ticket.status is TicketStatus.CLOSED
    assert (row.operator_id, row.handler_id, row.department_id) == (
        house.operator.id, house.handler.id, house.legal.id,
    )  # fmt: skip
    thanked = select(Notification.user_id).where(Notification.dedupe_key.startswith("thanks:"))
    assert set(db.session.scalars(thanked)) == {house.operator.id, house.handler.id}
    for who, place in (
        (house.operator, "/today"),
        (house.operator, "/profile"),
        (house.handler, "/today"),
        (house.handler, "/profile"),
        (house.head, "/today"),
        (house.operator, f"/tickets/{row.ticket_id}"),
    ):
        assert "工资都拿到了" in sign_in(who).get(place).text, place


def test_who_answered_is_thanked_and_not_who_had_it_before(app, clock, sign_in):
    house = make_house()
    hand_off(house)
    accept(house)
    answer(house, by=house.head)
    with unit_of_work():
        db.session.scalars(select(Callback)).one().owner_id = house.supervisor.id
    tells(sign_in(house.supervisor), **ASKED, **TOLD)
    thanked = select(Notification.user_id).where(Notification.dedupe_key.startswith("thanks:"))
    assert set(db.session.scalars(thanked)) == {house.operator.id, house.head.id}


def test_they_stand_beside_the_ring_in_which_they_were_said_and_who_heard_them_reads_them(
    house, sign_in
):
    client = sign_in(house.supervisor)
    tells(client, **ASKED, **TOLD)
    row, ring = (db.session.scalars(select(kind)).one() for kind in (Thanks, CallbackAttempt))
    assert row.attempt_id == ring.id
    assert "工资都拿到了" in client.get("/profile").text


def test_whom_the_ticket_is_about_reads_no_thanks_of_it(house, sign_in):
    tells(sign_in(house.supervisor), **ASKED, **TOLD)
    set_ticket(db.session.get_one(Ticket, house.ticket.id), about_user_id=house.operator.id)
    for place in ("/today", "/profile"):
        assert "工资都拿到了" not in sign_in(house.operator).get(place).text, place


def test_the_latest_stand_first_and_a_few_are_enough(house, clock):
    with unit_of_work():
        ticket = db.session.get_one(Ticket, house.ticket.id)
        actor = db.session.get_one(User, house.supervisor.id)
        for n in range(gratitude.FEW + 1):
            gratitude.write(ticket, f"谢谢{n}", actor=actor, at=clock.time + n * timedelta(hours=1))
    found = gratitude.latest_for(db.session.get_one(User, house.operator.id))
    assert [one.words for one in found] == ["谢谢3", "谢谢2", "谢谢1"]


def test_they_are_nobody_elses(house, sign_in):
    tells(sign_in(house.supervisor), **ASKED, **TOLD)
    stranger = make_user(Role.HANDLER, department=make_department("elsewhere"))
    for who in (stranger, house.women_handler):
        assert "工资都拿到了" not in sign_in(who).get("/today").text
    assert "工资都拿到了" not in sign_in(make_user(Role.OPERATOR)).get("/today").text


def test_of_a_confidential_caller_the_department_reads_neither_name_nor_number(house, sign_in):
    with unit_of_work():
        ticket = db.session.get_one(Ticket, house.ticket.id)
        ticket.is_confidential, ticket.safe_summary = True, "一名职工反映欠薪"
    tells(sign_in(house.supervisor), **ASKED, **TOLD)
    client = sign_in(house.handler)
    for place in ("/today", "/profile", f"/tickets/{house.ticket.id}"):
        page = client.get(place).text
        assert "工资都拿到了" in page, place
        assert "王建国" not in page, place
        assert "13912345678" not in page, place
    assert "王建国" in sign_in(house.operator).get("/today").text


@pytest.mark.parametrize("outcome", ["no_answer", "busy", "somebody_else"])
def test_who_was_not_reached_gave_no_thanks(house, sign_in, outcome):
    tells(sign_in(house.supervisor), outcome)
    assert db.session.scalars(select(Thanks)).all() == []


def test_a_form_that_is_refused_keeps_the_words_and_writes_nothing(house, sign_in):
    refused = tells(sign_in(house.supervisor), **TOLD)
    assert refused.status_code == 422
    assert WORDS in refused.text
    assert db.session.scalars(select(Thanks)).all() == []


def test_no_words_are_no_thanks(house, clock):
    with unit_of_work():
        ticket = db.session.get_one(Ticket, house.ticket.id)
        actor = db.session.get_one(User, house.operator.id)
        assert gratitude.write(ticket, "  ", actor=actor, at=clock.time) is None


def test_who_rang_and_took_the_call_is_not_told_of_the_own_line(house, clock):
    with unit_of_work():
        ticket = db.session.get_one(Ticket, house.ticket.id)
        actor = db.session.get_one(User, house.operator.id)
        gratitude.write(ticket, "谢谢", actor=actor, at=clock.time)
    thanked = select(Notification.user_id).where(Notification.dedupe_key.startswith("thanks:"))
    assert db.session.scalars(thanked).all() == [house.handler.id]


@pytest.mark.parametrize("place", ["/workspace", "/queue"])
def test_the_pages_that_stay_open_ask_for_them(clock, sign_in, place):
    role = Role.OPERATOR if place == "/workspace" else Role.HANDLER
    page = sign_in(make_user(role, department=make_department("desk"))).get(place).text
    assert 'hx-get="/today"' in page

"""What a second person signs: every attempt in sight, and never one's own."""

import pytest

from hotline.callbacks import service as callbacks
from hotline.unit_of_work import unit_of_work
from models import (
    Callback,
    CallbackEnd,
    Feedback,
    How,
    Outcome,
    Role,
    Ticket,
    TicketStatus,
    User,
    db,
)
from tests.makers import make_user
from tests.stages import House, make_house, put

PHONES = ("13911110001", "13911110002")


@pytest.fixture
def house(app, clock) -> House:
    return make_house()


def try_in_vain(house: House, clock, phone: str, by: User) -> Callback:
    ticket = put(house, TicketStatus.ANSWERED, clock(), phone=phone)
    callback = db.session.scalars(db.select(Callback).where(Callback.ticket_id == ticket.id)).one()
    begun = clock()
    while callback.exhausted_at is None:
        with unit_of_work():
            callbacks.record_attempt(
                callback, Outcome.NO_ANSWER, actor=by, at=clock(), note="响铃无人接"
            )
        clock.set(max(callback.not_before_at, clock()))
    clock.set(begun)
    return callback


def test_a_list_is_signed_with_one_press_and_every_attempt_is_in_sight(house, clock, sign_in):
    tried = [try_in_vain(house, clock, phone, house["operator"]) for phone in PHONES]
    boss = sign_in(house["supervisor"])
    page = boss.get("/callbacks/unreachable").get_data(as_text=True)
    assert page.count("响铃无人接") == 6
    clock.advance(days=3)
    boss = sign_in(house["supervisor"])
    boss.post("/callbacks/unreachable", data={"callback": [one.id for one in tried]})
    db.session.expire_all()

    for callback in tried:
        assert callback.end is CallbackEnd.UNREACHABLE
        assert callback.ticket.status is TicketStatus.CLOSED
    rows = db.session.scalars(db.select(Feedback)).all()
    assert {row.how for row in rows} == {How.UNREACHABLE}
    assert {row.signed_by_id for row in rows} == {house["supervisor"].id}


def test_one_may_be_signed_alone(house, clock, sign_in):
    one, other = (try_in_vain(house, clock, phone, house["operator"]) for phone in PHONES)
    boss = sign_in(house["supervisor"])
    boss.post("/callbacks/unreachable", data={"callback": [one.id, other.id], "only": one.id})
    db.session.expire_all()
    assert (one.end, other.end) == (CallbackEnd.UNREACHABLE, None)


def test_nobody_signs_what_they_tried_themselves(house, clock, sign_in):
    boss = make_user(Role.SUPERVISOR)
    callback = try_in_vain(house, clock, "13911110001", boss)
    client = sign_in(boss)

    page = client.get("/callbacks/unreachable").get_data(as_text=True)
    assert f'value="{callback.id}"' not in page
    client.post("/callbacks/unreachable", data={"callback": callback.id})
    db.session.expire_all()
    assert callback.ended_at is None
    assert callback.ticket.status is TicketStatus.ANSWERED


def test_an_operator_signs_nothing(house, clock, sign_in):
    callback = try_in_vain(house, clock, "13911110001", house["colleague"])
    client = sign_in(house["operator"])
    assert client.get("/callbacks/unreachable").status_code == 403
    assert client.post("/callbacks/unreachable", data={"callback": callback.id}).status_code == 403
    assert db.session.get(Callback, callback.id).ended_at is None


def test_what_was_reached_meanwhile_is_left_out_of_the_list(house, clock, sign_in):
    one, other = (try_in_vain(house, clock, phone, house["operator"]) for phone in PHONES)
    with unit_of_work():
        callbacks.record_attempt(one, Outcome.REACHED, actor=house["operator"], at=clock())
    boss = sign_in(house["supervisor"])
    boss.post("/callbacks/unreachable", data={"callback": [one.id, other.id]})
    db.session.expire_all()

    assert one.ticket.status is TicketStatus.ANSWERED
    assert other.ticket.status is TicketStatus.CLOSED


class TestNoNumber:
    @pytest.fixture
    def kept(self, house, clock) -> Ticket:
        """The answer waits for a caller who withheld the number."""
        return put(house, TicketStatus.ANSWERED, clock(), phone="anonymous")

    def test_nothing_is_promised_and_nothing_to_sign_for_thirty_days(
        self, house, kept, clock, sign_in
    ):
        assert db.session.scalars(db.select(Callback)).all() == []
        clock.advance(days=29)
        boss = sign_in(house["supervisor"])
        assert kept.number not in boss.get("/callbacks/unreachable").get_data(as_text=True)
        boss.post("/callbacks/kept", data={"ticket": kept.id})
        db.session.expire_all()
        assert kept.status is TicketStatus.ANSWERED

    def test_after_thirty_days_a_second_person_signs(self, house, kept, clock, sign_in):
        clock.advance(days=30, minutes=1)
        boss = sign_in(house["supervisor"])
        assert kept.number in boss.get("/callbacks/unreachable").get_data(as_text=True)
        boss.post("/callbacks/kept", data={"ticket": kept.id})
        db.session.expire_all()
        assert kept.status is TicketStatus.CLOSED
        assert db.session.scalars(db.select(Feedback.how)).one() is How.NO_WAY_TO_REACH


def test_nothing_ticked_is_said_so(house, sign_in, clock):
    client = sign_in(house["supervisor"])
    answer = client.post("/callbacks/unreachable", data={}, follow_redirects=True)
    assert answer.status_code == 200

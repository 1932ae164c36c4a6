"""What was written down is read where somebody would look for it."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from hotline.calls import recordings
from hotline.handoffs import service as handoffs
from hotline.unit_of_work import unit_of_work
from models import (
    Call,
    Callback,
    CallLeg,
    CallResult,
    CallState,
    Direction,
    Recording,
    RecordingKind,
    ReturnReason,
    db,
)
from tests.handoffs.house import accept, answer, hand_off, make_house, set_ticket

PHONE = "13912345678"


@pytest.fixture
def house(app, clock):
    return make_house(phone=PHONE)


def page(browser, house):
    return browser.get(f"/tickets/{house.ticket.id}").get_data(as_text=True)


def rung(house, at, seats, *, answered_by=None):
    """A call of the ticket that rang at `seats` in turn, fifteen seconds each."""
    with unit_of_work():
        answered_at = at + timedelta(minutes=1) if answered_by else None
        call = Call(
            provider="twilio",
            call_ref=uuid4().hex,
            direction=Direction.INBOUND,
            ticket_id=house.ticket.id,
            caller_id=house.ticket.caller_id,
            state=CallState.ENDED,
            result=CallResult.ANSWERED if answered_by else CallResult.MISSED,
            operator_id=answered_by.id if answered_by else None,
            started_at=at,
            answered_at=answered_at,
            ended_at=at + timedelta(minutes=3),
            heard_at=at + timedelta(minutes=3),
        )
        for step, seat in enumerate(seats, 1):
            rang_at = at + timedelta(minutes=step)
            call.legs.append(CallLeg(step=step, user_id=seat.id, rang_at=rang_at))
        db.session.add(call)
    return call


def told_by_the_department(house, clock):
    """The handler says to have told the caller, on another number than the one that rang."""
    hand_off(house)
    accept(house)
    return answer(house, told_at=clock(), told_number="13700001234", told_by="李梅")


def test_on_which_number_the_department_told_the_caller(house, clock, sign_in):
    told_by_the_department(house, clock)
    for reader in (house.operator, house.handler):
        html = page(sign_in(reader), house)
        assert "137****1234" in html
        assert "13700001234" not in html


def test_whoever_confirms_it_reads_the_number_in_the_card(house, clock, sign_in):
    told_by_the_department(house, clock)
    owed = db.session.scalars(select(Callback)).one()
    with unit_of_work():
        owed.owner_id = house.supervisor.id
    card = sign_in(house.operator).get(f"/callbacks/{owed.id}").get_data(as_text=True)
    assert "李梅" in card
    assert "137****1234" in card


def test_of_a_confidential_ticket_nobody_else_reads_it(house, clock, sign_in):
    told_by_the_department(house, clock)
    set_ticket(house.ticket, is_confidential=True, safe_summary="一家企业欠薪")
    assert "1234" not in page(sign_in(house.handler), house)
    assert "137****1234" in page(sign_in(house.operator), house)


@pytest.fixture
def refused(house, clock):
    """The hotline has refused a return, and said why, naming the caller."""
    hand_off(house)
    with unit_of_work():
        handoffs.ask_return(
            house.ticket, actor=house.handler, at=clock(), reason=ReturnReason.NOT_OUR_DUTY,
            basis="三定方案",
        )  # fmt: skip
        handoffs.refuse_return(
            house.ticket, actor=house.operator, at=clock(), reason="王建国的劳动报酬归贵部"
        )
    return house


@pytest.mark.parametrize("path", ["/queue", "/tickets/{}"])
def test_the_department_reads_why_it_may_not_be_returned(refused, sign_in, path):
    path = path.format(refused.ticket.id)
    assert "王建国的劳动报酬归贵部" in sign_in(refused.handler).get(path).text
    set_ticket(refused.ticket, is_confidential=True, safe_summary="一家企业欠薪")
    html = sign_in(refused.handler).get(path).text
    assert "＊＊＊的劳动报酬归贵部" in html
    assert "王建国" not in html


def test_a_missed_call_says_whose_telephone_rang_and_when(house, clock, sign_in):
    rung(house, clock(), [house.operator, house.supervisor])
    html = page(sign_in(house.supervisor), house)
    for seat, minute in ((house.operator, "09:31"), (house.supervisor, "09:32")):
        line = html[html.index("振铃") :].partition(seat.display_name)[2][:80]
        assert minute in line


def test_a_call_that_the_first_one_answered_needs_no_such_list(house, clock, sign_in):
    rung(house, clock(), [house.operator], answered_by=house.operator)
    assert "振铃" not in page(sign_in(house.operator), house)


def test_beside_a_recording_stand_its_notice_and_where_it_is_kept(house, clock, sign_in):
    call = rung(house, clock(), [house.operator], answered_by=house.operator)
    with unit_of_work():
        call.notice_at = clock()
        row = Recording(
            call_id=call.id,
            recording_ref=uuid4().hex,
            kind=RecordingKind.CALL,
            announced_at=clock() + timedelta(minutes=4),
        )
        db.session.add(row)
    browser = sign_in(house.operator)
    html = page(browser, house)
    assert "09:30已告知来电人通话录音" in html
    assert "09:34起正在取回" in html
    clock.advance(minutes=20)
    with unit_of_work():
        recordings.keep(row, recordings.Copy("a.wav", "audio/wav", 1, "0" * 64), at=clock())
        recordings.deleted_at_provider(row, at=clock())
    html = page(browser, house)
    assert "正在取回" not in html
    assert "运营商处已于" in html
    assert "09:50删除" in html

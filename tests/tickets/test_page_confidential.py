"""Of a confidential ticket the department finds neither name nor number, wherever it looks."""

import json
from uuid import uuid4

import pytest
from sqlalchemy import select

from hotline import clock as clock_module
from hotline.callbacks import service as callbacks
from hotline.handoffs import queries
from hotline.handoffs import service as handoffs
from hotline.tickets import reading
from hotline.tickets import service as tickets
from hotline.unit_of_work import unit_of_work
from models import (
    Call,
    CallbackKind,
    CallResult,
    CallState,
    Direction,
    Notification,
    Outcome,
    Recording,
    RecordingKind,
    Role,
    TicketEvent,
    db,
)
from tests.handoffs.house import accept, answer, hand_off, make_house, set_ticket
from tests.makers import make_user

NAME, PHONE = "欧阳建国", "13912345678"
SECRETS = (NAME, PHONE, "139****5678", "5678", "恒岳电子")


@pytest.fixture
def house(app, clock):
    """A ticket on which the hotline wrote name and number wherever somebody could."""
    house = make_house(phone=PHONE, caller_name=NAME, question=f"{NAME}在恒岳电子被欠薪，{PHONE}")
    set_ticket(
        house.ticket,
        is_confidential=True,
        safe_summary=f"一家企业欠薪，请提供口径（{NAME}，139 1234 5678）",
    )
    with unit_of_work():
        house.ticket.caller.employer = "恒岳电子"
        house.ticket.caller.note = f"{NAME}怕厂长知道"
        now = clock_module.now()
        call = Call(
            provider="manual",
            call_ref=uuid4().hex,
            direction=Direction.INBOUND,
            ticket_id=house.ticket.id,
            caller_id=house.ticket.caller_id,
            from_raw=PHONE,
            number=f"+86{PHONE}",
            state=CallState.ENDED,
            result=CallResult.ANSWERED,
            operator_id=house.operator.id,
            started_at=now,
            answered_at=now,
            ended_at=now,
            heard_at=now,
        )
        db.session.add(call)
        db.session.flush()
        db.session.add(
            Recording(
                call_id=call.id,
                recording_ref="RE1",
                kind=RecordingKind.CALL,
                announced_at=now,
                file_name="voice.wav",
            )
        )
        tickets.note(house.ticket, f"{NAME}又打来了 {PHONE}", actor=house.operator, at=now)
        debt = callbacks.promise(
            house.ticket, CallbackKind.TELL, at=now, words=f"请告诉{NAME}：在办"
        )
        callbacks.record_attempt(
            debt, Outcome.NO_ANSWER, actor=house.operator, at=now, note=f"{NAME}没接"
        )
    hand_off(house, note=f"请联系 139-1234-5678 的{NAME}核实")
    return house


def leaks(html):
    return [secret for secret in SECRETS if secret in html]


def test_neither_on_the_page_nor_in_the_queue(house, sign_in):
    browser = sign_in(house.handler)
    for step in (lambda: None, lambda: accept(house), lambda: answer(house)):
        step()
        for path in (
            f"/tickets/{house.ticket.id}",
            f"/tickets/{house.ticket.id}/answer",
            f"/tickets/{house.ticket.id}/wait",
            "/queue",
            "/queue?tab=work",
            "/queue?tab=earlier",
            "/tickets",
        ):
            html = browser.get(path, follow_redirects=True).get_data(as_text=True)
            assert leaks(html) == [], path


def test_the_hotline_still_reads_it(house, sign_in):
    html = sign_in(house.operator).get(f"/tickets/{house.ticket.id}").get_data(as_text=True)
    assert NAME in html
    assert f"{NAME}又打来了" in html
    assert "/recordings/" in html


def test_no_recording_for_the_department(house, sign_in):
    html = sign_in(house.handler).get(f"/tickets/{house.ticket.id}").get_data(as_text=True)
    assert "/recordings/" not in html
    assert "<audio" not in html


def test_what_the_department_wrote_itself_it_reads(house, sign_in):
    with unit_of_work():
        tickets.note(house.ticket, "已查阅文件", actor=house.handler, at=clock_module.now())
    html = sign_in(house.handler).get(f"/tickets/{house.ticket.id}").get_data(as_text=True)
    assert "已查阅文件" in html
    assert "一家企业欠薪，请提供口径" in html


def test_neither_who_assists_nor_a_reviewer_knows(house, sign_in):
    with unit_of_work():
        handoffs.ask_assist(
            house.ticket, house.women, actor=house.operator, at=clock_module.now(), note="核实"
        )
    for user in (house.women_handler, make_user(Role.REVIEWER)):
        html = sign_in(user).get(f"/tickets/{house.ticket.id}").get_data(as_text=True)
        assert leaks(html) == []


def test_events_that_we_write_carry_no_name_and_no_number(house):
    accept(house)
    answer(house)
    ours = select(TicketEvent).where(
        TicketEvent.ticket_id == house.ticket.id,
        TicketEvent.kind.in_(("hand_off", "accept", "answer", "promise", "settle")),
    )
    for event in db.session.scalars(ours):
        assert leaks(json.dumps(event.data, ensure_ascii=False)) == [], event.kind


def test_notices_carry_no_name_and_no_number(house):
    for notice in db.session.scalars(select(Notification)):
        assert leaks(notice.text + json.dumps(notice.params, ensure_ascii=False)) == []


def test_the_title_in_a_list_is_the_safe_one(house):
    (row,) = queries.queue_of(house.handler).handoffs
    assert (
        reading.title_for(house.handler, row.ticket) == "一家企业欠薪，请提供口径（＊＊＊，＊＊＊）"
    )
    assert NAME in reading.title_for(house.operator, row.ticket)


@pytest.mark.parametrize(
    "written",
    ["13912345678", "+8613912345678", "+86 139 1234 5678", "139-1234-5678", "13800138000"],
)
def test_numbers_are_hidden_however_they_are_written(house, written):
    assert reading.without_the_caller(f"电话{written}。", house.ticket) == "电话＊＊＊。"


def test_other_numbers_stay(house):
    text = "工单20261116-0001，欠薪42000元，请打12333"
    assert reading.without_the_caller(text, house.ticket) == text


def test_what_the_hotline_wrote_is_not_shown_at_all(house, sign_in):
    """A nickname or a place betrays as well as a name: free text of the hotline stays there."""
    with unit_of_work():
        tickets.note(
            house.ticket, "三车间的老欧怕丢工作", actor=house.operator, at=clock_module.now()
        )
    html = sign_in(house.handler).get(f"/tickets/{house.ticket.id}").get_data(as_text=True)
    assert "三车间" not in html
    assert "因来电人保密不显示" in html
    assert "三车间" in sign_in(house.operator).get(f"/tickets/{house.ticket.id}").text

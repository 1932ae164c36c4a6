"""Of a confidential ticket the department finds neither name nor number, wherever it looks."""

import json
import re
from functools import partial
from uuid import uuid4

import pytest
from sqlalchemy import select

from hotline import clock as clock_module
from hotline.callbacks import service as callbacks
from hotline.feedback import service as feedback
from hotline.handoffs import jobs, queries
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
    LiveUpdate,
    Notification,
    OutboxMessage,
    Outcome,
    Recording,
    RecordingKind,
    Role,
    TicketEvent,
    db,
)
from tests.handoffs.house import accept, answer, hand_off, make_house, set_ticket
from tests.makers import make_conversation, make_user

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


def code_in(text, house):
    """Whether the query code stands in `text` alone: not inside another number."""
    return re.search(rf"(?<![\d:.-]){house.ticket.query_code}(?!\d)", text) is not None


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


def test_the_title_in_a_list_is_the_safe_one(house, sign_in):
    queue = sign_in(house.handler).get("/queue").text
    assert "一家企业欠薪，请提供口径（＊＊＊，＊＊＊）" in queue
    assert NAME not in queue
    (row,) = queries.unaccepted(house.operator).handoffs
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


# With the code a department could pose as the caller on the telephone.
CODE = "4821"
BY_THE_CODE = f"来电人说查询码是{CODE}，请核对。query code: {CODE}"


@pytest.fixture
def coded(house):
    """The confidential ticket, with a code that stands nowhere by chance."""
    with unit_of_work():
        house.ticket.query_code = CODE
        handoffs.recall(
            house.ticket, actor=house.operator, at=clock_module.now(), reason=BY_THE_CODE
        )
    hand_off(house, note=BY_THE_CODE)
    return house


def read_code(user, house, sign_in, path):
    answered = sign_in(user).get(path.format(house.ticket.id), follow_redirects=True)
    assert answered.status_code == 200, path
    return code_in(answered.get_data(as_text=True), house)


@pytest.mark.parametrize(
    "path", ["/tickets/{}", "/tickets/{}/note", "/tickets/{}/answer", "/queue", "/tickets"]
)
@pytest.mark.parametrize("who", ["handler", "head"])
def test_the_query_code_stands_on_no_page_of_the_department(coded, sign_in, who, path):
    assert read_code(coded.operator, coded, sign_in, "/tickets/{}")
    assert not read_code(getattr(coded, who), coded, sign_in, path)


def test_nor_after_the_answer_nor_when_all_is_over(coded, sign_in, clock):
    accept(coded)
    answer(coded)
    clock.advance(minutes=5)
    call_id = make_conversation(coded.ticket, coded.operator).id
    with unit_of_work():
        feedback.withdraw(
            coded.ticket,
            db.session.get_one(Call, call_id),
            actor=coded.operator,
            at=clock_module.now(),
            words=BY_THE_CODE,
        )
    for path in ("/tickets/{}", "/queue?tab=earlier", "/tickets"):
        assert not read_code(coded.handler, coded, sign_in, path), path


def test_nor_where_the_sentence_is_made_anew(coded, sign_in):
    choice = f"/tickets/{{}}/words?department={coded.women.id}&level=ordinary"
    assert read_code(coded.operator, coded, sign_in, choice)
    assert not read_code(coded.handler, coded, sign_in, choice)


def test_nor_for_who_assists_or_reviews(coded, sign_in):
    with unit_of_work():
        handoffs.ask_assist(
            coded.ticket, coded.women, actor=coded.operator, at=clock_module.now(), note=BY_THE_CODE
        )
    for user in (coded.women_handler, make_user(Role.REVIEWER)):
        assert not read_code(user, coded, sign_in, "/tickets/{}")
    assert not read_code(coded.women_handler, coded, sign_in, "/queue?tab=assist")


def test_nor_does_the_code_find_it(coded, sign_in):
    path = f"/tickets?q={CODE}"
    found = sign_in(coded.operator).get(path).get_data(as_text=True)
    assert coded.ticket.number in found
    assert coded.ticket.number not in sign_in(coded.handler).get(path).get_data(as_text=True)


def test_nor_in_what_is_sent_or_posted(coded, clock):
    """Bells, e-mails, short messages and live updates, late reminders to the heads among them."""
    clock.advance(hours=6)
    assert jobs.remind_departments_to_accept()
    clock.advance(days=21)
    assert jobs.remind_departments_to_answer()
    rows = [*db.session.scalars(select(Notification))]
    assert {coded.handler.id, coded.head.id} <= {row.user_id for row in rows}
    rows += [*db.session.scalars(select(OutboxMessage)), *db.session.scalars(select(LiveUpdate))]
    for row in rows:
        columns = {c.key: str(getattr(row, c.key)) for c in row.__table__.columns}
        assert not [name for name, text in columns.items() if code_in(text, coded)], columns


def test_nor_in_the_events_that_we_write(coded):
    accept(coded)
    answer(coded)
    for event in db.session.scalars(select(TicketEvent)):
        assert not code_in(json.dumps(event.data), coded), event.kind


def test_a_code_is_hidden_by_its_words_so_that_nobody_can_try_them_all(coded):
    hidden = partial(reading.without_the_caller, ticket=coded.ticket)
    assert hidden("查询码4821。") == "查询码＊＊＊。"
    assert hidden("查询码：0000") == "查询码：＊＊＊"
    assert hidden("试试 4820 4821 4822") == "试试 4820 4821 4822"

"""Ending a ticket on its page: each way with its proof, and never without."""

import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select

from hotline import clock as clock_module
from hotline.callbacks import service as callbacks
from hotline.feedback import service as feedback
from hotline.feedback.service import Verdict
from hotline.unit_of_work import unit_of_work
from models import (
    Call,
    Callback,
    CallbackKind,
    Feedback,
    How,
    Outcome,
    Resolution,
    Role,
    Satisfaction,
    Source,
    TicketStatus,
    Urgency,
    db,
)
from tests.handoffs.house import accept, answer, hand_off, make_house, set_ticket
from tests.makers import make_conversation, make_ticket, make_user


@pytest.fixture
def house(app, clock):
    return make_house()


def talk(ticket, operator):
    return f"call:{make_conversation(ticket, operator).id}"


def post(browser, house, verb, **typed):
    typed.setdefault("version", house.ticket.version)
    return browser.post(f"/tickets/{house.ticket.id}/{verb}", data=typed)


def read(browser, house, path=""):
    return browser.get(f"/tickets/{house.ticket.id}{path}").get_data(as_text=True)


def row_of(house):
    return db.session.scalars(
        select(Feedback).where(Feedback.ticket_id == house.ticket.id).order_by(Feedback.id.desc())
    ).first()


def test_told_in_a_call_it_closes_with_what_was_said(house, sign_in):
    proof = talk(house.ticket, house.operator)
    browser = sign_in(house.operator)
    answered = post(
        browser,
        house,
        "close",
        how="in_call",
        proof=proof,
        told="建议先协商，再申请仲裁",
        resolution="answered_directly",
    )
    assert answered.status_code == 303
    assert (house.ticket.status, house.ticket.resolution) == (
        TicketStatus.CLOSED,
        Resolution.ANSWERED_DIRECTLY,
    )
    html = read(browser, house)
    assert "建议先协商，再申请仲裁" in html
    assert "直接答复" in html


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({}, "how"),
        ({"how": "because"}, "how"),
        ({"how": "in_call", "told": "x", "resolution": "explained"}, "proof"),
        ({"how": "in_call", "proof": "call:999", "told": "x", "resolution": "explained"}, "proof"),
        ({"how": "in_call", "proof": "own", "told": " ", "resolution": "explained"}, "told"),
        ({"how": "in_call", "proof": "own", "told": "x"}, "resolution"),
        ({"how": "in_call", "proof": "own", "told": "x", "resolution": "solved"}, "resolution"),
        ({"how": "not_wanted", "told": "", "resolution": "explained"}, "told"),
        ({"how": "no_matter", "proof": "own"}, "no_matter"),
    ],
)
def test_without_its_proof_it_stays_open(house, sign_in, typed, field):
    proof = talk(house.ticket, house.operator)
    typed = {key: proof if value == "own" else value for key, value in typed.items()}
    refused = post(sign_in(house.operator), house, "close", **typed)
    assert refused.status_code == 422
    assert f'id="{field}-error"' in refused.get_data(as_text=True)
    assert house.ticket.status is TicketStatus.OPEN
    assert row_of(house) is None


def test_somebody_elses_call_proves_nothing(house, sign_in):
    other = make_ticket(phone="13800002222")
    proof = talk(other, house.operator)
    refused = post(
        sign_in(house.operator),
        house,
        "close",
        how="in_call",
        proof=proof,
        told="x",
        resolution="explained",
    )
    assert refused.status_code == 422
    assert house.ticket.status is TicketStatus.OPEN


def test_no_matter_in_one_form(house, sign_in):
    talk(house.ticket, house.operator)
    post(sign_in(house.operator), house, "close", how="no_matter", no_matter="wrong_number")
    assert house.ticket.resolution is Resolution.NO_MATTER


def test_an_explanation_is_signed_by_a_supervisor(house, sign_in, clock):
    hand_off(house)
    answer(house)
    proof = talk(house.ticket, house.operator)
    with unit_of_work():
        feedback.explain(
            house.ticket,
            db.session.get(Call, int(proof.removeprefix("call:"))),
            actor=house.operator,
            at=clock_module.now(),
            told="依法只能如此",
            verdict=Verdict(satisfaction=Satisfaction.NOT_SATISFIED, dissatisfaction="金额太少"),
        )
    assert "sign_explanation" not in read(sign_in(house.operator), house, "/close")
    browser = sign_in(house.supervisor)
    waiting = read(browser, house)
    assert "金额太少" in waiting
    assert "待主管签字" in waiting
    assert 'value="sign_explanation" checked' in read(browser, house, "/close")
    clock.advance(minutes=20)
    assert post(browser, house, "close", how="sign_explanation").status_code == 303
    assert house.ticket.resolution is Resolution.EXPLAINED
    signed = read(browser, house)
    assert signed.count("金额太少") == signed.count("依法只能如此") == 1
    assert "已签字确认解释说明" in signed
    assert "待主管签字" not in signed


def test_unreachable_is_signed_by_a_second_person(house, sign_in, clock):
    hand_off(house)
    answer(house)
    (debt,) = db.session.scalars(select(Callback)).all()
    for day in range(2):
        for hours in (3, 4):  # noon and afternoon
            with unit_of_work():
                callbacks.record_attempt(
                    debt,
                    Outcome.NO_ANSWER,
                    actor=house.operator,
                    at=clock.time + timedelta(days=day, hours=hours),
                )
    assert debt.exhausted_at is not None
    clock.advance(days=2)
    assert 'value="unreachable"' not in read(sign_in(house.operator), house, "/close")
    post(sign_in(house.supervisor), house, "close", how="unreachable")
    assert row_of(house).how is How.UNREACHABLE
    assert house.ticket.status is TicketStatus.CLOSED


def test_who_was_told_by_the_department_and_not_reached_by_us(house, sign_in, clock):
    hand_off(house)
    clock.advance(minutes=10)
    answer(house, told_at=clock.time, told_number="13912345678", told_by="李梅")
    assert 'value="told_by_department"' not in read(sign_in(house.operator), house, "/close")
    (debt,) = db.session.scalars(select(Callback)).all()
    with unit_of_work():
        debt.exhausted_at, debt.exhausted_by_id = clock.time, house.operator.id
    post(sign_in(house.operator), house, "close", how="told_by_department")
    assert row_of(house).how is How.TOLD_BY_DEPARTMENT


def test_withdrawn_in_the_callers_own_words(house, sign_in):
    hand_off(house)
    browser = sign_in(house.operator)
    proof = talk(house.ticket, house.operator)
    assert post(browser, house, "withdraw", proof=proof, words=" ").status_code == 422
    assert post(browser, house, "withdraw", words="老板发钱了").status_code == 422
    post(browser, house, "withdraw", proof=proof, words="老板已经发钱了，不用办了")
    assert house.ticket.resolution is Resolution.WITHDRAWN
    assert "老板已经发钱了，不用办了" in read(browser, house)


def test_merged_only_with_the_same_caller(house, sign_in):
    browser = sign_in(house.operator)
    same = make_ticket(operator=house.operator, phone="13912345678")
    other = make_ticket(operator=house.operator, phone="13800002222")
    assert same.caller_id == house.ticket.caller_id
    assert same.number in read(browser, house, "/merge")
    assert other.number not in read(browser, house, "/merge")
    assert post(browser, house, "merge", into=other.number).status_code == 409
    assert post(browser, house, "merge", into="20990101-0001").status_code == 422
    post(browser, house, "merge", into=same.number)
    assert house.ticket.merged_into_id == same.id
    assert post(browser, house, "merge", into=same.number).status_code == 409  # closed by now


def test_reopened_by_a_supervisor_with_a_reason(house, sign_in):
    proof = talk(house.ticket, house.operator)
    post(
        sign_in(house.operator),
        house,
        "close",
        how="in_call",
        proof=proof,
        told="x",
        resolution="explained",
    )
    assert post(sign_in(house.operator), house, "reopen", reason="错了").status_code == 403
    browser = sign_in(house.supervisor)
    assert post(browser, house, "reopen", reason="").status_code == 409
    post(browser, house, "reopen", reason="答复有误")
    assert house.ticket.status is TicketStatus.OPEN
    assert "答复有误" in read(browser, house)


def test_linked_each_caller_keeps_a_debt_of_their_own(house, sign_in):
    other = make_ticket(operator=house.operator, phone="13800002222")
    browser = sign_in(house.operator)
    assert post(browser, house, "link", other="nonsense").status_code == 422
    post(browser, house, "link", other=other.number, name="云锦工地欠薪")
    assert other.collective_id == house.ticket.collective_id is not None
    assert other.number in read(browser, house)
    assert other.status is TicketStatus.OPEN
    assert other.collective.callers_count == 2


def test_ten_callers_make_a_matter_collective(house, sign_in):
    browser = sign_in(house.operator)
    for number in range(9):
        assert browser.get("/tickets?mark=collective").get_data(as_text=True).count("<tr>") < 2
        other = make_ticket(operator=house.operator, phone=f"1380000333{number}")
        post(browser, house, "link", other=other.number)
    assert house.ticket.collective.is_large
    assert house.ticket.number in browser.get("/tickets?mark=collective").get_data(as_text=True)


def test_what_comes_again_is_marked_as_a_repeat(house, sign_in):
    again = make_ticket(operator=house.operator, phone=house.ticket.callback_number)
    assert again.caller_id == house.ticket.caller_id
    browser = sign_in(house.operator)
    url = f"/tickets/{again.id}/link"
    fields = {"other": house.ticket.number, "version": again.version}
    assert browser.post(url, data=fields).status_code == 422  # open: merge them
    proof = talk(house.ticket, house.operator)
    post(browser, house, "close", how="in_call", proof=proof, told="x", resolution="explained")
    browser.post(url, data={**fields, "version": again.version})
    assert (again.is_repeat, again.repeat_of_id) == (True, house.ticket.id)
    assert house.ticket.number in browser.get(f"/tickets/{again.id}").get_data(as_text=True)


def test_marks_hasten_the_department(house, sign_in):
    handoff = hand_off(house)
    accept(house)
    before = handoff.handle_due_at
    browser = sign_in(house.operator)
    assert post(browser, house, "mark", urgency="normal").status_code == 422  # nothing changed
    assert post(browser, house, "mark", urgency="normal", is_confidential="y").status_code == 422
    post(browser, house, "mark", urgency="critical", is_confidential="y", safe_summary="欠薪")
    assert (house.ticket.urgency, house.ticket.is_confidential) == (Urgency.CRITICAL, True)
    assert handoff.handle_due_at == clock_module.now() + timedelta(hours=2) < before
    entry = told_last(browser, house)
    assert "紧急程度 一般 → 特急" in entry
    assert re.search(r"答复期限 [^→]*17:30 → 今天11:30", entry)


def told_last(browser, house):
    """What the newest entry of the ticket's timeline says."""
    page = unescape(browser.get(f"/tickets/{house.ticket.id}").get_data(as_text=True))
    story = page[page.index('class="hy-timeline') :]
    return " ".join(re.sub(r"<[^>]+>", " ", story[: story.index("</li>")]).split())


def test_it_is_not_about_the_department_that_holds_it(house, sign_in):
    hand_off(house)
    refused = post(
        sign_in(house.operator), house, "mark", urgency="normal", about_department=house.legal.id
    )
    assert refused.status_code == 422


def test_a_ticket_about_a_colleague_is_hidden_from_that_colleague(house, sign_in):
    accused = make_user(Role.SUPERVISOR)
    url = f"/tickets/{house.ticket.id}"
    assert sign_in(accused).get(url).status_code == 200
    browser = sign_in(house.operator)
    post(browser, house, "mark", urgency="normal", about_user=accused.id)
    assert house.ticket.about_user_id == accused.id
    assert sign_in(accused).get(url).status_code == 404
    assert sign_in(house.operator).get(url).status_code == 200


def test_nobody_is_complained_about_while_working_on_it(house, sign_in):
    set_ticket(house.ticket, owner_id=house.operator.id)
    about = {"urgency": "normal", "about_user": house.operator.id}
    assert post(sign_in(make_user(Role.SUPERVISOR)), house, "mark", **about).status_code == 422


def test_the_second_debt_to_the_sender(house, sign_in):
    set_ticket(house.ticket, source=Source.HOTLINE_12345, outer_number="12345-778")
    browser = sign_in(house.operator)
    assert "/report_back" in read(browser, house)
    post(browser, house, "report_back", text="已办理并答复")
    assert house.ticket.outer_reported_at is not None
    assert "/report_back" not in read(browser, house)


def test_consulting_a_specialist_and_its_end(house, sign_in):
    browser = sign_in(house.operator)
    assert post(browser, house, "consult", whom="").status_code == 422
    post(browser, house, "consult", whom="市总专管员 林工", text="口径？")
    assert house.ticket.consulting == "市总专管员 林工"
    post(browser, house, "consult", whom="")
    assert house.ticket.consulting == ""


def test_a_safety_promise_is_shown_with_who_owes_it(house, sign_in):
    with unit_of_work():
        callbacks.promise(
            house.ticket, CallbackKind.SAFETY, at=clock_module.now(), owner=house.operator
        )
    html = read(sign_in(house.supervisor), house)
    assert "安全回访" in html
    assert house.operator.display_name in html


def test_a_conversation_before_the_answer_does_not_prove_that_it_was_heard(house, sign_in, clock):
    proof = talk(house.ticket, house.operator)
    clock.advance(minutes=10)
    hand_off(house)
    clock.advance(minutes=10)
    answer(house)
    browser = sign_in(house.operator)
    assert "请先回电" in read(browser, house, "/close")
    refused = post(
        browser, house, "close", how="in_call", proof=proof, told="已补发", resolution="solved"
    )
    assert refused.status_code == 409
    assert house.ticket.status is TicketStatus.ANSWERED
    clock.advance(minutes=1)
    later = talk(house.ticket, house.operator)
    post(browser, house, "close", how="in_call", proof=later, told="已补发", resolution="solved")
    assert house.ticket.status is TicketStatus.CLOSED

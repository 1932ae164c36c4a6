"""One key ends a call: answered, handed off, a callback promised, no matter, or nothing at all."""

import re

import pytest
from sqlalchemy import select

from models import (
    Callback,
    CallbackKind,
    Feedback,
    Handoff,
    How,
    NoMatterKind,
    Resolution,
    Seat,
    SeatState,
    Ticket,
    TicketStatus,
    db,
)
from tests.makers import make_ticket
from tests.workspace.house import call_in, make_house


def test_answered_now_tells_closes_and_frees_the_seat(clock, sign_in):
    house = make_house()
    ticket = call_in(house)

    answer = sign_in(house.operator).post(
        f"/workspace/{ticket.id}/answer",
        data=house.typed(ticket, answer="可以到劳动监察投诉，带上考勤。"),
    )

    assert answer.status_code == 303
    db.session.expire_all()
    assert (ticket.status, ticket.resolution) == (TicketStatus.CLOSED, Resolution.ANSWERED_DIRECTLY)
    proof = db.session.get_one(Feedback, ticket.closing_feedback_id)
    assert (proof.how, proof.told) == (How.IN_CALL, "可以到劳动监察投诉，带上考勤。")
    assert ticket.caller.name == "王建国"
    assert db.session.get_one(Seat, house.operator.id).state is SeatState.FREE


def test_what_is_missing_is_said_beside_each_field_and_nothing_is_written(clock, sign_in):
    house = make_house()
    ticket = call_in(house)
    typed = house.typed(ticket, caller_kind="", category="", question=" ", answer="说过的话")

    page = sign_in(house.operator).post(f"/workspace/{ticket.id}/answer", data=typed)

    assert page.status_code == 422
    for field in ("caller_kind", "category", "question"):
        assert f'id="{field}-error" role="alert"' in page.text
    assert "请写明问了什么。" in page.text
    assert "说过的话" in page.text
    assert "王建国" in page.text
    db.session.expire_all()
    assert (ticket.status, ticket.question, ticket.caller.name) == (TicketStatus.OPEN, "", "")


@pytest.mark.parametrize(
    ("outcome", "more", "wrong"),
    [
        ("answer", {}, ["answer"]),
        ("hand_off", {"department": "x"}, ["department"]),
        ("save", {"about_department": "0"}, ["about_department"]),
    ],
)
def test_every_wrong_field_of_the_form_has_its_sentence_at_once(
    clock, sign_in, outcome, more, wrong
):
    house = make_house()
    ticket = call_in(house)
    typed = house.typed(ticket, category="", number="12", level="impossible", **more)

    page = sign_in(house.operator).post(f"/workspace/{ticket.id}/{outcome}", data=typed)

    assert page.status_code == 422
    found = re.findall(r'id="(\w+)-error" role="alert"', page.text)
    assert sorted(found) == sorted(["category", "number", "level", *wrong])
    assert "工地三个月没发工资" in page.text


def test_answered_without_the_answer_is_no_answer(clock, sign_in):
    house = make_house()
    ticket = call_in(house)

    page = sign_in(house.operator).post(f"/workspace/{ticket.id}/answer", data=house.typed(ticket))

    assert page.status_code == 422
    assert "请写下告诉了来电人什么。" in page.text
    db.session.expire_all()
    assert (ticket.status, ticket.question) == (TicketStatus.OPEN, "")


def test_nobody_closes_what_nobody_spoke_about(clock, sign_in):
    house = make_house()
    ticket = make_ticket(operator=house.operator)

    page = sign_in(house.operator).post(
        f"/workspace/{ticket.id}/answer", data=house.typed(ticket, answer="已答复")
    )

    assert page.status_code == 409
    assert "还没有人与来电人通过话" in page.text
    db.session.expire_all()
    assert ticket.status is TicketStatus.OPEN


def test_handed_off_with_the_sentence_for_the_caller(clock, sign_in):
    house = make_house()
    ticket = call_in(house)
    browser = sign_in(house.operator)

    answer = browser.post(
        f"/workspace/{ticket.id}/hand_off",
        data=house.typed(ticket, department=house.legal.id, handoff_note="请先约谈企业"),
    )

    assert answer.status_code == 303
    db.session.expire_all()
    assert (ticket.status, ticket.department_id) == (TicketStatus.QUEUED, house.legal.id)
    handoff = db.session.scalars(select(Handoff)).one()
    assert handoff.note == "请先约谈企业"
    words = f"您的事已转权益保障部，最迟11月23日（周一）下班前答复您，查询码{ticket.query_code}。"
    assert handoff.sentence == words
    assert words in browser.get("/workspace").text


def test_the_sentence_follows_the_category_then_the_department(clock, sign_in):
    house = make_house()
    ticket = call_in(house)
    browser = sign_in(house.operator)

    part = browser.get(
        f"/workspace/{ticket.id}/words",
        query_string={"category": house.wages.id},
        headers={"HX-Request": "true", "HX-Trigger-Name": "category"},
    )
    assert f'<option value="{house.legal.id}" translate="no" selected>' in part.text
    assert "您的事已转权益保障部，最迟11月23日（周一）下班前答复您" in part.text

    urgent = browser.get(
        f"/workspace/{ticket.id}/words",
        query_string={"department": house.legal.id, "urgency": "critical"},
        headers={"HX-Request": "true"},
    )
    assert "您的事已转权益保障部，最迟11月16日（周一）11:30前答复您" in urgent.text


def test_without_a_department_nothing_is_handed_off(clock, sign_in):
    house = make_house()
    ticket = call_in(house)

    page = sign_in(house.operator).post(
        f"/workspace/{ticket.id}/hand_off", data=house.typed(ticket)
    )

    assert page.status_code == 422
    assert "请选择部门。" in page.text
    assert db.session.scalars(select(Handoff)).all() == []


def test_a_callback_is_promised_in_the_callers_time(clock, sign_in):
    house = make_house()
    ticket = call_in(house)

    browser = sign_in(house.operator)
    assert "午休时 · 今天12:00至14:00" in browser.get(f"/workspace/{ticket.id}").text
    browser.post(
        f"/workspace/{ticket.id}/call_back_later",
        data=house.typed(ticket, window="noon", callback_words="查到补缴办法后告诉他"),
    )

    callback = db.session.scalars(select(Callback)).one()
    assert "回电已承诺：今天12:00至14:00。" in browser.get("/workspace").text
    assert (callback.kind, callback.owner_id) == (CallbackKind.TELL, house.operator.id)
    assert (callback.window, callback.words) == ("noon", "查到补缴办法后告诉他")
    assert callback.due_at.date() == clock.time.date()


def test_who_says_later_is_promised_a_ring_with_nothing_but_a_number_and_a_time(clock, sign_in):
    house = make_house()
    ticket = call_in(house)
    browser = sign_in(house.operator)
    begun = house.typed(ticket, caller_kind="", category="", window="after_work")

    answer = browser.post(f"/workspace/{ticket.id}/call_back_later", data=begun)

    assert answer.status_code == 303
    db.session.expire_all()
    callback = db.session.scalars(select(Callback)).one()
    assert (ticket.status, ticket.question) == (TicketStatus.OPEN, "")
    page = browser.get("/workspace").text
    assert "回电已承诺：今天17:30至21:00。工单留在您名下，尚未登记。" in page
    assert ticket.number in page
    assert "工地三个月没发工资" in browser.get(f"/workspace/{ticket.id}").text  # what was begun
    assert db.session.get_one(Seat, house.operator.id).state is SeatState.FREE

    clock.set(callback.not_before_at)  # reached: now the caller says what it is about
    ring = {"version": ticket.version, "outcome": "reached"}
    answer = sign_in(house.operator).post(f"/callbacks/{callback.id}/attempt", data=ring)
    assert (answer.status_code, answer.location) == (303, f"/workspace/{ticket.id}")
    db.session.expire_all()
    assert ticket.status is TicketStatus.OPEN


def test_a_promise_of_a_ring_still_refuses_a_wrong_number_and_a_wrong_time(clock, sign_in):
    house = make_house()
    ticket = call_in(house)
    typed = house.typed(ticket, caller_kind="", number="12", window="never")
    page = sign_in(house.operator).post(f"/workspace/{ticket.id}/call_back_later", data=typed)
    assert page.status_code == 422
    assert sorted(re.findall(r'id="(\w+)-error" role="alert"', page.text)) == ["number", "window"]


def test_who_has_no_number_cannot_be_promised_a_callback(clock, sign_in):
    house = make_house()
    ticket = call_in(house, number="anonymous")

    page = sign_in(house.operator).post(
        f"/workspace/{ticket.id}/call_back_later", data=house.typed(ticket, number="")
    )

    assert page.status_code == 422
    assert "没有可回拨的号码，请先填写。" in page.text
    db.session.expire_all()
    assert ticket.question == ""


def test_no_matter_needs_nothing_but_its_kind(clock, sign_in):
    house = make_house()
    ticket = call_in(house)

    answer = sign_in(house.operator).post(
        f"/workspace/{ticket.id}/no_matter", data={"version": ticket.version, "no_matter": "advert"}
    )

    assert answer.status_code == 303
    db.session.expire_all()
    assert ticket.resolution is Resolution.NO_MATTER
    proof = db.session.get_one(Feedback, ticket.closing_feedback_id)
    assert proof.no_matter is NoMatterKind.ADVERT


def test_the_slower_of_two_keeps_what_was_typed(clock, sign_in):
    house = make_house()
    ticket = call_in(house)
    typed = house.typed(ticket, version=ticket.version - 1, question="慢的人写的话")

    page = sign_in(house.operator).post(f"/workspace/{ticket.id}/save", data=typed)

    assert page.status_code == 409
    assert "慢的人写的话" in page.text
    db.session.expire_all()
    assert ticket.question == ""


@pytest.mark.parametrize(
    ("outcome", "field", "value"),
    [
        ("save", "category", "x' OR 1=1"),
        ("save", "category", "999999"),
        ("save", "caller_kind", "king"),
        ("save", "level", "impossible"),
        ("save", "number", "not a number"),
        ("save", "outer_due", "yesterday"),
        ("hand_off", "department", "-1"),
        ("hand_off", "department", "999999"),
    ],
)
def test_what_no_list_offers_is_refused_with_a_sentence(clock, sign_in, outcome, field, value):
    house = make_house()
    ticket = call_in(house)

    page = sign_in(house.operator).post(
        f"/workspace/{ticket.id}/{outcome}", data=house.typed(ticket, **{field: value})
    )

    assert page.status_code == 422
    assert "工地三个月没发工资" in page.text
    assert 'class="hy-error"' in page.text or 'class="hy-note hy-bad"' in page.text
    db.session.expire_all()
    assert ticket.question == ""


def test_a_department_has_no_workspace(clock, sign_in):
    house = make_house()
    ticket = call_in(house)

    answer = sign_in(house.handler).post(f"/workspace/{ticket.id}/save", data=house.typed(ticket))

    assert answer.status_code == 403
    assert db.session.get_one(Ticket, ticket.id).question == ""


def test_a_ticket_that_has_moved_on_opens_its_own_page(clock, sign_in):
    house = make_house()
    ticket = call_in(house)
    browser = sign_in(house.operator)
    browser.post(
        f"/workspace/{ticket.id}/hand_off", data=house.typed(ticket, department=house.legal.id)
    )

    answer = browser.get(f"/workspace/{ticket.id}")

    assert (answer.status_code, answer.location) == (303, f"/tickets/{ticket.id}")


def test_a_time_of_the_callers_that_is_none_is_refused(clock, sign_in):
    house = make_house()
    ticket = call_in(house)
    browser = sign_in(house.operator)
    answer = browser.post(
        f"/workspace/{ticket.id}/call_back_later", data=house.typed(ticket, window="never")
    )
    assert answer.status_code == 422
    assert db.session.query(Callback).count() == 0


def test_who_wants_to_stay_nameless_has_no_name_on_the_ticket(clock, sign_in):
    house = make_house()
    known = call_in(house)
    browser = sign_in(house.operator)
    browser.post(
        f"/workspace/{known.id}/save", data=house.typed(known)
    )  # another matter, with the name
    ticket = make_ticket(operator=house.operator, category=known.category, caller_name="王建国")
    typed = house.typed(ticket, is_nameless="y")

    both = browser.post(f"/workspace/{ticket.id}/save", data=typed)
    assert both.status_code == 422
    assert 'id="name-error" role="alert"' in both.text
    assert (
        browser.post(f"/workspace/{ticket.id}/save", data=typed | {"name": ""}).status_code == 303
    )

    db.session.expire_all()
    assert ticket.is_nameless
    assert ticket.caller.name == "王建国"  # what is known of the person stays
    for path in (f"/tickets/{ticket.id}", f"/tickets?q={ticket.number}"):
        assert "王建国" not in browser.get(path, follow_redirects=True).text
    assert ticket.number not in browser.get("/tickets?q=王建国").text

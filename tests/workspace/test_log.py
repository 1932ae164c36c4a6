"""Writing down by hand what came by any telephone, a visit or a letter."""

import re

import pytest
from itsdangerous import URLSafeSerializer
from sqlalchemy import func, select

from hotline.workspace import form_keys
from models import Call, Callback, Handoff, Resolution, Role, Source, Ticket, TicketStatus, db
from tests.conftest import SECRET
from tests.makers import make_user
from tests.workspace.house import call_in, make_house


def fields(house, **more):
    return {
        "caller_kind": "grassroots_union",
        "category": house.wages.id,
        "question": "届期已满，问换届流程",
        "name": "孙主席",
        "number": "13912345678",
        "source": "phone",
        "urgency": "normal",
        "level": "consultation",
        **more,
    }


def test_a_call_at_a_departments_own_desk_is_logged_and_answered_there(clock, sign_in):
    house = make_house()

    answer = sign_in(house.handler).post("/log/answer", data=fields(house, answer="先开筹备会"))

    ticket = db.session.scalars(select(Ticket)).one()
    assert answer.location == f"/tickets/{ticket.id}"
    assert (ticket.desk_department_id, ticket.operator_id) == (house.legal.id, house.handler.id)
    assert (ticket.status, ticket.resolution) == (
        TicketStatus.CLOSED,
        Resolution.ANSWERED_DIRECTLY,
    )


def test_a_visitor_is_told_face_to_face(clock, sign_in):
    house = make_house()

    sign_in(house.operator).post(
        "/log/answer", data=fields(house, source="visit", answer="已当面说明")
    )

    ticket = db.session.scalars(select(Ticket)).one()
    assert (ticket.source, ticket.status) == (Source.VISIT, TicketStatus.CLOSED)
    story = sign_in(house.operator).get(f"/tickets/{ticket.id}").text
    assert "当面告知" in story
    assert "通话中告知" not in story
    trail = sign_in(make_user(Role.AUDITOR)).get("/audit/tickets").text
    assert "当面告知" in trail
    assert "通话中告知" not in trail


def test_a_visit_that_stays_open_is_closed_as_told_in_person(clock, sign_in):
    house = make_house()
    browser = sign_in(house.operator)
    browser.post("/log/save", data=fields(house, source="visit"))
    ticket = db.session.scalars(select(Ticket)).one()

    closing = browser.get(f"/tickets/{ticket.id}/close").text

    assert "当面告知" in closing
    assert "来访：今天09:30" in closing
    assert "通话中告知" not in closing


def test_who_wrote_a_letter_has_not_heard_the_answer(clock, sign_in):
    house = make_house()

    page = sign_in(house.operator).post(
        "/log/answer", data=fields(house, source="letter", answer="已答复")
    )

    assert page.status_code == 409
    assert "还没有人与来电人通过话" in page.text
    assert db.session.scalar(select(func.count(Ticket.id))) == 0


def test_what_12345_sends_keeps_its_number_and_deadline(clock, sign_in):
    house = make_house()

    sign_in(house.operator).post(
        "/log/hand_off",
        data=fields(
            house,
            source="12345",
            outer_number="SH-2026-88",
            outer_due="2026-11-20T17:30",
            department=house.legal.id,
        ),
    )

    ticket = db.session.scalars(select(Ticket)).one()
    assert (ticket.source, ticket.outer_number) == (Source.HOTLINE_12345, "SH-2026-88")
    assert f"{ticket.outer_due_at:%Y-%m-%d %H:%M}" == "2026-11-20 09:30"
    assert ticket.status is TicketStatus.QUEUED
    assert db.session.scalar(select(func.count(Call.id))) == 0


def test_nothing_is_logged_from_the_future_and_nothing_typed_is_lost(clock, sign_in):
    house = make_house()

    page = sign_in(house.operator).post(
        "/log/save", data=fields(house, happened_at="2026-11-17T09:00")
    )

    assert page.status_code == 422
    assert "届期已满，问换届流程" in page.text
    assert 'id="happened_at-error"' in page.text
    assert db.session.scalar(select(func.count(Ticket.id))) == 0


def test_a_refused_outcome_makes_no_ticket(clock, sign_in):
    house = make_house()

    page = sign_in(house.operator).post("/log/answer", data=fields(house, answer=""))

    assert page.status_code == 422
    assert "请写下告诉了来电人什么。" in page.text
    assert db.session.scalar(select(func.count(Ticket.id))) == 0


def test_who_logs_nothing_has_no_such_page(clock, sign_in):
    assert sign_in(make_user(Role.AUDITOR)).get("/log").status_code == 403


def test_the_draft_of_the_log_comes_back_and_goes_when_it_was_sent(clock, sign_in):
    house = make_house()
    browser = sign_in(house.operator)
    browser.post("/drafts/log", json={"question": "来访的人还没说完", "source": "visit"})
    page = browser.get("/log").text
    assert "来访的人还没说完" in page
    assert 'value="visit" checked' in page

    browser.post("/log/save", data=fields(house))

    assert "来访的人还没说完" not in browser.get("/log").text


def words_after(browser, **args):
    headers = {"HX-Request": "true", "HX-Trigger-Name": "category"}
    return browser.get("/log/words", query_string=args, headers=headers).text


def test_the_log_suggests_the_department_and_says_the_sentence_before_it_is_saved(clock, sign_in):
    house = make_house()
    browser = sign_in(house.handler)
    page = browser.get("/log").text
    key = key_of(page)

    part = words_after(browser, category=house.wages.id, number="13912345678", form_key=key)
    code = re.search(r"查询码(\d{4})", part)[1]
    assert f'<option value="{house.legal.id}" translate="no" selected>' in part
    words = f"您的事已转权益保障部，最迟11月23日（周一）下班前答复您，查询码{code}。"
    assert words in part

    typed = fields(house, department=house.legal.id, level="ordinary", form_key=key)
    assert browser.post("/log/hand_off", data=typed).status_code == 303
    ticket = db.session.scalars(select(Ticket)).one()
    assert ticket.query_code == code
    assert db.session.scalars(select(Handoff)).one().sentence == words


def test_who_leaves_no_number_is_told_to_ring_again(clock, sign_in):
    house = make_house()
    part = words_after(sign_in(house.handler), category=house.wages.id)
    assert re.search(r"届时请来电报查询码\d{4}", part)


def key_of(page):
    return re.search(r'name="form_key" value="([^"]+)"', page)[1]


@pytest.mark.parametrize("of", ["a colleague", "last month", "nobody"])
def test_nobody_chooses_the_query_code(clock, sign_in, of):
    house = make_house()
    browser = sign_in(house.handler)
    key = key_of(sign_in(house.operator).get("/log").text)
    if of != "a colleague":
        key = key_of(browser.get("/log").text)
        clock.advance(days=8 if of == "last month" else 0)
    mark = URLSafeSerializer(SECRET, form_keys.SALT).loads(key)[1]
    key = f"{key}x" if of == "nobody" else key
    browser = sign_in(house.handler)
    browser.post("/log/save", data=fields(house, query_code="0000x", form_key=key))
    ticket = db.session.scalars(select(Ticket)).one()
    assert re.fullmatch(r"\d{4}", ticket.query_code)
    assert ticket.form_key != mark


@pytest.mark.parametrize("end", ["save", "hand_off", "keep", "emergency"])
def test_a_form_sent_twice_makes_one_ticket(clock, sign_in, end):
    house = make_house()
    browser = sign_in(house.operator)
    number = "" if end == "keep" else "13912345678"
    typed = fields(house, department=house.legal.id, number=number)
    typed["form_key"] = key_of(browser.get("/log").text)
    first = browser.post(f"/log/{end}", data=typed)
    ticket = db.session.scalars(select(Ticket)).one()
    before = (ticket.version, count_of(Handoff), count_of(Call), count_of(Callback))
    again = browser.post(f"/log/{end}", data=typed | {"question": "回到上一页又改了"})

    assert (first.status_code, again.status_code) == (303, 303)
    assert again.location == f"/tickets/{ticket.id}"
    db.session.expire_all()
    assert db.session.scalars(select(Ticket)).one().question != "回到上一页又改了"
    now = (ticket.version, count_of(Handoff), count_of(Call), count_of(Callback))
    assert now == before
    assert key_of(browser.get("/log").text) != typed["form_key"]


def test_a_draft_of_what_was_sent_gets_a_key_of_its_own(clock, sign_in):
    house = make_house()
    browser = sign_in(house.operator)
    key = key_of(browser.get("/log").text)
    browser.post("/drafts/log", json={"question": "还没发", "form_key": key})
    assert key_of(browser.get("/log").text) == key
    browser.post("/log/save", data=fields(house, form_key=key))
    browser.post("/drafts/log", json={"question": "另一件事", "form_key": key})
    page = browser.get("/log").text
    assert "另一件事" in page
    assert key_of(page) != key


def count_of(model):
    return db.session.scalar(select(func.count()).select_from(model))


def test_both_forms_are_one_with_the_same_keys(clock, sign_in):
    house = make_house()
    ticket = call_in(house, "anonymous")
    browser = sign_in(house.operator)
    live, log = browser.get(f"/workspace/{ticket.id}").text, browser.get("/log").text

    def keys(page):
        return set(re.findall(r'data-key="(F\d+)"', page.split('id="contact-form"')[1]))

    assert keys(live) == keys(log) == {"F2", "F4", "F6", "F8", "F9", "F10"}


@pytest.mark.parametrize(
    ("source", "title"),
    [("phone", "来电（其他电话），已接"), ("visit", "来访，已当面交谈")],
)
def test_what_is_logged_by_hand_is_told_as_what_it_was_and_was_timed_by_nobody(
    clock, sign_in, source, title
):
    house = make_house()
    browser = sign_in(house.operator)
    typed = fields(house, source=source, happened_at="2026-11-16T09:00")
    page = browser.post("/log/save", data=typed, follow_redirects=True).text
    assert title in page
    assert ">0:00<" not in page
    ticket = db.session.scalars(select(Ticket)).one()
    card = browser.get(f"/workspace/{ticket.id}").text
    assert title in card
    assert ">0:00<" not in card


def test_a_letter_is_no_call(clock, sign_in):
    house = make_house()
    typed = fields(house, source="letter")
    page = sign_in(house.operator).post("/log/save", data=typed, follow_redirects=True).text
    assert "来信" in page
    assert "来电，已接" not in page


def test_a_wrong_number_on_another_telephone_needs_nothing_but_its_kind(clock, sign_in):
    house = make_house()
    typed = {"source": "phone", "no_matter": "wrong_number"}
    assert sign_in(house.operator).post("/log/no_matter", data=typed).status_code == 303
    assert db.session.scalars(select(Ticket)).one().resolution is Resolution.NO_MATTER


def test_danger_on_another_telephone_asks_for_no_field(clock, sign_in):
    house = make_house()
    browser = sign_in(house.operator)
    browser.post("/drafts/log", json={"question": "他说"})

    answer = browser.post(
        "/log/emergency",
        data={"question": "他说要跳楼", "number": "13912345678", "happened_at": "2026-11-17T09:00"},
    )

    ticket = db.session.scalars(select(Ticket)).one()
    assert answer.location == f"/workspace/{ticket.id}"
    assert (ticket.is_emergency, ticket.callback_number) == (True, "+8613912345678")
    assert "他说要跳楼" in browser.get(f"/workspace/{ticket.id}").text
    assert "他说" not in browser.get("/log").text
    danger_at_a_department = sign_in(house.handler).post("/log/emergency", data={})
    assert danger_at_a_department.location.startswith("/tickets/")


def test_everything_that_is_wrong_is_said_at_once_and_nothing_typed_is_lost(clock, sign_in):
    house = make_house()
    typed = fields(
        house,
        caller_kind="",
        category="",
        question=" ",
        number="12",
        name="很" * 65,
        happened_at="2026-11-17T09:00",
        outer_due="someday",
        is_confidential="y",
        department="",
        handoff_note="给部门的话",
    )

    page = sign_in(house.operator).post("/log/hand_off", data=typed)

    assert page.status_code == 422
    wrong = re.findall(r'id="(\w+)-error" role="alert"', page.text)
    assert sorted(wrong) == sorted(
        ["happened_at", "outer_due", "name", "number", "caller_kind", "category", "question"]
        + ["safe_summary", "department"]
    )
    for kept in ("很" * 65, "给部门的话", "2026-11-17T09:00"):
        assert kept in page.text
    assert db.session.scalar(select(func.count(Ticket.id))) == 0


@pytest.mark.parametrize(
    ("outer_due", "sentence"),
    [("2020-01-01T09:00", "这个期限已经过去"), ("2062-11-20T09:00", "这个期限在一年以后")],
)
def test_a_deadline_of_the_sender_that_cannot_be_meant_is_refused(
    clock, sign_in, outer_due, sentence
):
    house = make_house()

    page = sign_in(house.operator).post(
        "/log/save", data=fields(house, source="12345", outer_due=outer_due)
    )

    assert page.status_code == 422
    assert 'id="outer_due-error"' in page.text
    assert sentence in page.text
    assert db.session.scalar(select(func.count(Ticket.id))) == 0


def test_a_ticket_whose_outer_deadline_has_passed_is_still_written_in(clock, sign_in):
    house = make_house()
    typed = fields(house, source="12345", outer_due="2026-11-20T17:30")
    sign_in(house.operator).post("/log/save", data=typed)
    ticket = db.session.scalars(select(Ticket)).one()
    clock.advance(days=7)

    answer = sign_in(house.operator).post(
        f"/workspace/{ticket.id}/save",
        data=typed | {"version": ticket.version, "question": "又来问了一次"},
    )

    assert answer.status_code == 303
    assert db.session.get_one(Ticket, ticket.id).question == "又来问了一次"


def test_a_draft_that_comes_back_says_of_when_it_is_and_can_be_left(clock, sign_in):
    house = make_house()
    browser = sign_in(house.operator)
    assert re.search(r'data-draft-note="log" hidden', browser.get("/log").text)
    browser.post("/drafts/log", json={"question": "三个月没发工资", "name": "王建国"})
    clock.advance(minutes=20)

    page = browser.get("/log").text
    assert "王建国" in page
    assert "今天09:30的草稿已填入下面" in page
    assert re.search(r'data-draft-note="log">', page)

    assert browser.post("/log/begin-anew").location == "/log"
    page = browser.get("/log").text
    assert "王建国" not in page
    assert "三个月没发工资" not in page

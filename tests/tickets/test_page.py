"""The ticket page: one readable story, and only the buttons this person may press now."""

import re

import pytest

from hotline import clock as clock_module
from hotline.tickets import service as tickets
from hotline.unit_of_work import unit_of_work
from models import Role, TicketStatus, db
from tests.handoffs.house import accept, answer, hand_off, make_house
from tests.makers import make_user


@pytest.fixture
def house(app, clock):
    return make_house()


def verbs_of(html):
    return set(re.findall(r"/tickets/\d+/([a-z_]+)[\"?]", html)) - {"reveal", "sheet", "words"}


def page(browser, house, path=""):
    answered = browser.get(f"/tickets/{house.ticket.id}{path}")
    assert answered.status_code == 200, answered.get_data(as_text=True)[:800]
    return answered.get_data(as_text=True)


def test_the_story_is_told_with_the_latest_first(house, sign_in, clock):
    clock.advance(minutes=5)
    hand_off(house, note="请核实")
    clock.advance(minutes=5)
    accept(house)
    clock.advance(hours=1)
    answer(house)

    html = page(sign_in(house.operator), house)

    told = [html.index(word) for word in ("工资已补发", "请核实", "工地三个月没发工资")]
    assert told[0] < told[1]
    assert house.ticket.number in html
    assert "您的事已转权益保障部" in html


def test_each_sees_only_what_may_be_pressed_now(house, sign_in):
    operator, handler = sign_in(house.operator), sign_in(house.handler)
    assert {"hand_off", "close", "note", "release"} <= verbs_of(page(operator, house))

    hand_off(house)
    assert {"recall", "chase", "note"} <= verbs_of(page(operator, house))
    assert not {"accept", "answer", "send_back"} & verbs_of(page(operator, house))
    assert {"accept", "answer", "ask_return", "ask_hotline"} <= verbs_of(page(handler, house))
    assert not {"recall", "hand_off", "close"} & verbs_of(page(handler, house))

    accept(house)
    answer(house)
    assert verbs_of(page(handler, house)) == set()  # read only: it is the hotline's again


def test_one_of_us_chases_with_a_button_and_the_story_says_who(house, sign_in):
    """A habit press of F2 must not nag a department, and no caller has rung."""
    browser = sign_in(house.operator)
    hand_off(house)
    buttons = page(browser, house).split('<div id="act">')[0]
    assert "催办" in buttons
    assert 'data-key="F2"' not in buttons

    post(browser, house, "chase")

    story = page(browser, house)
    assert "热线催办" in story
    assert "来电人催办" not in story
    assert house.ticket.chased_count == 1


def test_a_form_opens_in_place_and_by_its_own_address(house, sign_in):
    browser = sign_in(house.operator)
    assert 'name="text"' in page(browser, house, "/note")
    fragment = browser.get(f"/tickets/{house.ticket.id}/note", headers={"HX-Request": "true"})
    assert "<html" not in fragment.get_data(as_text=True)
    assert 'name="version"' in fragment.get_data(as_text=True)


def test_a_form_of_what_cannot_be_done_leads_back(house, sign_in):
    browser = sign_in(house.operator)
    assert browser.get(f"/tickets/{house.ticket.id}/answer").status_code == 303
    assert browser.get(f"/tickets/{house.ticket.id}/nonsense").status_code == 404


def post(browser, house, verb, **typed):
    typed.setdefault("version", house.ticket.version)
    return browser.post(f"/tickets/{house.ticket.id}/{verb}", data=typed)


def test_the_slower_of_two_people_gets_the_sentence_and_keeps_what_was_typed(house, sign_in):
    hand_off(house)
    slow, quick = sign_in(house.handler), sign_in(house.head)
    seen = house.ticket.version
    assert post(quick, house, "accept").status_code == 303

    late = post(
        slow, house, "answer", version=seen, is_solved="yes", words="已补发", report="约谈了企业"
    )

    html = late.get_data(as_text=True)
    assert late.status_code == 409
    assert "已补发" in html
    assert "约谈了企业" in html
    assert f'name="version" value="{house.ticket.version}"' in html
    assert house.ticket.status is TicketStatus.ACCEPTED
    again = post(slow, house, "answer", is_solved="yes", words="已补发", report="约谈了企业")
    assert again.status_code == 303
    assert house.ticket.status is TicketStatus.ANSWERED


def test_without_a_version_nothing_is_done(house, sign_in):
    browser = sign_in(house.operator)
    assert browser.post(f"/tickets/{house.ticket.id}/note", data={"text": "x"}).status_code == 409
    assert post(browser, house, "note", version="x" * 40, text="x").status_code == 409


def test_bad_input_gets_a_sentence_beside_the_field_and_writes_nothing(house, sign_in):
    browser = sign_in(house.operator)
    refused = post(browser, house, "hand_off", department="", level="ordinary", note="请尽快")
    html = refused.get_data(as_text=True)
    assert refused.status_code == 422
    assert 'id="department-error"' in html
    assert "请尽快" in html
    assert house.ticket.status is TicketStatus.OPEN


def test_what_was_typed_survives_losing_the_ticket(house, sign_in):
    """The hotline took it back while the handler wrote: the text is still there to copy."""
    hand_off(house)
    writer, operator = sign_in(house.handler), sign_in(house.operator)
    post(operator, house, "recall", reason="另派")
    lost = post(writer, house, "answer", is_solved="yes", words="写了很久的答复", report="约谈")
    assert lost.status_code in (403, 409)
    assert "写了很久的答复" in lost.get_data(as_text=True)


def test_the_three_step_story_by_hand(house, sign_in, clock):
    operator, handler = sign_in(house.operator), sign_in(house.handler)
    sentence = operator.get(
        f"/tickets/{house.ticket.id}/words?department={house.legal.id}&level=ordinary"
    ).get_data(as_text=True)
    assert "您的事已转权益保障部，最迟11月23日（周一）下班前答复您" in sentence

    answered = post(operator, house, "hand_off", department=house.legal.id, level="ordinary")
    assert answered.status_code == 303
    accepted = post(handler, house, "accept", back="queue")
    assert accepted.headers["Location"].endswith("/queue")
    clock.advance(minutes=20)
    answered = post(
        handler,
        house,
        "answer",
        is_solved="no",
        why_not_solved="企业已停业",
        words="已申请垫付",
        report="已约谈",
        money="12,000.50",
        has_told="y",
        told_at="2026-11-16T09:40",
        told_number="13912345678",
        told_by="李梅",
    )
    assert answered.status_code == 303
    assert house.ticket.money_recovered_fen == 1_200_050
    assert "已申请垫付" in page(operator, house)


@pytest.mark.parametrize("money", ["很多", "1.234", "-5", "NaN", "1e99", "Infinity"])
def test_money_is_an_amount(house, sign_in, money):
    hand_off(house)
    refused = post(
        sign_in(house.handler),
        house,
        "answer",
        is_solved="yes",
        words="是",
        report="是",
        money=money,
    )
    assert refused.status_code == 422
    assert 'id="money-error"' in refused.get_data(as_text=True)


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.AUDITOR])
def test_who_administers_or_audits_reads_no_ticket(house, sign_in, role):
    browser = sign_in(make_user(role))
    assert browser.get(f"/tickets/{house.ticket.id}").status_code == 403


def test_a_stranger_department_does_not_know_that_it_exists(house, sign_in):
    browser = sign_in(house.women_handler)
    assert browser.get(f"/tickets/{house.ticket.id}").status_code == 404
    assert browser.get("/tickets/987654").status_code == 404
    assert post(browser, house, "note", text="x").status_code == 404


def test_the_number_is_masked_until_a_reason_is_given(house, sign_in):
    html = page(sign_in(house.operator), house)
    assert "139****5678" in html
    assert "13912345678" not in html


def test_the_employer_must_not_learn_who_rang(house, sign_in):
    browser = sign_in(house.operator)
    warning = "不得让用人单位知道来电人身份"
    assert warning in page(browser, house)
    with unit_of_work():
        house.ticket.employer_may_know = True
    assert warning not in page(browser, house)


def test_a_long_story_costs_no_more_questions_than_a_short_one(house, sign_in, count_queries):
    browser = sign_in(house.operator)
    hand_off(house)
    page(browser, house)
    count_queries.clear()
    page(browser, house)
    short = len(count_queries)
    with unit_of_work():
        for number in range(30):
            tickets.note(house.ticket, f"第{number}条", actor=house.operator, at=clock_module.now())
    db.session.expire_all()
    count_queries.clear()
    page(browser, house)
    assert len(count_queries) == short


def test_an_open_page_hears_that_something_is_new(house, sign_in):
    browser = sign_in(house.operator)
    seen = house.ticket.version
    assert browser.get(f"/tickets/{house.ticket.id}/news/{seen}").text == ""
    hand_off(house)
    told = browser.get(f"/tickets/{house.ticket.id}/news/{seen}")
    assert "这张工单有新动态" in told.get_data(as_text=True)
    assert sign_in(house.women_handler).get(f"/tickets/{house.ticket.id}/news/1").status_code == 404


def test_what_was_being_typed_is_there_again_and_gone_when_sent(house, sign_in):
    browser = sign_in(house.operator)
    browser.post(f"/drafts/note:{house.ticket.id}", json={"text": "写了一半的备注"})
    assert "写了一半的备注" in page(browser, house, "/note")
    assert post(browser, house, "note", text="写完的备注").status_code == 303
    assert "写了一半的备注" not in page(browser, house, "/note")


def test_a_departments_own_desk_answers_and_hands_off(app, clock, sign_in):
    """Who answers at 组工部 is an operator there: what is logged at the desk is the desk's."""
    house = make_house()
    with unit_of_work():
        house.ticket.desk_department_id = house.legal.id
        house.ticket.owner_id = None
    desk = sign_in(house.handler)
    assert {"hand_off", "close", "claim"} <= verbs_of(page(desk, house))
    passed = post(desk, house, "hand_off", department=house.women.id, level="ordinary")
    assert passed.status_code == 303
    assert house.ticket.department_id == house.women.id
    assert not {"close", "recall", "answer"} & verbs_of(page(desk, house))


@pytest.mark.parametrize(
    ("verb", "field", "room"), [("answer", "told_by", 64), ("wait", "what", 500)]
)
def test_what_has_no_room_is_said_and_not_cut(house, sign_in, verb, field, room):
    hand_off(house)
    accept(house)
    typed = {
        "is_solved": "yes",
        "words": "是",
        "report": "是",
        "until": "2026-11-18",
        "has_told": "y",
        "told_at": "2026-11-16T09:30",
        "told_number": "13912345678",
    }
    refused = post(sign_in(house.handler), house, verb, **typed, **{field: "字" * (room + 1)})
    assert refused.status_code == 422
    assert f'id="{field}-error"' in refused.text
    assert house.ticket.status is TicketStatus.ACCEPTED

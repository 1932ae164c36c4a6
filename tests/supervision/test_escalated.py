"""What was escalated in the last days, who heard of it, and what became of it."""

import pytest

from hotline.callbacks import jobs as callback_jobs
from hotline.callbacks import service as callbacks
from hotline.handoffs import extension_jobs, jobs
from hotline.handoffs import service as handoffs
from hotline.supervision import escalations
from hotline.unit_of_work import unit_of_work
from models import CallbackKind, Outcome
from tests.handoffs.house import accept, answer, at, hand_off, make_house


@pytest.fixture
def house(app, clock):
    return make_house()


def rows(house, since="2026-11-10 00:00"):
    page = escalations.told_since(at(since), viewer=house.supervisor)
    return [(row.event.kind, row.became, row.told) for row in page.rows]


def names(*people):
    return [person.display_name for person in people]


def test_each_says_who_heard_and_what_became_of_it(house, clock):
    hand_off(house)
    clock.set(at("2026-11-16 11:31"))
    jobs.remind_departments_to_accept()
    both = names(house.handler, house.head)
    assert rows(house) == [("remind_accept_overdue", escalations.STILL, both)]

    clock.set(at("2026-11-16 14:10"))
    jobs.remind_departments_to_accept()
    accept(house)
    clock.set(at("2026-11-24 08:30"))
    jobs.remind_departments_to_answer()
    assert [row[:2] for row in rows(house)] == [
        ("remind_answer_overdue", escalations.STILL),
        ("remind_accept_late", escalations.ACCEPTED),
        ("remind_accept_overdue", escalations.ACCEPTED),
    ]
    answer(house)
    assert rows(house)[0][1] == escalations.ANSWERED
    assert len(rows(house, since="2026-11-20 00:00")) == 1


def test_more_time_that_was_decided_in_the_end(house, clock, sign_in):
    hand_off(house)
    accept(house)
    with unit_of_work():
        handoffs.ask_extension(
            house.ticket,
            actor=house.handler,
            at=clock(),
            until=at("2026-11-26 17:30"),
            reason="调取流水",
        )
    clock.set(at("2026-11-16 11:31"))
    assert extension_jobs.remind_to_decide_extensions() == 1
    kind, boss = "remind_extension_overdue", names(house.supervisor)
    assert rows(house) == [(kind, escalations.STILL, boss)]
    with unit_of_work():
        handoffs.grant_extension(house.ticket, actor=house.supervisor, at=clock())
    assert rows(house) == [(kind, escalations.DECIDED, boss)]
    browser = sign_in(house.supervisor)
    assert "延期申请未按时决定" in browser.get("/escalated").text
    assert "延期申请未按时决定" in browser.get(f"/tickets/{house.ticket.id}").text


def test_a_warning_before_the_limit_is_no_escalation(house, clock):
    hand_off(house)
    clock.set(at("2026-11-16 11:00"))
    assert jobs.remind_departments_to_accept() == 1
    assert rows(house) == []


def test_a_callback_that_was_rung_in_the_end(house, clock):
    with unit_of_work():
        callback = callbacks.promise(
            house.ticket, CallbackKind.TELL, at=clock(), owner=house.operator
        )
    clock.set(at("2026-11-18 08:30"))
    callback_jobs.remind_of_callbacks()
    assert rows(house) == [
        ("remind_callback_overdue", escalations.STILL, names(house.operator, house.supervisor))
    ]
    clock.advance(hours=1)
    with unit_of_work():
        callbacks.record_attempt(callback, Outcome.NO_ANSWER, actor=house.operator, at=clock())
    assert rows(house)[0][1] == escalations.RUNG


def test_the_page_the_list_and_the_story_name_who_was_told(house, clock, sign_in):
    hand_off(house)
    clock.set(at("2026-11-16 14:10"))
    jobs.remind_departments_to_accept()
    browser = sign_in(house.supervisor)
    for path in ("/escalated", "/escalated?days=1", f"/tickets/{house.ticket.id}"):
        page = browser.get(path).text
        assert f"{house.handler.display_name}、{house.head.display_name}" in page or (
            "、".join(names(house.supervisor, house.handler, house.head)) in page
        ), path
    assert house.ticket.number in browser.get("/tickets?state=escalated").text
    clock.advance(days=8)
    browser = sign_in(house.supervisor)
    assert house.ticket.number not in browser.get("/tickets?state=escalated").text
    assert house.ticket.number not in browser.get("/escalated").text
    assert house.ticket.number in browser.get("/escalated?days=30").text

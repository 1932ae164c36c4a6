"""What was escalated in the last days, who heard of it, and what became of it."""

from dataclasses import replace

import pytest

from hotline.callbacks import jobs as callback_jobs
from hotline.callbacks import service as callbacks
from hotline.handoffs import extension_jobs, jobs
from hotline.handoffs import service as handoffs
from hotline.supervision import escalations
from hotline.unit_of_work import unit_of_work
from models import CallbackKind, Level, Outcome, ReturnReason
from tests.handoffs.house import accept, answer, at, hand_off, make_house, set_ticket
from tests.makers import make_ticket


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


def test_a_ring_in_vain_before_is_no_end_of_what_was_escalated_after_it(house, clock):
    with unit_of_work():
        callback = callbacks.promise(
            house.ticket, CallbackKind.TELL, at=clock(), owner=house.operator
        )
        callbacks.record_attempt(callback, Outcome.NO_ANSWER, actor=house.operator, at=clock())
    clock.set(at("2026-11-18 08:30"))
    callback_jobs.remind_of_callbacks()
    assert [row[1] for row in rows(house)] == [escalations.STILL]


def test_taken_back_it_is_over(house, clock):
    hand_off(house)
    clock.set(at("2026-11-16 11:31"))
    jobs.remind_departments_to_accept()
    with unit_of_work():
        handoffs.recall(house.ticket, actor=house.operator, at=clock(), reason="转错部门")
    assert [row[1] for row in rows(house)] == [escalations.OVER]


def test_each_decision_settles_what_was_escalated_about_it(house, clock):
    hand_off(house)
    how = {"actor": house.handler, "reason": "调取流水"}
    with unit_of_work():
        handoffs.ask_extension(house.ticket, at=clock(), until=at("2026-11-26 17:30"), **how)
        handoffs.ask_return(
            house.ticket,
            actor=house.handler,
            at=clock(),
            reason=ReturnReason.NOT_OUR_DUTY,
            basis="三定方案",
        )
    clock.set(at("2026-11-16 11:31"))
    extension_jobs.remind_to_decide_extensions()
    jobs.remind_to_decide_returns()
    assert {row[0]: row[1] for row in rows(house)} == {
        "remind_extension_overdue": escalations.STILL,
        "remind_return_overdue": escalations.STILL,
    }
    clock.advance(minutes=5)
    by = {"actor": house.supervisor, "reason": "不同意"}
    with unit_of_work():
        handoffs.refuse_extension(house.ticket, at=clock(), **by)
        handoffs.refuse_return(house.ticket, at=clock(), **by)
        handoffs.ask_level(house.ticket, at=clock(), level=Level.DIFFICULT, **how)
    clock.set(at("2026-11-16 15:10"))
    extension_jobs.remind_to_decide_extensions()
    assert [row[1] for row in rows(house)] == [escalations.STILL] + [escalations.DECIDED] * 2
    with unit_of_work():
        handoffs.grant_extension(house.ticket, actor=house.supervisor, at=clock())
    assert [row[1] for row in rows(house)] == [escalations.DECIDED] * 3


def test_what_is_about_the_reader_is_not_listed(house, clock):
    hand_off(house)
    set_ticket(house.ticket, about_user_id=house.supervisor.id)
    clock.set(at("2026-11-16 11:31"))
    jobs.remind_departments_to_accept()
    assert rows(house) == []


def test_pages_go_on_between_what_was_told_in_the_same_minute(house, clock, monkeypatch, sign_in):
    monkeypatch.setattr(escalations, "PAGE", 1)
    hand_off(house)
    second = replace(house, ticket=make_ticket(operator=house.operator, phone="13900000002"))
    hand_off(second)
    clock.set(at("2026-11-16 11:31"))
    assert jobs.remind_departments_to_accept() == 2
    seen, after = [], ""
    while not seen or after:
        page = escalations.told_since(at("2026-11-10 00:00"), viewer=house.supervisor, after=after)
        seen += [row.event.ticket_id for row in page.rows]
        after = page.after
    assert sorted(seen) == [house.ticket.id, second.ticket.id]
    begins_anew = sign_in(house.supervisor).get("/escalated?after=2026-11-16T11:31:00~1")
    assert begins_anew.status_code == 200  # no zone: not a key of ours


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

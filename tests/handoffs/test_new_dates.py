"""The later date that was granted is told to the caller, and nothing lets it be forgotten."""

import pytest
from sqlalchemy import select

from hotline.callbacks import service as callbacks
from hotline.errors import TransitionRefused
from hotline.feedback import service as feedback
from hotline.handoffs import extension_jobs, new_dates
from hotline.handoffs import service as handoffs
from hotline.tickets import filters
from hotline.tickets.filters import Asked, Filter
from hotline.unit_of_work import unit_of_work
from models import (
    Call,
    Callback,
    CallbackEnd,
    CallbackKind,
    Handoff,
    Outcome,
    Resolution,
    Role,
    Ticket,
    TicketEvent,
    TicketStatus,
    db,
)
from tests.handoffs.house import accept, answer, at, hand_off, make_house, set_ticket, speak
from tests.makers import make_ticket, make_user

UNTIL = "2026-11-26 17:30"


@pytest.fixture
def house(app, clock):
    clock.set(at("2026-11-16 09:30"))  # a Monday; by next Monday, close of business
    house = make_house()
    speak(house.ticket)
    hand_off(house)
    return house


def extend(house, clock, until=UNTIL):
    with unit_of_work():
        handoffs.ask_extension(
            house.ticket, actor=house.handler, at=clock.time, until=at(until), reason="调取流水"
        )
    with unit_of_work():
        handoffs.grant_extension(house.ticket, actor=house.supervisor, at=clock.time)


def owed() -> list[Callback]:
    db.session.expire_all()
    found = select(Callback).where(Callback.ended_at.is_(None)).order_by(Callback.id)
    return list(db.session.scalars(found))


def facts(kind: str) -> list[TicketEvent]:
    return list(db.session.scalars(select(TicketEvent).where(TicketEvent.kind == kind)))


def reach(house, callback, when):
    with unit_of_work():
        callbacks.record_attempt(
            db.session.get_one(Callback, callback.id),
            outcome=Outcome.REACHED,
            actor=house.operator,
            at=when,
        )


def promised_at(house):
    db.session.expire_all()
    return db.session.get_one(Ticket, house.ticket.id).promised_at


def test_the_caller_is_rung_and_only_then_the_date_is_the_promise(house, clock):
    extend(house, clock)
    (ring,) = owed()
    assert (ring.kind, ring.new_date) == (CallbackKind.TELL, at(UNTIL))
    assert "最迟11月26日（周四）下班前答复您，比原来说的晚" in ring.words
    assert ring.due_at == at("2026-11-17 17:30")
    assert promised_at(house) == at("2026-11-23 17:30")
    reach(house, ring, clock.time)
    assert promised_at(house) == at(UNTIL)
    assert extension_jobs.owe_dates_nobody_tells() == 0
    assert owed() == []


def test_it_stands_among_what_is_owed_and_falls_overdue_like_any_other(house, clock):
    extend(house, clock)
    clock.set(at("2026-11-17 17:31"))
    late = filters.count(Filter(state="callback_overdue"), Asked(house.operator, clock.time))
    assert late == 1


def test_a_refusal_owes_nothing(house, clock):
    with unit_of_work():
        handoffs.ask_extension(
            house.ticket, actor=house.handler, at=clock.time, until=at(UNTIL), reason="调取流水"
        )
    with unit_of_work():
        handoffs.refuse_extension(
            house.ticket, actor=house.supervisor, at=clock.time, reason="来得及"
        )
    assert owed() == []


def test_who_was_told_a_later_date_anyway_is_not_rung(house, clock):
    set_ticket(house.ticket, promised_at=at(UNTIL))
    extend(house, clock)
    assert owed() == []


def test_who_was_told_no_date_at_all_is_told_this_one(app, clock):
    clock.set(at("2026-11-16 09:30"))
    house = make_house()
    hand_off(house)  # nobody was on the line
    extend(house, clock)
    (ring,) = owed()
    assert "还需要一些时间，最迟11月26日" in ring.words
    reach(house, ring, clock.time)
    assert promised_at(house) == at(UNTIL)


def test_what_is_to_be_said_anyway_while_it_waits_is_said_in_the_same_ring(house, clock):
    accept(house)
    with unit_of_work():
        handoffs.ask_extension(
            house.ticket, actor=house.handler, at=clock.time, until=at(UNTIL), reason="调取流水"
        )
    with unit_of_work():
        handoffs.wait(
            house.ticket,
            actor=house.handler,
            at=clock.time,
            what="工资条照片",
            until=at("2026-11-18 17:30"),
            has_told=False,
        )
    with unit_of_work():
        handoffs.grant_extension(house.ticket, actor=house.supervisor, at=clock.time)
    (ring,) = owed()
    assert "请补充：工资条照片" in ring.words
    # Later than was granted by all the working time until the wait ends.
    assert "最迟12月1日（周二）16:30前" in ring.words
    assert ring.new_date == at("2026-12-01 16:30")


def test_a_ring_that_got_lost_is_owed_again(house, clock):
    extend(house, clock)
    with unit_of_work():
        callbacks.settle(house.ticket, at=clock.time, end=CallbackEnd.NOT_NEEDED)
    assert extension_jobs.owe_dates_nobody_tells() == 1
    assert extension_jobs.owe_dates_nobody_tells() == 0
    (ring,) = owed()
    assert ring.new_date == at(UNTIL)


def test_without_a_number_it_is_said_when_the_caller_rings(app, clock):
    clock.set(at("2026-11-16 09:30"))
    house = make_house(phone="anonymous")
    speak(house.ticket)
    hand_off(house)
    extend(house, clock)
    assert owed() == []
    (fact,) = facts("untold_date")
    assert "最迟11月26日" in fact.data["words"]

    clock.advance(days=1)
    with pytest.raises(TransitionRefused, match="spoken"), unit_of_work():
        handoffs.tell_date(house.ticket, actor=house.operator, at=clock.time)
    speak(house.ticket)
    with unit_of_work():
        handoffs.tell_date(house.ticket, actor=house.operator, at=clock.time)
    assert promised_at(house) == at(UNTIL)
    with pytest.raises(TransitionRefused, match="no new date"), unit_of_work():
        handoffs.tell_date(house.ticket, actor=house.operator, at=clock.time)


def test_a_number_that_is_found_later_is_rung(app, clock):
    clock.set(at("2026-11-16 09:30"))
    house = make_house(phone="anonymous")
    speak(house.ticket)
    hand_off(house)
    extend(house, clock)
    assert extension_jobs.owe_dates_nobody_tells() == 0
    set_ticket(house.ticket, callback_number="+8613912345678")
    assert extension_jobs.owe_dates_nobody_tells() == 1
    assert owed()[0].new_date == at(UNTIL)


def test_who_rings_in_hears_it_at_once_and_is_not_rung(house, clock):
    extend(house, clock)
    clock.advance(hours=2)
    speak(house.ticket)
    with unit_of_work():
        handoffs.tell_date(house.ticket, actor=house.operator, at=clock.time)
    assert owed() == []
    assert promised_at(house) == at(UNTIL)


def test_the_answer_is_told_instead(house, clock):
    extend(house, clock)
    answer(house, words="工资已补发")
    (ring,) = owed()
    assert (ring.words, ring.new_date) == ("工资已补发", None)


def test_the_department_told_the_answer_and_nobody_tells_the_date(house, clock):
    extend(house, clock)
    clock.advance(minutes=5)
    answer(house, told_at=clock.time, told_number="13912345678", told_by="同事", words="工资已补发")
    (ring,) = owed()
    assert ring.kind is CallbackKind.FOLLOW_UP


def test_taken_back_the_date_does_not_hold_and_the_next_department_s_is_told(house, clock):
    extend(house, clock)
    clock.advance(days=1)
    with unit_of_work():
        handoffs.recall(house.ticket, actor=house.operator, at=clock.time, reason="转错部门")
    assert owed() == []
    with unit_of_work():
        handoffs.hand_off(house.ticket, house.women, actor=house.operator, at=clock.time)
    (ring,) = owed()  # at zero again: five working days, a day later than was promised
    assert ring.new_date == at("2026-11-24 17:30")
    assert "改由" in ring.words
    assert promised_at(house) == at("2026-11-23 17:30")


def test_withdrawn_nothing_is_owed(house, clock):
    extend(house, clock)
    clock.advance(hours=1)
    speak(house.ticket)
    call = db.session.scalars(select(Call).order_by(Call.id.desc())).first()
    with unit_of_work():
        feedback.withdraw(
            house.ticket, call, actor=house.operator, at=clock.time, words="不用再办了"
        )
    assert owed() == []
    assert db.session.get_one(Ticket, house.ticket.id).status is TicketStatus.CLOSED


def test_the_gate_still_asks_for_the_proof(house, clock):
    extend(house, clock)
    clock.advance(hours=1)
    answer(house)
    before = db.session.scalars(select(Call).order_by(Call.id.desc())).first()
    clock.advance(minutes=30)
    with pytest.raises(TransitionRefused), unit_of_work():
        feedback.close_in_call(
            house.ticket,
            before,
            actor=house.operator,
            at=clock.time,
            told="已补发",
            resolution=Resolution.SOLVED,
        )
    assert len(owed()) == 1


def test_merged_the_other_ticket_keeps_the_word_that_was_given(house, clock):
    extend(house, clock)
    clock.advance(days=2)
    other = make_ticket(operator=house.operator, category=house.ticket.category)
    with unit_of_work():
        other.caller_id = house.ticket.caller_id
    with unit_of_work():
        handoffs.hand_off(other, house.women, actor=house.operator, at=clock.time)
    with unit_of_work():
        feedback.merge(house.ticket, other, actor=house.operator, at=clock.time)
    db.session.expire_all()
    kept = db.session.get_one(Ticket, other.id)
    assert kept.promised_at == at("2026-11-23 17:30")
    (ring,) = owed()
    assert (ring.ticket_id, ring.new_date) == (other.id, at("2026-11-25 17:30"))
    assert "women部继续办理" in ring.words


def test_suspended_the_measures_are_told_and_afterwards_the_date_again(house, clock):
    accept(house)
    extend(house, clock)
    with unit_of_work():
        handoffs.suspend(
            house.ticket,
            actor=house.supervisor,
            at=clock.time,
            reason="企业注销",
            measures="联系清算组",
            review_on=at("2026-11-18 09:00").date(),
        )
    (ring,) = owed()
    assert ("目前还不能解决" in ring.words, ring.new_date) == (True, None)
    clock.set(at("2026-11-18 09:00"))
    with unit_of_work():
        handoffs.resume(house.ticket, actor=house.supervisor, at=clock.time)
    (ring,) = owed()
    handoff = db.session.scalars(select(Handoff)).one()
    assert ring.new_date == handoff.handle_due_at > at(UNTIL)
    assert new_dates.untold(handoff.ticket, handoff) == ring.words


def try_in_vain(house, clock, by=None) -> Callback:
    """On two days, once of them at noon, as the policy has it."""
    (ring,) = owed()
    while ring.exhausted_at is None:
        clock.set(max(ring.not_before_at, clock.time))
        with unit_of_work():
            callbacks.record_attempt(
                db.session.get_one(Callback, ring.id),
                Outcome.NO_ANSWER,
                actor=by or house.operator,
                at=clock.time,
            )
        db.session.expire_all()
    return ring


def sign(ring, sign_in, by):
    return sign_in(by).post("/callbacks/unreachable", data={"callback": ring.id})


def test_rung_in_vain_a_second_person_signs_and_the_ticket_goes_on(house, clock, sign_in):
    accept(house)
    extend(house, clock)
    ring = try_in_vain(house, clock)
    assert len({one.at.date() for one in ring.attempts}) == 2
    page = sign_in(house.supervisor).get("/callbacks/unreachable").text
    assert house.ticket.number in page
    assert "工单继续办理" in page
    assert ring.words in page

    sign(ring, sign_in, house.supervisor)
    db.session.expire_all()
    assert ring.end is CallbackEnd.UNREACHABLE
    assert db.session.get_one(Ticket, house.ticket.id).status is TicketStatus.ACCEPTED
    assert promised_at(house) == at("2026-11-23 17:30"), "nobody told the caller another one"
    (signed,) = facts("sign_unreached")
    assert signed.actor_id == house.supervisor.id
    assert (signed.data["asked_by"], signed.data["words"]) == (house.operator.id, ring.words)
    assert extension_jobs.owe_dates_nobody_tells() == 0, "nobody is rung for it again"
    assert owed() == []

    browser = sign_in(house.operator)
    shown = browser.get(f"/tickets/{house.ticket.id}").text
    assert "新期限尚未告知来电人" in shown, "it is not forgotten"
    assert ring.words in shown
    paper = browser.get(f"/tickets/{house.ticket.id}/sheet").text
    assert "多次未接通：告知" in paper
    assert house.supervisor.display_name in paper[paper.index('id="s-signatures"') :]

    speak(house.ticket)  # the caller rings
    with unit_of_work():
        handoffs.tell_date(house.ticket, actor=house.operator, at=clock.time)
    assert promised_at(house) == at(UNTIL)
    assert facts("tell_date")


def test_another_number_is_rung_although_it_was_signed(house, clock, sign_in):
    extend(house, clock)
    sign(try_in_vain(house, clock), sign_in, house.supervisor)
    assert extension_jobs.owe_dates_nobody_tells() == 0
    set_ticket(house.ticket, callback_number="+8613900001111")
    assert extension_jobs.owe_dates_nobody_tells() == 1
    assert extension_jobs.owe_dates_nobody_tells() == 0
    assert owed()[0].new_date == at(UNTIL)


def test_the_answer_is_rung_anew_although_the_date_was_signed(house, clock, sign_in):
    extend(house, clock)
    sign(try_in_vain(house, clock), sign_in, house.supervisor)
    answer(house, words="工资已补发")
    (ring,) = owed()
    assert (ring.words, ring.failed_attempts) == ("工资已补发", 0)


@pytest.mark.parametrize("who", ["tried it", "may not"])
def test_neither_who_tried_it_nor_an_operator_signs_a_ring_away(house, clock, sign_in, who):
    extend(house, clock)
    by = make_user(Role.SUPERVISOR) if who == "tried it" else house.operator
    ring = try_in_vain(house, clock, by=by)
    sign(ring, sign_in, by)
    db.session.expire_all()
    assert ring.ended_at is None


def test_before_all_is_tried_nobody_signs(house, clock, sign_in):
    extend(house, clock)
    (ring,) = owed()
    clock.set(ring.not_before_at)
    with unit_of_work():
        callbacks.record_attempt(ring, Outcome.NO_ANSWER, actor=house.operator, at=clock.time)
    answered = sign_in(house.supervisor).post(
        "/callbacks/unreachable", data={"callback": ring.id}, follow_redirects=True
    )
    assert "还没有按规定打满次数" in answered.text
    db.session.expire_all()
    assert ring.ended_at is None


def test_what_the_hotline_has_is_closed_by_the_signature_and_not_let_go(house, clock):
    answer(house)
    ring = try_in_vain(house, clock)
    with pytest.raises(TransitionRefused, match="closed"), unit_of_work():
        feedback.sign_unreached(
            db.session.get_one(Callback, ring.id), actor=house.supervisor, at=clock.time
        )
    assert len(owed()) == 1

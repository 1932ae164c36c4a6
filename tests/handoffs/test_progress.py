"""Who waits long hears at half time that the matter is still being handled: once, and truly."""

import pytest
from sqlalchemy import select

from hotline.callbacks import service as callbacks
from hotline.handoffs import queries
from hotline.handoffs import service as handoffs
from hotline.handoffs.jobs import end_waits_that_are_over, promise_words_of_progress
from hotline.handoffs.progress import half_time_of, settle_word
from hotline.sla import policies
from hotline.unit_of_work import unit_of_work
from models import Call, Callback, CallbackKind, CallResult, Level, Outcome, Role, TicketEvent, db
from tests.handoffs.house import accept, at, hand_off, make_house, set_ticket, speak, wait
from tests.makers import make_conversation, make_ticket, make_user

HALF = at("2026-11-26 09:00")  # of fifteen working days from Monday 16 November, 09:30


@pytest.fixture
def house(app, clock):
    """Handed off while the caller was on the line: told by 7 December, close of business."""
    house = make_house()
    speak(house.ticket)
    set_ticket(house.ticket, level=Level.DIFFICULT)
    with unit_of_work():
        handoffs.hand_off(
            house.ticket,
            house.legal,
            actor=house.supervisor,
            at=clock(),
            level=Level.DIFFICULT,
        )
    return house


def owed(house):
    found = select(Callback).where(
        Callback.ticket_id == house.ticket.id, Callback.kind == CallbackKind.TELL
    )
    return list(db.session.scalars(found))


def story(house):
    found = select(TicketEvent).where(TicketEvent.kind == "progress")
    return [event.data["because"] for event in db.session.scalars(found)]


def test_at_half_time_a_ring_is_owed_with_the_date_that_was_told(house, clock):
    clock.set(at("2026-11-26 08:59"))
    assert promise_words_of_progress() == 0
    clock.set(HALF)
    assert promise_words_of_progress() == 1
    assert promise_words_of_progress() == 0
    (callback,) = owed(house)
    assert callback.words == (
        "您的事仍由权益保障部办理，目前还没有结果，最迟12月7日（周一）下班前答复您。"
    )
    assert callback.new_date is None
    assert callback.due_at == at("2026-11-27 17:30")
    assert story(house) == [""]


def test_once_per_handoff_also_after_it_was_kept(house, clock):
    clock.set(HALF)
    promise_words_of_progress()
    (callback,) = owed(house)
    with unit_of_work():
        callbacks.record_attempt(callback, Outcome.REACHED, actor=house.operator, at=clock())
    clock.set(at("2026-12-04 09:00"))
    assert promise_words_of_progress() == 0
    assert len(owed(house)) == 1


def test_a_date_that_nobody_has_told_is_told_with_it(app, clock):
    house = make_house()
    set_ticket(house.ticket, level=Level.DIFFICULT)
    with unit_of_work():
        handoff = handoffs.hand_off(
            house.ticket, house.legal, actor=house.supervisor, at=clock(), level=Level.DIFFICULT
        )
    clock.set(HALF)
    promise_words_of_progress()
    (callback,) = owed(house)
    assert callback.new_date == handoff.handle_due_at
    with unit_of_work():
        callbacks.record_attempt(callback, Outcome.REACHED, actor=house.operator, at=clock())
    assert house.ticket.promised_at == handoff.handle_due_at


def test_five_days_are_no_long_limit(app, clock):
    house = make_house()
    hand_off(house)
    clock.set(at("2026-11-19 09:00"))
    assert promise_words_of_progress() == 0


def test_nor_are_five_days_with_a_pause_in_them(app, clock):
    house = make_house()
    hand_off(house)
    accept(house)
    clock.advance(hours=1)
    wait(house, at("2026-11-20 17:30"))
    clock.set(at("2026-11-23 08:30"))
    end_waits_that_are_over()
    clock.set(at("2026-11-27 17:00"))
    assert promise_words_of_progress() == 0


def test_a_pause_moves_half_time_by_as_much(house, clock):
    accept(house)
    handoff = queries.lead_of(house.ticket)
    assert half_time_of(handoff) == HALF
    clock.set(at("2026-11-17 09:00"))
    wait(house, at("2026-11-20 17:30"))
    clock.set(at("2026-11-19 09:00"))  # two working days later
    with unit_of_work():
        handoffs.end_wait(house.ticket, actor=house.handler, at=clock())
    assert half_time_of(handoff) == at("2026-11-30 09:00")  # Thursday, and two working days


def test_while_it_waits_for_the_caller_no_word_is_owed(house, clock):
    accept(house)
    clock.set(at("2026-11-20 16:30"))
    wait(house, at("2026-11-20 17:30"))
    assert promise_words_of_progress() == 0
    clock.set(at("2026-11-23 08:30"))
    end_waits_that_are_over()
    with unit_of_work():
        for callback in owed(house):  # the date that has moved is told, and was the word
            callbacks.record_attempt(callback, Outcome.REACHED, actor=house.operator, at=clock())
    clock.set(HALF)
    assert promise_words_of_progress() == 0  # half of what runs is an hour later
    clock.advance(hours=1)
    assert promise_words_of_progress() == 1
    assert story(house) == ["spoken"]


def test_who_was_spoken_to_in_these_days_needs_none(house, clock):
    clock.set(at("2026-11-24 10:00"))
    speak(house.ticket)
    clock.set(HALF)
    assert promise_words_of_progress() == 1
    assert (owed(house), story(house)) == ([], ["spoken"])
    clock.set(at("2026-12-02 09:00"))
    assert promise_words_of_progress() == 0


def test_until_the_close_of_the_third_day_it_was_in_these_days(house, clock):
    clock.set(at("2026-11-24 10:00"))
    speak(house.ticket)
    clock.set(at("2026-11-27 17:30"))
    assert promise_words_of_progress() == 1
    assert story(house) == ["spoken"]


def test_who_rang_in_vain_and_was_rung_in_vain_has_heard_nothing(house, clock):
    clock.set(at("2026-11-25 10:00"))
    make_conversation(house.ticket, house.operator)
    with unit_of_work():
        missed = db.session.scalars(select(Call).order_by(Call.id.desc())).first()
        missed.answered_at, missed.result = None, CallResult.ABANDONED
        back = callbacks.promise(house.ticket, CallbackKind.RETURN_CALL, at=clock())
        callbacks.record_attempt(back, Outcome.NO_ANSWER, actor=house.operator, at=clock())
    clock.set(HALF)
    assert promise_words_of_progress() == 1
    assert (len(owed(house)), story(house)) == (1, [""])


def test_what_is_said_of_another_matter_is_no_word_about_this_one(house, clock):
    other = make_ticket(operator=house.operator, phone="13900000002")
    clock.set(at("2026-11-25 10:00"))
    speak(other)
    with unit_of_work():
        ring = callbacks.promise(other, CallbackKind.TELL, at=clock(), words="请补充合同")
        callbacks.record_attempt(ring, Outcome.REACHED, actor=house.operator, at=clock())
        callbacks.promise(other, CallbackKind.TELL, at=clock(), words="请再补充合同")
    clock.set(HALF)
    assert promise_words_of_progress() == 1
    assert (len(owed(house)), story(house)) == (1, [""])


@pytest.mark.parametrize(
    ("promised", "said", "is_new"),
    [
        ("2026-12-01 17:30", "最迟12月7日（周一）下班前", True),  # the limit is later by now
        ("2026-12-09 17:30", "最迟12月9日（周三）下班前", False),  # a later date was told
    ],
)
def test_the_later_of_what_was_told_and_what_holds_is_said(house, clock, promised, said, is_new):
    set_ticket(house.ticket, promised_at=at(promised))
    clock.set(HALF)
    assert promise_words_of_progress() == 1
    (callback,) = owed(house)
    assert said in callback.words
    assert (callback.new_date is not None) == is_new


def test_neither_who_assists_nor_a_clock_that_was_stopped_meanwhile_owes_a_word(house, clock):
    accept(house)
    with unit_of_work():
        assist = handoffs.ask_assist(
            house.ticket, house.women, actor=house.operator, at=clock(), note="请核实"
        )
    wait(house, until=at("2026-11-20 17:30"))
    with unit_of_work():
        assert not settle_word(queries.lead_of(house.ticket), at=at("2026-12-04 09:00"))
        assert not settle_word(assist, at=at("2026-12-04 09:00"))
    assert (owed(house), story(house)) == ([], [])


def test_another_ring_that_is_owed_may_be_the_word(house, clock):
    clock.set(at("2026-11-25 10:00"))
    with unit_of_work():
        other = callbacks.promise(
            house.ticket, CallbackKind.TELL, at=clock(), words="请补充合同", owner=house.operator
        )
    clock.set(HALF)
    assert promise_words_of_progress() == 0
    assert other.words == "请补充合同"
    with unit_of_work():
        callbacks.record_attempt(other, Outcome.NO_ANSWER, actor=house.operator, at=clock())
    assert promise_words_of_progress() == 0
    clock.advance(hours=5)
    with unit_of_work():
        callbacks.record_attempt(other, Outcome.REACHED, actor=house.operator, at=clock())
    assert promise_words_of_progress() == 1
    assert story(house) == ["spoken"]


def test_who_cannot_be_rung_is_told_when_they_ring(house, clock):
    set_ticket(house.ticket, callback_number="")
    clock.set(HALF)
    assert promise_words_of_progress() == 1
    assert (owed(house), story(house)) == ([], ["no_number"])


def test_a_ticker_that_slept_past_the_limit_promises_no_date(house, clock):
    clock.set(at("2026-12-10 09:00"))
    assert promise_words_of_progress() == 1
    (callback,) = owed(house)
    assert "最迟" not in callback.words
    assert callback.new_date is None


def test_a_switch_and_the_days_are_policies(house, clock):
    boss = make_user(Role.ADMINISTRATOR)
    clock.set(HALF)
    with unit_of_work():
        policies.set_values({"progress": 0}, actor=boss, at=clock())
    assert promise_words_of_progress() == 0
    with unit_of_work():
        policies.set_values({"progress": 1, "progress_over_days": 15}, actor=boss, at=clock())
    assert promise_words_of_progress() == 0
    with unit_of_work():
        policies.set_values({"progress_over_days": 14}, actor=boss, at=clock())
    assert promise_words_of_progress() == 1


def test_a_confidential_caller_is_rung_by_the_hotline_and_nothing_betrays_who(house, clock):
    set_ticket(house.ticket, is_confidential=True, safe_summary="咨询工资")
    clock.set(HALF)
    assert promise_words_of_progress() == 1
    (callback,) = owed(house)
    assert callback.owner_id is None  # the pool of the hotline
    assert "王建国" not in callback.words

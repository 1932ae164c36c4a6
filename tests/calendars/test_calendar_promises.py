"""A calendar changes: every due time there is follows, and no caller is left with an old date."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from hotline.calendars import importing, official, queries, service
from hotline.callbacks import service as callbacks
from hotline.handoffs import calendar_change, extensions
from hotline.handoffs import service as handoffs
from hotline.sla import business_time
from hotline.unit_of_work import unit_of_work
from models import (
    Callback,
    CallbackEnd,
    CallbackKind,
    Outcome,
    ReturnReason,
    Role,
    SpecialDay,
    TicketEvent,
    Urgency,
    User,
    db,
)
from tests.handoffs.house import accept, at, hand_off, make_house, set_ticket, speak, wait
from tests.makers import make_ticket, make_user

TOMORROW = "2026-11-17"
SHORT_DAYS = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "09:00-16:00")


@pytest.fixture
def house(app, clock):
    return make_house()


@pytest.fixture
def browser(house, sign_in):
    return sign_in(make_user(Role.ADMINISTRATOR))


def close(browser, *days):
    for on in days:
        data = {"on": on, "is_working": "no", "name": "停电"}
        answer = browser.post("/special-days", data=data)
        assert answer.location == f"/special-days?year=2026&on={on}"
    db.session.rollback()


def open_again(browser):
    for day in db.session.scalars(select(SpecialDay)).all():
        browser.post(f"/special-days/{day.id}/remove")
    db.session.rollback()


def rings_of(house, *, standing=True):
    found = select(Callback).where(Callback.ticket_id == house.ticket.id)
    if standing:
        found = found.where(Callback.ended_at.is_(None))
    return db.session.scalars(found.order_by(Callback.id)).all()


def what_moved(house):
    events = select(TicketEvent).where(
        TicketEvent.ticket_id == house.ticket.id, TicketEvent.kind == "new_calendar"
    )
    return [
        [what for what, _, _ in event.data["moved"]]
        for event in db.session.scalars(events.order_by(TicketEvent.id))
    ]


@pytest.fixture
def told(house):
    """The caller was on the line and heard a date."""
    speak(house.ticket)
    handoff = hand_off(house)
    assert house.ticket.promised_at == handoff.handle_due_at == at("2026-11-23 17:30")
    return handoff


def test_a_later_limit_owes_the_caller_a_ring_and_the_ring_makes_the_date(
    house, browser, told, clock
):
    close(browser, TOMORROW)
    assert told.handle_due_at == at("2026-11-24 17:30")
    assert house.ticket.promised_at == at("2026-11-23 17:30")  # still what the caller knows
    (ring,) = rings_of(house)
    assert (ring.kind, ring.new_date) == (CallbackKind.TELL, at("2026-11-24 17:30"))
    assert "权益保障部" in ring.words
    assert "最迟11月24日（周二）下班前答复您，比原来说的晚" in ring.words
    clock.advance(minutes=30)
    with unit_of_work():
        callbacks.record_attempt(ring, Outcome.REACHED, actor=house.operator, at=clock())
    assert house.ticket.promised_at == at("2026-11-24 17:30")


def test_a_second_change_is_told_in_the_same_ring(house, browser, told):
    close(browser, TOMORROW, "2026-11-18")
    (ring,) = rings_of(house)
    assert ring.new_date == told.handle_due_at == at("2026-11-25 17:30")
    assert ring.words.count("最迟") == 1
    assert "11月25日（周三）" in ring.words


def test_a_change_taken_back_needs_no_ring(house, browser, told):
    close(browser, TOMORROW)
    open_again(browser)
    assert told.handle_due_at == house.ticket.promised_at
    assert rings_of(house) == []
    assert [ring.end for ring in rings_of(house, standing=False)] == [CallbackEnd.NOT_NEEDED]


def test_other_hours_on_the_same_day_replace_the_words_whole(house, browser, told):
    close(browser, TOMORROW)
    browser.post(f"/opening-hours/business?department={house.legal.id}", data=SHORT_DAYS)
    db.session.rollback()
    (ring,) = rings_of(house)
    assert ring.new_date == told.handle_due_at == at("2026-11-24 16:00")
    assert ring.words.count("最迟11月24日（周二）下班前") == 1


def test_what_was_to_be_said_anyway_is_said_with_the_new_date(house, browser, told, clock):
    with unit_of_work():
        callbacks.promise(house.ticket, CallbackKind.TELL, at=clock(), words="请补充劳动合同。")
    close(browser, TOMORROW)
    (ring,) = rings_of(house)
    assert ring.words.startswith("请补充劳动合同。您的事由权益保障部继续办理，最迟11月24日")
    open_again(browser)
    (ring,) = rings_of(house)  # the contract is still to be asked for
    assert ring.words.startswith("请补充劳动合同。")
    assert ring.new_date == at("2026-11-23 17:30")


def test_an_earlier_limit_is_no_news_for_the_caller(house, browser, told):
    browser.post(f"/opening-hours/business?department={house.legal.id}", data=SHORT_DAYS)
    db.session.rollback()
    assert told.handle_due_at == at("2026-11-23 16:00")
    assert rings_of(house) == []


def test_who_was_told_no_date_is_told_none(house, browser):
    handoff = hand_off(house)
    assert handoff.said_at is None
    close(browser, TOMORROW)
    assert handoff.handle_due_at == at("2026-11-24 17:30")
    assert rings_of(house) == []


def test_who_assists_moves_too_and_nobody_is_rung_for_it(house, browser, told, clock):
    accept(house)
    with unit_of_work():
        assist = handoffs.ask_assist(
            house.ticket, house.women, actor=house.head, at=clock(), note="请协助核实"
        )
    closed = {"on": TOMORROW, "is_working": "no"}
    browser.post(f"/special-days?department={house.women.id}", data=closed)
    db.session.rollback()
    assert assist.handle_due_at == at("2026-11-24 17:30") > house.ticket.promised_at
    assert told.handle_due_at == house.ticket.promised_at
    assert rings_of(house) == []


def test_the_decision_about_a_return_follows_the_hours_of_the_house(house, browser, told, clock):
    with unit_of_work():
        handoffs.ask_return(
            house.ticket,
            actor=house.handler,
            at=clock(),
            reason=ReturnReason.NOT_OUR_DUTY,
            basis="不属于我们的职责",
        )
    assert told.return_due_at == at("2026-11-16 11:30")
    long_lunch = dict.fromkeys(SHORT_DAYS, "08:30-11:00, 14:00-17:30")
    browser.post("/opening-hours/business", data=long_lunch)
    db.session.rollback()
    assert told.return_due_at == at("2026-11-16 14:30")
    assert "return" in what_moved(house)[0]


def test_the_return_of_a_critical_matter_follows_though_its_answer_does_not(house, browser, clock):
    set_ticket(house.ticket, urgency=Urgency.CRITICAL)
    handoff = hand_off(house)
    with unit_of_work():
        handoffs.ask_return(
            house.ticket,
            actor=house.handler,
            at=clock(),
            reason=ReturnReason.NOT_OUR_DUTY,
            basis="不属于我们的职责",
        )
    browser.post(
        "/opening-hours/business", data=dict.fromkeys(SHORT_DAYS, "08:30-11:00, 14:00-17:30")
    )
    db.session.rollback()
    assert handoff.return_due_at == at("2026-11-16 14:30")
    assert handoff.handle_due_at == at("2026-11-16 11:30")
    assert what_moved(house) == [["return"]]


def test_an_extension_that_is_asked_for_follows(house, browser, told, clock):
    accept(house)
    with unit_of_work():
        asked = extensions.ask_extension(
            house.ticket,
            actor=house.head,
            at=clock(),
            until=at("2026-11-24 17:30"),
            reason="等待鉴定",
        )
    decided_by = asked.due_at
    browser.post("/opening-hours/business", data=dict.fromkeys(SHORT_DAYS, "13:00-16:00"))
    db.session.rollback()
    assert asked.until_at == at("2026-11-24 16:00")
    assert asked.due_at > decided_by
    assert {"asked_until", "extension"} <= set(what_moved(house)[0])


def test_what_stands_still_has_left_what_it_had(house, browser, told, clock):
    """Stopped on Monday morning with five working days left; Tuesday is closed meanwhile."""
    accept(house)
    clock.advance(minutes=20)
    wait(house, until=at("2026-11-18 10:00"), what="劳动合同")
    close(browser, TOMORROW)
    assert told.handle_due_at == at("2026-11-24 17:30")
    assert rings_of(house) == []  # nobody knows yet when it goes on
    clock.set(at("2026-11-18 10:00"))
    with unit_of_work():
        handoffs.end_wait(house.ticket, actor=house.handler, at=clock())
    # One working day and ten minutes passed meanwhile, for Tuesday was closed.
    assert told.handle_due_at == at("2026-11-26 08:40")
    assert rings_of(house)[0].new_date == at("2026-11-26 08:40")


def test_a_day_that_was_closed_while_it_stood_still_does_not_shorten_what_is_left(
    house, told, clock
):
    """Stopped on Monday with five working days left; on Wednesday we hear that Tuesday was none."""
    accept(house)
    wait(house, until=at("2026-11-19 09:30"), what="劳动合同")
    clock.set(at("2026-11-18 09:30"))
    with unit_of_work():
        before = calendar_change.begin()
        service.set_special_day(
            date(2026, 11, 17), is_working=False, actor=house.supervisor, at=clock()
        )
        calendar_change.follow(before, actor=house.supervisor, at=clock())
    clock.set(at("2026-11-19 09:30"))
    with unit_of_work():
        handoffs.end_wait(house.ticket, actor=house.handler, at=clock())
    left = business_time.between(clock(), told.handle_due_at, queries.calendar_for(house.legal))
    assert left == timedelta(hours=8 + 5 * 7.5 - 1.5)  # the rest of Monday, and five days


def test_the_next_try_keeps_to_the_hours_of_callers_not_to_ours(house, browser, clock):
    with unit_of_work():
        ring = callbacks.promise(house.ticket, CallbackKind.TELL, at=clock(), words="好")
        callbacks.record_attempt(ring, Outcome.NO_ANSWER, actor=house.operator, at=clock())
    due_at, limit = ring.due_at, ring.first_due_at
    close(browser, TOMORROW, "2026-11-16")
    assert (ring.due_at, ring.first_due_at) == (due_at, limit)


def test_who_was_sent_a_message_is_rung_when_that_was_agreed(house, browser, clock):
    with unit_of_work():
        ring = callbacks.promise(house.ticket, CallbackKind.TELL, at=clock(), words="好")
        ring.first_attempt_at = clock()
    due_at = ring.due_at
    close(browser, TOMORROW)
    assert ring.due_at == ring.first_due_at == due_at


def test_an_hour_the_caller_named_stays(house, browser, clock):
    with unit_of_work():
        ring = callbacks.promise(house.ticket, CallbackKind.TELL, at=clock(), words="好")
        callbacks.record_attempt(
            ring,
            Outcome.LATER,
            actor=house.operator,
            at=clock(),
            later=at("2026-11-18 10:00"),
        )
    due_at = ring.due_at
    close(browser, TOMORROW, "2026-11-18")
    assert ring.due_at == ring.first_due_at == due_at


@pytest.mark.parametrize("kind", [CallbackKind.RETURN_CALL, CallbackKind.FOLLOW_UP])
def test_every_promise_to_ring_follows(house, browser, clock, kind):
    with unit_of_work():
        ring = callbacks.promise(house.ticket, kind, at=clock())
    limit = ring.due_at
    browser.post("/opening-hours/business", data=dict.fromkeys(SHORT_DAYS, "13:00-16:00"))
    db.session.rollback()
    assert ring.due_at == ring.first_due_at != limit
    assert what_moved(house) == [[kind.value]]


def test_what_is_foretold_is_what_happens(house, browser, told, clock):
    other = beside(house)
    before = queries.current()
    days = dict(official.list_of(2026)) | {
        date(2026, 11, 17): official.OfficialDay(False, "Victory Day")
    }
    foretold = calendar_change.forecast(before, before.with_list(2026, days), at=clock())
    assert (foretold.tickets, foretold.callers) == (2, 1)
    db.session.rollback()
    with unit_of_work():
        before = calendar_change.begin()
        importing.import_list(2026, days, actor=house.supervisor, at=clock())
        assert calendar_change.follow(before, actor=house.supervisor, at=clock()) == 2
    moved = what_moved(house)[0] + what_moved(other)[0]
    assert len([what for what in moved if what != "tell"]) == foretold.due_times
    assert len(rings_of(house)) + len(rings_of(other)) == foretold.callers


def beside(house):
    """A second matter with the same department; its caller was told no date."""
    ticket = make_ticket(
        operator=house.operator, category=house.ticket.category, phone="13800000002"
    )
    other = replace(house, ticket=ticket)
    hand_off(other)
    return other


def test_saving_the_same_again_moves_nothing_and_writes_nothing(house, browser, told):
    usual = dict.fromkeys(SHORT_DAYS, "08:30-12:00, 13:30-17:30")
    browser.post("/opening-hours/business", data=usual)
    browser.post(f"/opening-hours/business?department={house.legal.id}", data=usual)
    db.session.rollback()
    assert what_moved(house) == []
    assert told.handle_due_at - told.handed_off_at > timedelta(days=7)


def test_two_changes_at_once_move_each_due_time_once_for_each(house, both, clock):
    handoff = hand_off(house)
    assert handoff.handle_due_at == at("2026-11-23 17:30")
    boss_id = make_user(Role.ADMINISTRATOR).id
    db.session.rollback()

    def closes(on):
        def act():
            boss = db.session.get_one(User, boss_id)
            before = calendar_change.begin()
            service.set_special_day(on, is_working=False, actor=boss, at=clock())
            calendar_change.follow(before, actor=boss, at=clock())

        return act

    assert both(closes(date(2026, 11, 17)), closes(date(2026, 11, 18))) is None
    assert handoff.handle_due_at == at("2026-11-25 17:30")

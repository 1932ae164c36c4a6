"""From the handler to the head to the supervisor: at the right minute, in working time, once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select

from hotline.calendars.chinese import ZONE
from hotline.handoffs import extension_jobs, jobs, queries
from hotline.handoffs import service as handoffs
from hotline.sla.ladder import AT_HOTLINE, LADDER, STEPS, WAYS, Clock, Rung, Stage, climb
from hotline.unit_of_work import unit_of_work
from models import (
    Channel,
    Notification,
    OutboxMessage,
    ReturnReason,
    Role,
    TicketEvent,
    Urgency,
    User,
    db,
)
from tests.at_once import app_of
from tests.handoffs.house import (
    accept,
    at,
    hand_off,
    make_house,
    put_on_duty,
    set_ticket,
    wait,
)
from tests.makers import make_ticket, make_user

SWEEPS = (
    jobs.remind_departments_to_accept,
    jobs.remind_departments_to_answer,
    jobs.remind_to_decide_returns,
    extension_jobs.remind_to_decide_extensions,
)


@pytest.fixture
def house(app, clock):
    return make_house()


def sweep():
    return sum(job() for job in SWEEPS)


def heard(person):
    """The reminders a person had, in their order, without the word in front."""
    found = select(Notification.dedupe_key).where(
        Notification.user_id == person.id, Notification.dedupe_key.startswith("remind_")
    )
    keys = db.session.scalars(found.order_by(Notification.id))
    return [key.split(":")[0].removeprefix("remind_") for key in keys]


def let_tick(clock, until, *, minutes=1):
    """Let the ticker run every so many minutes; return when it had something to tell."""
    told = []
    while clock.time < until:
        clock.advance(minutes=minutes)
        if sweep():
            told.append(f"{clock.time.astimezone(ZONE):%a %H:%M}")
    return told


def test_friday_evening_before_a_make_up_saturday(house, clock):
    clock.set(at("2026-10-09 17:00"))  # half an hour of Friday is left; Saturday is worked
    hand_off(house)
    assert let_tick(clock, at("2026-10-10 09:00"), minutes=15) == []
    saturday = let_tick(clock, at("2026-10-10 11:10"))
    assert saturday == ["Sat 09:30", "Sat 10:00", "Sat 11:00"]
    every = ["accept_soon", "accept_overdue", "accept_late"]
    assert heard(house.handler) == heard(house.head) == every  # anybody there may accept
    assert heard(house.supervisor) == ["accept_late"]


def test_a_critical_matter_at_two_in_the_night(house, clock):
    with unit_of_work():
        house.handler.phone_number = "+8613900000001"
    set_ticket(house.ticket, urgency=Urgency.CRITICAL)
    clock.set(at("2026-11-21 02:00"))  # a Saturday
    hand_off(house)
    night = let_tick(clock, at("2026-11-21 05:30"), minutes=5)
    assert night == ["Sat 03:30", "Sat 04:00", "Sat 05:00"]
    every = ["answer_soon", "answer_overdue", "answer_late"]
    assert heard(house.handler) == heard(house.head) == every
    assert heard(house.supervisor) == every[1:]
    by_sms = select(OutboxMessage.kind).where(
        OutboxMessage.channel == Channel.SMS, OutboxMessage.user_id == house.handler.id
    )
    kinds = db.session.scalars(by_sms.order_by(OutboxMessage.id)).all()
    assert kinds == ["handoff_new", *(f"remind_{one}" for one in every)]


def test_a_ticker_that_slept_for_three_days_tells_the_highest_stage_alone(house, clock):
    hand_off(house)
    clock.advance(hours=72)
    assert sweep() == 1
    assert sweep() == 0
    people = (house.handler, house.head, house.supervisor)
    assert [heard(person) for person in people] == [["accept_late"]] * 3


def test_a_ticker_that_wakes_at_night_or_on_a_closed_day_waits_for_the_morning(house, clock):
    hand_off(house)
    with unit_of_work():
        handoffs.ask_return(
            house.ticket,
            actor=house.handler,
            at=clock(),
            reason=ReturnReason.NOT_OUR_DUTY,
            basis="三定方案",
        )
    clock.set(at("2026-11-21 10:00"))  # a Saturday
    assert let_tick(clock, at("2026-11-23 07:40"), minutes=40) == []
    clock.set(at("2026-11-23 08:30"))  # the day on which the answer is due
    assert sweep() == 3
    assert sorted(heard(house.supervisor)) == ["accept_late", "return_overdue"]
    assert sorted(heard(house.handler)) == ["accept_late", "answer_soon"]


def ask_for_time(house, clock, until, by=None):
    with unit_of_work():
        return handoffs.ask_extension(
            house.ticket,
            actor=by or house.handler,
            at=clock.time,
            until=at(until),
            reason="调取流水",
        )


def test_more_time_that_nobody_decides_climbs_the_same_ladder(house, clock):
    hand_off(house)
    accept(house)
    leader = make_user(Role.OPERATOR)
    put_on_duty(leader, hours=100, is_leader=True)
    clock.set(at("2026-11-16 16:30"))  # an hour of Monday is left
    ask_for_time(house, clock, "2026-11-26 17:30")
    assert let_tick(clock, at("2026-11-17 08:30"), minutes=15) == []
    tuesday = let_tick(clock, at("2026-11-17 17:30"))
    assert tuesday == ["Tue 09:00", "Tue 09:30", "Tue 10:30"]
    every = ["extension_soon", "extension_overdue", "extension_late"]
    assert heard(house.supervisor) == every
    assert heard(leader) == every[2:]
    assert heard(house.handler) == heard(house.head) == []


def test_what_is_decided_is_told_no_more(house, clock):
    hand_off(house)
    ask_for_time(house, clock, "2026-11-26 17:30")
    clock.advance(minutes=91)
    assert extension_jobs.remind_to_decide_extensions() == 1
    with unit_of_work():
        handoffs.refuse_extension(
            house.ticket, actor=house.supervisor, at=clock.time, reason="本周可办"
        )
    clock.advance(hours=5)
    assert extension_jobs.remind_to_decide_extensions() == 0
    assert heard(house.supervisor) == ["extension_soon"]


def test_who_asked_for_more_time_is_not_told_to_decide_it(app, clock):
    house = make_house()
    other = make_user(Role.SUPERVISOR)
    with unit_of_work():
        house.legal.keeper_id = house.supervisor.id
        house.handler.is_active = house.head.is_active = False
    hand_off(house)
    ask_for_time(house, clock, "2026-11-26 17:30", by=house.supervisor)
    clock.advance(hours=2)
    assert extension_jobs.remind_to_decide_extensions() == 1
    assert heard(house.supervisor) == []
    assert heard(other) == ["extension_overdue"]


def test_a_ticker_that_slept_over_both_limits_tells_of_the_answer_alone(house, clock):
    hand_off(house)
    clock.set(at("2026-11-30 09:00"))
    assert sweep() == 1
    assert sweep() == 0
    assert heard(house.supervisor) == ["answer_late"]


def test_a_restart_in_between_changes_nothing(house, clock, make_app):
    hand_off(house)
    clock.advance(minutes=125)
    assert sweep() == 1
    db.session.rollback()
    with make_app().app_context():
        assert sweep() == 0
        clock.advance(hours=3)
        assert sweep() == 1
        db.session.remove()
    assert heard(house.handler) == ["accept_overdue", "accept_late"]


def test_two_tickers_at_once_tell_everything_once(house, clock, app):
    hand_off(house)
    for number in range(5):
        ticket = make_ticket(operator=house.operator, phone=f"1390000200{number}")
        with unit_of_work():
            handoffs.hand_off(ticket, house.legal, actor=house.operator, at=clock())
    clock.advance(minutes=125)
    db.session.rollback()
    ready, application = Barrier(2), app_of()

    def ticker() -> int:
        with application.app_context():
            ready.wait(timeout=30)
            return sweep()

    with ThreadPoolExecutor(2) as tickers:
        told = [tickers.submit(ticker) for _ in range(2)]
    assert sum(one.result(timeout=60) for one in told) == 6
    events = select(func.count()).where(TicketEvent.kind == "remind_accept_overdue")
    assert db.session.scalar(events) == 6
    for person in (house.handler, house.head):
        assert heard(person) == ["accept_overdue"] * 6


def test_after_a_pause_the_ladder_begins_anew_for_the_new_limit_only(house, clock):
    hand_off(house)
    accept(house)
    clock.set(at("2026-11-20 16:00"))
    assert sweep() == 1
    wait(house, until=at("2026-11-25 17:30"), what="合同")
    assert let_tick(clock, at("2026-11-20 17:00"), minutes=15) == []
    clock.set(at("2026-11-23 17:29"))
    assert let_tick(clock, at("2026-11-23 18:00"), minutes=5) == []  # the old limit is no limit
    clock.set(at("2026-11-26 08:30"))
    jobs.end_waits_that_are_over()
    assert sweep() == 1
    handoff = queries.lead_of(house.ticket)
    due = select(Notification.dedupe_key).where(Notification.user_id == house.handler.id)
    keys = [key for key in db.session.scalars(due) if key.startswith("remind_answer_soon")]
    assert len(keys) == 2
    assert f"{handoff.handle_due_at:%Y%m%d%H%M}" in keys[-1]


def test_a_pause_is_no_part_of_the_three_quarters(house, clock):
    hand_off(house)
    accept(house)
    clock.advance(minutes=30)
    wait(house, until=at("2026-11-20 17:30"), what="合同")
    clock.set(at("2026-11-23 08:30"))
    jobs.end_waits_that_are_over()
    clock.set(at("2026-11-26 15:30"))  # three quarters, had the clock not stood still
    assert sweep() == 0
    clock.set(at("2026-11-27 13:31"))
    assert sweep() == 1
    assert heard(house.handler) == ["answer_soon"]


def test_nobody_is_missing_where_a_rung_is_empty(app, clock):
    house = make_house()
    with unit_of_work():
        house.head.is_active = False
    hand_off(house)
    clock.advance(minutes=125)
    assert sweep() == 1
    assert heard(house.handler) == heard(house.supervisor) == ["accept_overdue"]

    with unit_of_work():
        house.handler.is_active = False
    clock.advance(hours=3)
    assert sweep() == 1
    assert heard(house.supervisor) == ["accept_overdue", "accept_late"]


def test_the_keeper_of_a_unit_without_users_hears_for_it(app, clock):
    house = make_house()
    keeper = make_user(Role.SUPERVISOR)
    with unit_of_work():
        house.legal.keeper_id = keeper.id
        house.handler.is_active = house.head.is_active = False
    hand_off(house)
    clock.advance(minutes=91)
    assert sweep() == 1
    assert (heard(keeper), heard(house.supervisor)) == (["accept_soon"], [])


def test_where_the_handler_has_left_everybody_of_the_department_hears(house, clock):
    hand_off(house)
    accept(house)
    with unit_of_work():
        house.handler.is_active = False
    clock.set(at("2026-11-20 16:00"))
    assert sweep() == 1
    assert heard(house.head) == ["answer_soon"]


def test_whom_the_ticket_is_about_hears_nothing_of_it(house, clock):
    hand_off(house)
    set_ticket(house.ticket, about_user_id=house.head.id)
    clock.advance(minutes=125)
    assert sweep() == 1
    assert heard(house.head) == []
    assert heard(house.supervisor) == ["accept_overdue"]


@pytest.mark.parametrize("step", LADDER, ids=lambda step: f"{step.clock}-{step.stage}")
def test_every_step_stands_on_its_way_and_no_lower_than_the_one_before(step):
    way = WAYS.get(step.clock, AT_HOTLINE)
    assert step.rungs <= set(way)
    assert step.critical <= set(way)
    before = [one for one in LADDER if one.clock is step.clock][: list(Stage).index(step.stage)]
    for earlier in before:
        assert max(map(way.index, step.rungs)) >= max(map(way.index, earlier.rungs))
    assert max(map(way.index, step.critical)) >= max(map(way.index, step.rungs))


@pytest.mark.parametrize("clock", Clock)
def test_every_clock_ends_with_the_supervisor(clock):
    last = [step for step in LADDER if step.clock is clock][-1]
    assert Rung.SUPERVISOR in last.rungs


@pytest.mark.parametrize(
    ("there", "whom"),
    [
        ({"handler": [1], "head": [2], "supervisor": [3]}, [1, 2]),
        ({"handler": [1], "supervisor": [3]}, [1, 3]),
        ({"head": [2], "supervisor": [3]}, [2]),
        ({"supervisor": [3, 4]}, [3, 4]),
        ({"handler": [1]}, [1]),
        ({}, []),
    ],
)
def test_where_a_rung_is_empty_the_next_one_above_hears(there, whom):
    people = {rung: [User(id=number) for number in there.get(rung, [])] for rung in Rung}
    step = STEPS[Clock.ACCEPT, Stage.OVERDUE]
    assert [one.id for one in climb(step, people.__getitem__, is_critical=False)] == whom

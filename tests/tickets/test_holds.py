"""各方用时: every second of a ticket is charged to exactly one party, in wall and business time."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from hotline.feedback import service as feedback
from hotline.handoffs import jobs as handoff_jobs
from hotline.handoffs import service as handoffs
from hotline.tickets import holds, jobs, ledger_check
from hotline.unit_of_work import unit_of_work
from models import Hold, Holder, Notification, Resolution, Role, db
from tests.handoffs.house import accept, answer, at, hand_off, make_house, wait
from tests.makers import make_conversation, make_department, make_user


@pytest.fixture
def house(app, clock):
    return make_house()  # a described ticket, Monday 09:30


def ledger(house):
    return [(one.holder.value, one.began_at, one.ended_at) for one in holds.of(house.ticket.id)]


def walls(house, clock):
    return {
        one.party: (one.wall, one.business)
        for one in holds.spent(holds.of(house.ticket.id), clock.time)
    }


def test_who_had_it_when_through_a_whole_life(house, clock):
    start = clock.time
    clock.set(at("2026-11-16 10:00"))
    hand_off(house)
    clock.set(at("2026-11-16 11:00"))
    accept(house)
    clock.set(at("2026-11-16 16:30"))
    wait(house, until=at("2026-11-18 17:30"), what="工资条")
    clock.set(at("2026-11-17 09:30"))
    with unit_of_work():
        handoffs.end_wait(house.ticket, actor=house.operator, at=clock.time)
    clock.set(at("2026-11-18 09:30"))
    answer(house)
    clock.set(at("2026-11-18 10:00"))
    call = make_conversation(house.ticket, house.operator)
    with unit_of_work():
        feedback.close_in_call(
            house.ticket, call, actor=house.operator, at=clock.time, told="已告知",
            resolution=Resolution.SOLVED,
        )  # fmt: skip

    assert ledger(house) == [
        ("hotline", start, at("2026-11-16 10:00")),
        ("department", at("2026-11-16 10:00"), at("2026-11-16 16:30")),
        ("caller", at("2026-11-16 16:30"), at("2026-11-17 09:30")),
        ("department", at("2026-11-17 09:30"), at("2026-11-18 09:30")),
        ("hotline", at("2026-11-18 09:30"), at("2026-11-18 10:00")),
    ]
    assert house.ticket.whole_seconds == (clock.time - start).total_seconds()
    spent = walls(house, clock)
    legal = (Holder.DEPARTMENT, house.legal.id)
    # 10:00–16:30 less lunch, and a whole day from 09:30 to 09:30
    assert spent[legal] == (timedelta(hours=30, minutes=30), timedelta(hours=12, minutes=30))
    assert spent[holds.CALLER] == (timedelta(hours=17), timedelta(hours=2))


def test_a_ticket_that_changes_department_three_times_keeps_what_was_spent(house, clock):
    seen = []
    for hour in (10, 11, 14):
        clock.set(at(f"2026-11-16 {hour}:00"))
        other = make_department(f"house{hour}")
        make_user(Role.HANDLER, department=other)
        with unit_of_work():
            handoffs.hand_off(house.ticket, other, actor=house.operator, at=clock.time)
        clock.advance(minutes=30)
        with unit_of_work():
            handoffs.recall(house.ticket, actor=house.operator, at=clock.time, reason="转错")
        seen.append(other.id)
    spent = walls(house, clock)
    assert [spent[Holder.DEPARTMENT, one][0] for one in seen] == [timedelta(minutes=30)] * 3
    assert sum((wall for wall, _ in spent.values()), timedelta(0)) == (
        clock.time - house.ticket.opened_at
    )


def test_a_wait_ends_in_the_ledger_when_it_was_over_however_late_the_sweep(house, clock):
    hand_off(house)
    accept(house)
    wait(house, until=at("2026-11-17 17:30"), what="工资条")
    clock.set(at("2026-11-19 03:00"))  # the ticker was down
    assert handoff_jobs.end_waits_that_are_over() == 1
    assert ledger(house)[-2:] == [
        ("caller", at("2026-11-16 09:30"), at("2026-11-17 17:30")),
        ("department", at("2026-11-17 17:30"), None),
    ]


def test_an_answer_after_the_end_of_a_wait_nobody_swept(house, clock):
    handoff = hand_off(house)
    clock.set(at("2026-11-16 10:30"))
    accept(house)
    wait(house, until=at("2026-11-16 11:30"), what="工资条")
    clock.set(at("2026-11-16 14:30"))
    answer(house)
    # 09:30–14:30 less lunch (12:00–13:30 of this house's) and less one hour of waiting
    whole = holds.business_between(at("2026-11-16 09:30"), clock.time, house.legal)
    assert handoff.handle_seconds == (whole - timedelta(hours=1)).total_seconds()
    assert ("caller", at("2026-11-16 10:30"), at("2026-11-16 11:30")) in ledger(house)


def test_the_events_tell_the_same_of_a_wait_that_an_answer_ended(house, clock):
    hand_off(house)
    accept(house)
    wait(house, until=at("2026-11-18 17:30"), what="工资条")
    clock.set(at("2026-11-16 10:30"))
    answer(house)
    clock.set(at("2026-11-16 11:30"))
    with unit_of_work():
        handoffs.rework(house.ticket, actor=house.supervisor, at=clock.time, reason="再查")
    assert ledger(house)[-1] == ("department", clock.time, None)
    assert ledger_check.differences([house.ticket.id]) == []


def test_the_events_tell_the_same_of_a_wait_that_ended_by_itself(house, clock):
    hand_off(house)
    accept(house)
    wait(house, until=at("2026-11-16 14:00"), what="工资条")
    clock.set(at("2026-11-16 15:00"))  # nobody has swept
    answer(house)
    assert ledger(house)[-2] == ("department", at("2026-11-16 14:00"), clock.time)
    assert ledger_check.differences([house.ticket.id]) == []


def test_taken_back_at_once_a_second_time_the_last_stretch_goes_on(house, clock):
    for hour in (10, 11):
        clock.set(at(f"2026-11-16 {hour}:00"))
        hand_off(house)
        clock.advance(minutes=30 if hour == 10 else 0)
        with unit_of_work():
            handoffs.recall(house.ticket, actor=house.operator, at=clock.time, reason="转错")
    assert [(holder, ended) for holder, _began, ended in ledger(house)] == [
        ("hotline", at("2026-11-16 10:00")),
        ("department", at("2026-11-16 10:30")),
        ("hotline", None),
    ]


def test_nobody_has_it_while_it_is_closed(house, clock):
    call = make_conversation(house.ticket, house.operator)
    clock.advance(minutes=20)
    with unit_of_work():
        feedback.close_in_call(
            house.ticket, call, actor=house.operator, at=clock.time, told="已告知",
            resolution=Resolution.ANSWERED_DIRECTLY,
        )  # fmt: skip
    clock.advance(hours=5)
    with unit_of_work():
        feedback.reopen(house.ticket, actor=house.supervisor, at=clock.time, reason="没兑现")
    clock.advance(minutes=10)
    assert sum((one[0] for one in walls(house, clock).values()), timedelta(0)) == timedelta(
        minutes=30
    )
    assert house.ticket.whole_seconds is None


def test_suspended_time_is_nobodys_fault(house, clock):
    hand_off(house)
    accept(house)
    clock.advance(hours=1)
    with unit_of_work():
        handoffs.suspend(
            house.ticket, actor=house.supervisor, at=clock.time, reason="清算", measures="登记",
            review_on=date(2026, 12, 1),
        )  # fmt: skip
    clock.advance(days=3)
    with unit_of_work():
        handoffs.resume(house.ticket, actor=house.supervisor, at=clock.time)
    spent = walls(house, clock)
    assert spent[holds.SUSPENDED][0] == timedelta(days=3)
    assert ledger(house)[-1] == ("department", clock.time, None)


def test_the_nightly_check_finds_a_ledger_that_somebody_changed(house, clock, caplog):
    hand_off(house)
    clock.advance(hours=1)
    accept(house)
    answer(house)
    clock.advance(hours=2)
    assert jobs.check_ledgers() == 0
    with unit_of_work():  # somebody makes the department look faster
        db.session.execute(
            update(Hold)
            .where(Hold.holder == Holder.DEPARTMENT)
            .values(began_at=Hold.began_at, ended_at=at("2026-11-16 10:00"))
        )
    clock.advance(hours=20)
    assert jobs.check_ledgers() == 0  # nothing happened to it since
    with unit_of_work():
        handoffs.rework(house.ticket, actor=house.supervisor, at=clock.time, reason="再查")
    assert jobs.check_ledgers() == 1
    clock.advance(minutes=5)
    assert jobs.check_ledgers() == 1  # looked at again, and told to nobody twice
    told = db.session.scalars(
        select(Notification).where(Notification.dedupe_key.startswith("ledger_differs"))
    ).all()
    assert [one.user_id for one in told] == [house.supervisor.id]
    (found,) = ledger_check.differences([house.ticket.id])
    assert found.number == house.ticket.number


def test_what_was_written_while_the_check_ran_is_looked_at_the_next_time(house, clock):
    began_at = clock.time
    clock.advance(minutes=2)
    assert jobs.check_ledgers() == 0
    with unit_of_work():  # begun before the check, and committed after it
        handoffs.hand_off(house.ticket, house.legal, actor=house.operator, at=began_at)
        db.session.execute(update(Hold).values(holder=Holder.SUSPENDED, department_id=None))
    assert jobs.check_ledgers() == 1


def test_handed_off_and_taken_back_at_once_the_hotline_never_lost_it(house, clock):
    start = clock.time
    clock.set(at("2026-11-16 11:00"))
    hand_off(house)
    with unit_of_work():
        handoffs.recall(house.ticket, actor=house.operator, at=clock.time, reason="点错了")
    assert ledger(house) == [("hotline", start, None)]
    clock.set(at("2026-11-16 11:45"))
    business = holds.business_between(start, clock.time, None)
    assert walls(house, clock)[holds.HOTLINE] == (clock.time - start, business)


@pytest.mark.parametrize(
    "spoil",
    [
        "DELETE FROM holds WHERE holder = 'department'",
        "UPDATE holds SET holder = 'caller', department_id = NULL WHERE holder = 'department'",
        "UPDATE ticket_events SET to_status = 'open' WHERE kind = 'hand_off'",
    ],
)
def test_what_the_check_finds(house, clock, spoil):
    hand_off(house)
    clock.advance(hours=1)
    accept(house)
    with unit_of_work():
        db.session.execute(db.text(spoil))
    assert [one.ticket_id for one in ledger_check.differences([house.ticket.id])] == [
        house.ticket.id
    ]


@pytest.mark.parametrize(
    ("what", "error"),
    [
        ({"holder": Holder.DEPARTMENT, "department_id": None}, "holder"),
        ({"ended_at": at("2026-11-16 09:00"), "business_seconds": 0}, "order"),
        ({"ended_at": at("2026-11-16 19:00")}, "measured"),
        ({}, "open"),
    ],
)
def test_the_database_refuses_what_is_no_ledger(house, what, error):
    row = {
        "ticket_id": house.ticket.id,
        "holder": Holder.HOTLINE,
        "began_at": at("2026-11-16 11:00"),
    }
    with pytest.raises(IntegrityError), unit_of_work():
        db.session.add(Hold(**row | what))

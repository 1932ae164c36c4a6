"""Reminding people of callbacks: once each, late rather than never, and not at night."""

from collections import Counter
from datetime import datetime, timedelta

import pytest

from hotline.callbacks import service as callbacks
from hotline.callbacks.jobs import remind_of_callbacks
from hotline.unit_of_work import unit_of_work
from models import (
    Callback,
    CallbackKind,
    Channel,
    DutyShift,
    LiveUpdate,
    Mark,
    Notification,
    OutboxMessage,
    Outcome,
    Role,
    TicketEvent,
    User,
    db,
)
from tests.makers import make_ticket, make_user


@pytest.fixture
def owner(app, clock) -> User:
    return make_user(Role.OPERATOR)


@pytest.fixture
def supervisor(app, clock) -> User:
    return make_user(Role.SUPERVISOR)


def owe(at: datetime, owner: User | None = None, **what: object) -> Callback:
    ticket = make_ticket()
    what = {"due_at": at + timedelta(hours=2), **what}
    with unit_of_work():
        return callbacks.promise(ticket, CallbackKind.TELL, at=at, owner=owner, **what)


def told(user: User) -> list[Notification]:
    return list(db.session.scalars(db.select(Notification).where(Notification.user_id == user.id)))


def test_the_owner_is_reminded_at_three_quarters_once(clock, owner, supervisor):
    owe(clock(), owner)
    clock.advance(minutes=89)
    assert remind_of_callbacks() == 0
    clock.advance(minutes=1)
    assert remind_of_callbacks() == 1
    assert remind_of_callbacks() == 0

    assert len(told(owner)) == 1
    assert told(supervisor) == []


def test_an_overdue_callback_is_told_to_the_owner_and_who_leads_the_shift(clock, owner, supervisor):
    leader = make_user(Role.OPERATOR)
    with unit_of_work():
        day = timedelta(days=1)
        shift = DutyShift(user_id=leader.id, starts_at=clock() - day, ends_at=clock() + day)
        shift.is_leader = True
        db.session.add(shift)
    callback = owe(clock(), owner)
    clock.advance(hours=2)
    assert remind_of_callbacks() == 1
    assert remind_of_callbacks() == 0

    assert [len(told(user)) for user in (owner, leader, supervisor)] == [1, 1, 0]
    assert told(owner)[0].is_urgent
    facts = db.session.scalars(db.select(TicketEvent.kind)).all()
    assert facts.count("remind_callback_overdue") == 1
    assert callback.overdue_reminded_at == clock()


def test_without_a_roster_the_supervisors_hear_of_the_pool(clock, owner, supervisor):
    owe(clock())
    clock.advance(hours=2)
    remind_of_callbacks()
    assert [len(told(user)) for user in (owner, supervisor)] == [0, 1]


def test_a_ticker_that_slept_all_day_tells_everything_once(clock, owner, supervisor):
    for _ in range(5):
        owe(clock(), owner)
    clock.advance(hours=8)
    assert remind_of_callbacks() == 5
    assert remind_of_callbacks() == 0
    assert len(told(owner)) == 5


def test_nobody_is_reminded_at_night_of_what_they_may_not_ring(clock, owner, supervisor):
    owe(clock(), owner)
    clock.advance(hours=12)  # 21:30
    assert remind_of_callbacks() == 0
    clock.advance(hours=11)  # 08:30
    assert remind_of_callbacks() == 1


def test_a_caller_who_chose_the_night_is_the_exception(clock, owner, supervisor):
    clock.advance(hours=13)  # 22:30
    callback = owe(clock(), owner, window="in_2_minutes")
    clock.set(callback.due_at)
    assert remind_of_callbacks() == 1


def test_what_was_rung_meanwhile_is_not_told(clock, owner, supervisor):
    callback = owe(clock(), owner)
    clock.advance(hours=2)
    with unit_of_work():
        callbacks.record_attempt(callback, Outcome.REACHED, actor=owner, at=clock())
    assert remind_of_callbacks() == 0


def test_the_next_slot_has_reminders_of_its_own(clock, owner, supervisor):
    callback = owe(clock(), owner)
    clock.advance(hours=2)
    remind_of_callbacks()
    with unit_of_work():
        callbacks.record_attempt(callback, Outcome.NO_ANSWER, actor=owner, at=clock())
    clock.set(callback.due_at)
    assert remind_of_callbacks() == 1
    assert len(told(owner)) == 2


def test_what_was_due_before_the_demo_began_is_never_told(clock, owner, supervisor):
    callback = owe(clock(), owner)
    clock.advance(hours=3)
    with unit_of_work():
        db.session.add(Mark(name="demo_began", at=clock()))
    assert remind_of_callbacks() == 0
    clock.advance(hours=1)
    assert remind_of_callbacks() == 0
    assert told(owner) == []
    assert callback.overdue_reminded_at is not None  # nothing is left over for /readyz to miss


def lead_shift(leader: User, clock) -> None:
    with unit_of_work():
        day = timedelta(days=1)
        shift = DutyShift(user_id=leader.id, starts_at=clock() - day, ends_at=clock() + 9 * day)
        shift.is_leader = True
        db.session.add(shift)


def kinds(user: User) -> list[str]:
    return [notice.dedupe_key.split(":")[0] for notice in told(user)]


def test_a_callback_climbs_from_the_owner_to_the_shift_leader_to_the_supervisor(
    clock, owner, supervisor
):
    leader = make_user(Role.OPERATOR)
    lead_shift(leader, clock)
    owe(clock(), owner)  # 09:30, due 11:30
    for minutes in (90, 30, 59):
        clock.advance(minutes=minutes)
        remind_of_callbacks()
    assert kinds(owner) == ["remind_callback_soon", "remind_callback_overdue"]
    assert kinds(leader) == ["remind_callback_overdue"]
    assert kinds(supervisor) == []

    clock.set(datetime.fromisoformat("2026-11-16 14:00+08:00"))  # half of two working hours again
    assert remind_of_callbacks() == 1
    assert remind_of_callbacks() == 0
    assert [kinds(one)[-1] for one in (owner, leader, supervisor)] == ["remind_callback_late"] * 3


def test_at_the_weekend_the_desk_hears_and_the_supervisor_on_monday(clock, owner, supervisor):
    leader = make_user(Role.OPERATOR)
    lead_shift(leader, clock)
    clock.set(datetime.fromisoformat("2026-11-20 20:00+08:00"))  # Friday
    owe(clock(), owner, due_at=datetime.fromisoformat("2026-11-21 09:00+08:00"))
    clock.set(datetime.fromisoformat("2026-11-22 12:00+08:00"))  # the ticker slept since
    assert remind_of_callbacks() == 1
    assert remind_of_callbacks() == 0
    assert kinds(owner) == kinds(leader) == ["remind_callback_overdue"]

    clock.set(datetime.fromisoformat("2026-11-23 08:29+08:00"))
    assert remind_of_callbacks() == 0
    clock.set(datetime.fromisoformat("2026-11-23 08:30+08:00"))
    assert remind_of_callbacks() == 1
    assert kinds(supervisor) == ["remind_callback_late"]


def test_nobody_is_missing_where_the_owner_has_left(clock, owner, supervisor):
    leader = make_user(Role.OPERATOR)
    lead_shift(leader, clock)
    owe(clock(), owner)
    with unit_of_work():
        owner.is_active = False
    clock.advance(minutes=90)
    assert remind_of_callbacks() == 1
    assert (kinds(owner), kinds(leader)) == ([], ["remind_callback_soon"])


def test_the_next_try_has_a_ladder_of_its_own_to_the_top(clock, owner, supervisor):
    callback = owe(clock(), owner)
    clock.set(datetime.fromisoformat("2026-11-17 08:30+08:00"))
    assert remind_of_callbacks() == 1
    with unit_of_work():
        callbacks.record_attempt(callback, Outcome.NO_ANSWER, actor=owner, at=clock())
    clock.set(callback.due_at + timedelta(days=2))
    assert remind_of_callbacks() == 1
    assert remind_of_callbacks() == 0
    assert kinds(supervisor) == ["remind_callback_late"] * 2


def test_after_an_emergency_the_leader_is_warned_and_nobody_waits_for_the_morning(
    clock, owner, supervisor
):
    leader = make_user(Role.OPERATOR)
    lead_shift(leader, clock)
    clock.set(datetime.fromisoformat("2026-11-21 22:00+08:00"))  # a Saturday
    ticket = make_ticket()
    with unit_of_work():
        callbacks.promise(ticket, CallbackKind.SAFETY, at=clock(), owner=owner)
    for minutes in (90, 30, 60):
        clock.advance(minutes=minutes)
        assert remind_of_callbacks() == 1
    every = ["remind_callback_soon", "remind_callback_overdue", "remind_callback_late"]
    assert kinds(owner) == kinds(leader) == every
    assert kinds(supervisor) == every[1:]


def test_many_at_once_cost_as_many_statements_as_few(clock, supervisor, count_queries):
    """Of each caller everything is there, once."""
    owners = [make_user(Role.OPERATOR, phone_number=f"+861371234567{n}") for n in range(8)]
    counts = []
    for number in (10, 60):
        for place in range(number):
            owe(clock(), owners[place % len(owners)])
        clock.advance(hours=2)
        count_queries.clear()
        assert remind_of_callbacks() == number
        counts.append(len(count_queries))
        assert remind_of_callbacks() == 0
    assert max(counts) <= 30
    assert counts[1] <= counts[0] + 3, "a job for every twenty-five messages"

    all_ = 70
    assert sum(len(told(owner)) for owner in owners) == all_
    assert len(told(supervisor)) == all_, "nobody leads the shift"
    events = db.session.scalars(
        db.select(TicketEvent).where(TicketEvent.kind == "remind_callback_overdue")
    ).all()
    assert len({event.ticket_id for event in events}) == len(events) == all_
    assert all(len(event.data["told"]) == 2 for event in events)
    ours = OutboxMessage.user_id.in_(owner.id for owner in owners)
    channels = Counter(db.session.scalars(db.select(OutboxMessage.channel).where(ours)))
    assert channels == {Channel.SMS: all_, Channel.EMAIL: all_}
    bells = db.session.scalars(db.select(LiveUpdate).where(LiveUpdate.kind == "bell")).all()
    lines = {notice.id: notice for notice in db.session.scalars(db.select(Notification))}
    assert len(bells) == len(lines) == 2 * all_
    for bell in bells:
        assert bell.audience == f"user:{lines[bell.data['notification']].user_id}"

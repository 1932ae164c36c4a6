"""Trying: when the next attempt is due, and when everything was tried."""

from datetime import datetime, timedelta

import pytest

from hotline.callbacks import service as callbacks
from hotline.errors import Invalid, TransitionRefused
from hotline.unit_of_work import unit_of_work
from models import (
    Call,
    Callback,
    CallbackEnd,
    CallbackKind,
    CallerNumber,
    CallResult,
    CallState,
    Direction,
    Notification,
    NumberKind,
    Outcome,
    Role,
    TicketEvent,
    db,
)
from tests.makers import make_ticket, make_user

O = Outcome  # noqa: E741 — the stories below are full of it


def local(at: datetime) -> str:
    return f"{at + timedelta(hours=8):%m-%d %H:%M}"


@pytest.fixture
def operator(app, clock):
    return make_user(Role.OPERATOR)


@pytest.fixture
def try_(operator, clock):
    """`try_(callback, outcome)`: the operator rings now."""

    def try_(callback: Callback, outcome: Outcome, **what: object):
        with unit_of_work():
            return callbacks.record_attempt(callback, outcome, actor=operator, at=clock(), **what)

    return try_


def owe(kind: CallbackKind, at: datetime, **what: object) -> Callback:
    ticket = make_ticket()
    with unit_of_work():
        return callbacks.promise(ticket, kind, at=at, **what)


def test_three_tries_on_two_days_one_of_them_off_hours(clock, try_):
    callback = owe(CallbackKind.TELL, clock())

    try_(callback, O.NO_ANSWER)  # Monday 09:30
    assert local(callback.not_before_at) == "11-16 12:00"
    assert local(callback.due_at) == "11-16 14:00"

    clock.set(callback.not_before_at)
    try_(callback, O.REFUSED_CALL)  # Monday noon: the off-hours are covered, the second day is not
    assert local(callback.not_before_at) == "11-17 08:00"
    assert callback.exhausted_at is None

    clock.set(callback.not_before_at - timedelta(minutes=5))  # a little early
    try_(callback, O.BUSY)
    assert callback.exhausted_at == clock()
    assert callback.failed_attempts == 3
    assert callback.ended_at is None  # a second person signs
    told = db.session.scalars(db.select(TicketEvent).where(TicketEvent.kind == "attempt"))
    tries = [local(datetime.fromisoformat(one.data["next_at"])) for one in list(told)[:2]]
    assert tries == ["11-16 12:00", "11-17 08:00"]
    last = db.session.scalars(db.select(TicketEvent).order_by(TicketEvent.id.desc())).first()
    assert (last.kind, last.data["next_at"]) == ("attempt", None), "there is no next try to tell of"


def test_three_tries_in_one_morning_are_not_enough(clock, try_):
    callback = owe(CallbackKind.TELL, clock())
    for _ in range(3):
        try_(callback, O.NO_ANSWER)
        clock.advance(minutes=20)

    assert callback.exhausted_at is None
    assert local(callback.not_before_at) == "11-17 12:00"
    clock.set(callback.not_before_at)
    try_(callback, O.NO_ANSWER)
    assert callback.exhausted_at is not None


@pytest.mark.parametrize(
    ("hours", "lacks"),
    [
        ((0, 3, 9), "another day"),  # 09:30, 12:30 and 18:30 of one Monday
        ((0, 1, 24), "off hours"),  # three mornings' tries
    ],
)
def test_days_and_hours_must_both_be_covered(clock, try_, hours, lacks):
    callback = owe(CallbackKind.TELL, clock())
    begun = clock()
    for after in hours:
        clock.set(begun + timedelta(hours=after))
        try_(callback, O.NO_ANSWER)
    assert callback.failed_attempts == 3
    assert callback.exhausted_at is None, f"it lacks {lacks}"


def test_the_callers_own_time_is_tried_again_before_the_off_hours(clock, try_):
    callback = owe(CallbackKind.TELL, clock(), window="afternoon")
    clock.set(callback.not_before_at)  # Monday 14:00
    try_(callback, O.NO_ANSWER)
    assert local(callback.not_before_at) == "11-16 15:00"
    clock.set(callback.not_before_at)
    try_(callback, O.NO_ANSWER)
    assert local(callback.not_before_at) == "11-17 12:00"  # another day, and off hours


def test_a_missed_caller_is_tried_twice(clock, try_):
    callback = owe(CallbackKind.RETURN_CALL, clock())
    try_(callback, O.NO_ANSWER)
    assert local(callback.not_before_at) == "11-16 10:30"
    try_(callback, O.VOICEMAIL)
    assert callback.exhausted_at is not None


def test_who_hung_up_early_is_tried_once_unless_they_ring_again_and_wait(clock, try_):
    ticket = make_ticket()
    with unit_of_work():
        call = hung_up_early(ticket, clock())
        callback = callbacks.promise(ticket, CallbackKind.RETURN_CALL, at=clock())
    assert callback.max_attempts == 1
    try_(callback, O.NO_ANSWER)
    assert callback.exhausted_at is not None

    with unit_of_work():
        call.result = CallResult.ABANDONED
        again = callbacks.promise(ticket, CallbackKind.RETURN_CALL, at=clock())
    assert again.id == callback.id
    assert (again.max_attempts, again.exhausted_at) == (2, None)


def hung_up_early(ticket, at: datetime) -> Call:
    call = Call(
        provider="manual",
        call_ref="early",
        direction=Direction.INBOUND,
        ticket_id=ticket.id,
        caller_id=ticket.caller_id,
        state=CallState.ENDED,
        result=CallResult.HUNG_UP_EARLY,
        started_at=at,
        heard_at=at,
    )
    db.session.add(call)
    db.session.flush()
    return call


def test_busy_is_tried_again_soon(clock, try_):
    callback = owe(CallbackKind.RETURN_CALL, clock())
    try_(callback, O.BUSY)
    assert callback.not_before_at - clock() == timedelta(minutes=10)


def test_somebody_in_danger_is_tried_again_at_once_even_at_night(clock, try_):
    clock.advance(hours=14)
    callback = owe(CallbackKind.SAFETY, clock())
    try_(callback, O.NO_ANSWER)
    assert callback.not_before_at - clock() == timedelta(minutes=10)


def test_when_somebody_in_danger_cannot_be_reached_the_supervisors_are_alarmed(clock, try_):
    boss = make_user(Role.SUPERVISOR)
    callback = owe(CallbackKind.SAFETY, clock())
    for _ in range(3):
        try_(callback, O.NO_ANSWER)
    assert callback.exhausted_at is not None
    notice = db.session.scalars(db.select(Notification)).one()
    assert (notice.user_id, notice.is_urgent) == (boss.id, True)


def test_later_is_no_failed_attempt(clock, try_):
    callback = owe(CallbackKind.TELL, clock())
    try_(callback, O.LATER, later="after_work")

    assert callback.failed_attempts == 0
    assert callback.first_due_at == callback.due_at  # a new promise, with a clock of its own
    assert (local(callback.not_before_at), local(callback.due_at)) == ("11-16 17:30", "11-16 21:00")
    with pytest.raises(Invalid):
        try_(callback, O.LATER)
    with pytest.raises(Invalid):
        try_(callback, O.LATER, later=clock() - timedelta(minutes=1))
    with pytest.raises(Invalid):
        try_(callback, O.LATER, later="whenever")


def test_a_dead_number_twice_and_no_other_is_the_end(clock, try_):
    callback = owe(CallbackKind.TELL, clock())
    try_(callback, O.DEAD_NUMBER)
    assert callback.exhausted_at is None
    try_(callback, O.DEAD_NUMBER)
    assert callback.exhausted_at is not None


def test_a_dead_number_gives_way_to_another_one_of_the_caller(clock, try_):
    callback = owe(CallbackKind.TELL, clock())
    with unit_of_work():
        other = CallerNumber(number="+8613899998888", kind=NumberKind.MOBILE)
        callback.ticket.caller.numbers.append(other)
    try_(callback, O.DEAD_NUMBER)
    try_(callback, O.DEAD_NUMBER)

    assert callback.exhausted_at is None
    assert callback.number == "+8613899998888"


@pytest.mark.parametrize("outcome", [O.REACHED, O.DECLINED_SURVEY])
def test_whoever_was_reached_is_owed_nothing_more(clock, operator, try_, outcome):
    callback = owe(CallbackKind.TELL, clock())
    attempt = try_(callback, outcome, note="  很客气 ")

    assert (callback.end, callback.ended_at) == (CallbackEnd.KEPT, clock())
    assert callback.owner_id == operator.id
    assert attempt.note == "很客气"
    with pytest.raises(TransitionRefused):
        try_(callback, O.NO_ANSWER)


def test_every_attempt_stands_in_the_ticket_and_nothing_of_the_number(clock, try_):
    callback = owe(CallbackKind.TELL, clock())
    try_(callback, O.SOMEBODY_ELSE, note="同事接的")

    event = db.session.scalars(db.select(TicketEvent).order_by(TicketEvent.id.desc())).first()
    assert event.kind == "attempt"
    assert event.data["outcome"] == "somebody_else"
    assert callback.number not in str(event.data)


def test_nobody_is_put_off_for_ever(clock, try_):
    """A day at the end of time is also one that no list of callbacks can show."""
    callback = owe(CallbackKind.TELL, clock())
    due_at = callback.due_at
    for days in (61, 2_900_000):
        with pytest.raises(Invalid, match="60 days"):
            try_(callback, O.LATER, later=clock() + timedelta(days=days))
    db.session.expire_all()
    assert callback.due_at == due_at
    try_(callback, O.LATER, later=clock() + timedelta(days=60))
    assert callback.due_at > due_at

"""Promising a ring: to whom, by when, and never twice for one matter."""

import threading
from datetime import datetime, timedelta

import pytest

from hotline.callbacks import service as callbacks
from hotline.errors import Forbidden, TransitionRefused
from hotline.unit_of_work import unit_of_work
from models import (
    Callback,
    CallbackEnd,
    CallbackKind,
    Channel,
    OutboxMessage,
    Outcome,
    Role,
    Ticket,
    TicketEvent,
    User,
    db,
)
from tests.makers import make_ticket, make_user


def promise(ticket: Ticket, kind: CallbackKind, at: datetime, **what: object):
    with unit_of_work():
        return callbacks.promise(ticket, kind, at=at, **what)


def local(at: datetime) -> str:
    return f"{at + timedelta(hours=8):%m-%d %H:%M}"


def test_a_result_is_told_by_the_end_of_the_next_working_day(app, clock):
    callback = promise(make_ticket(), CallbackKind.TELL, clock())

    assert local(callback.not_before_at) == "11-16 09:30"
    assert local(callback.due_at) == "11-17 17:30"
    assert (callback.max_attempts, callback.min_days, callback.needs_off_hours) == (3, 2, True)


def test_the_callers_own_time_beats_the_limit_and_the_contact_hours(app, clock):
    ticket = make_ticket()
    with unit_of_work():
        ticket.caller.preferred_window = "weekend"
    habit = promise(ticket, CallbackKind.TELL, clock())
    asked = promise(make_ticket(phone="13812345678"), CallbackKind.TELL, clock(), window="noon")

    assert (local(habit.not_before_at), local(habit.due_at)) == ("11-21 10:00", "11-21 20:00")
    assert (local(asked.not_before_at), local(asked.due_at)) == ("11-16 12:00", "11-16 14:00")


def test_who_missed_us_is_rung_at_once_whatever_their_habit(app, clock):
    ticket = make_ticket()
    with unit_of_work():
        ticket.caller.preferred_window = "weekend"
    callback = promise(ticket, CallbackKind.RETURN_CALL, clock())

    assert local(callback.due_at) == "11-16 10:30"
    assert callback.max_attempts == 2


def test_a_call_of_the_night_is_returned_in_the_morning(app, clock):
    clock.advance(hours=14)  # 23:30
    callback = promise(make_ticket(), CallbackKind.RETURN_CALL, clock())

    assert local(callback.not_before_at) == "11-17 08:00"
    assert local(callback.due_at) == "11-17 10:30"


def test_somebody_in_danger_is_rung_at_night_too(app, clock):
    clock.advance(hours=14)
    callback = promise(make_ticket(), CallbackKind.SAFETY, clock())

    assert (local(callback.not_before_at), local(callback.due_at)) == ("11-16 23:30", "11-17 01:30")


def test_without_a_number_nothing_is_promised(app, clock):
    assert promise(make_ticket(phone="anonymous"), CallbackKind.TELL, clock()) is None


def test_a_second_promise_is_kept_by_the_first_ring_and_its_newer_words(app, clock):
    ticket = make_ticket()
    first = promise(ticket, CallbackKind.TELL, clock(), words="先说一声")
    due_at = first.due_at
    clock.advance(hours=3)
    second = promise(ticket, CallbackKind.TELL, clock(), words="再说一声", window="in_1_hour")

    assert second.id == first.id
    assert (second.due_at, second.words) == (due_at, "再说一声")


def test_calls_of_one_number_are_one_debt_until_it_is_reached(app, clock):
    first = promise(make_ticket(), CallbackKind.RETURN_CALL, clock())
    again = promise(make_ticket(), CallbackKind.RETURN_CALL, clock())
    other = promise(make_ticket(phone="13812345678"), CallbackKind.RETURN_CALL, clock())

    assert again.id == first.id != other.id
    assert callbacks.open_debt_of(first.number).id == first.id
    with unit_of_work():
        assert callbacks.settle_number(first.number, at=clock()) == 1
    assert callbacks.open_debt_of(first.number) is None
    assert other.ended_at is None


def test_a_missed_mobile_gets_one_short_message_and_a_landline_none(app, clock):
    ticket = make_ticket()
    promise(ticket, CallbackKind.RETURN_CALL, clock())
    promise(ticket, CallbackKind.RETURN_CALL, clock())
    promise(make_ticket(phone="0571-87654321"), CallbackKind.RETURN_CALL, clock())

    (message,) = db.session.scalars(db.select(OutboxMessage))
    assert (message.kind, message.channel) == ("caller_missed", Channel.SMS)
    assert message.address == ticket.callback_number
    assert "http" not in message.body


def test_every_promise_and_its_end_stand_in_the_ticket(app, clock):
    ticket = make_ticket()
    promise(ticket, CallbackKind.TELL, clock())
    promise(ticket, CallbackKind.SAFETY, clock())
    with unit_of_work():
        kinds = [CallbackKind.TELL]
        done = callbacks.settle(ticket, at=clock(), end=CallbackEnd.NOT_NEEDED, kinds=kinds)

    assert done == 1
    events = db.session.scalars(db.select(TicketEvent).order_by(TicketEvent.id)).all()
    assert [e.kind for e in events][-3:] == ["promise", "promise", "settle"]
    assert events[-1].data["end"] == "not_needed"


@pytest.fixture
def two_operators(app, clock) -> tuple[User, User]:
    return make_user(Role.OPERATOR), make_user(Role.OPERATOR)


def test_the_pool_gives_a_callback_to_the_first_who_takes_it(clock, two_operators):
    quick, slow = two_operators
    callback = promise(make_ticket(), CallbackKind.TELL, clock())
    with unit_of_work():
        callbacks.claim(callback, actor=quick, at=clock())
    with pytest.raises(TransitionRefused), unit_of_work():
        callbacks.claim(callback, actor=slow, at=clock())
    with pytest.raises(Forbidden), unit_of_work():
        callbacks.release(callback, actor=slow, at=clock())

    assert callback.owner_id == quick.id


def test_at_the_end_of_duty_what_one_owes_goes_to_the_pool(clock, two_operators):
    leaving, staying = two_operators
    mine = promise(make_ticket(), CallbackKind.TELL, clock(), owner=leaving)
    theirs = promise(make_ticket(), CallbackKind.TELL, clock(), owner=staying)
    with unit_of_work():
        assert callbacks.release_all_of(leaving, at=clock()) == 1

    assert (mine.owner_id, theirs.owner_id) == (None, staying.id)


def test_a_department_may_not_ring_the_hotlines_callers(app, clock):
    handler = make_user(Role.HANDLER)
    callback = promise(make_ticket(), CallbackKind.TELL, clock())
    with pytest.raises(Forbidden), unit_of_work():
        callbacks.claim(callback, actor=handler, at=clock())


def test_two_missed_calls_in_one_instant_are_one_debt(app, clock, engine_name):
    """On PostgreSQL both transactions run at once; on SQLite one waits for the other anyway."""
    tickets = [make_ticket().id, make_ticket().id]
    together = threading.Barrier(2 if engine_name == "postgresql" else 1)

    def miss(ticket_id: int) -> None:
        with app.app_context(), unit_of_work():
            ticket = db.session.get_one(Ticket, ticket_id)
            together.wait(timeout=20)
            callbacks.promise(ticket, CallbackKind.RETURN_CALL, at=clock())

    threads = [threading.Thread(target=miss, args=(ticket_id,)) for ticket_id in tickets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    assert len(db.session.scalars(db.select(Callback)).all()) == 1


def test_what_nobody_has_tried_to_tell_begins_with_all_its_attempts(app, clock):
    ticket, operator = make_ticket(), make_user(Role.OPERATOR)
    first = promise(ticket, CallbackKind.TELL, clock(), words="答复要晚几天")
    with unit_of_work():
        callbacks.record_attempt(
            db.session.get_one(Callback, first.id), Outcome.NO_ANSWER, actor=operator, at=clock()
        )
    clock.advance(hours=3)
    second = promise(ticket, CallbackKind.TELL, clock(), words="工资已补发")

    assert second.id != first.id
    assert (second.words, second.attempts, second.exhausted_at) == ("工资已补发", [], None)
    assert db.session.get_one(Callback, first.id).end is CallbackEnd.NOT_NEEDED


def test_the_time_the_caller_named_holds_for_what_there_is_to_tell_then(app, clock):
    ticket, operator = make_ticket(), make_user(Role.OPERATOR)
    first = promise(ticket, CallbackKind.TELL, clock(), words="答复要晚几天")
    with unit_of_work():
        callbacks.record_attempt(
            db.session.get_one(Callback, first.id),
            Outcome.LATER,
            actor=operator,
            at=clock(),
            later="in_1_hour",
        )
    due_at = db.session.get_one(Callback, first.id).due_at
    second = promise(ticket, CallbackKind.TELL, clock(), words="工资已补发")
    assert (second.id, second.words, second.due_at) == (first.id, "工资已补发", due_at)

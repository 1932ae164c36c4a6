"""What is measured of a promise: until somebody first rang, and until the caller was told."""

from datetime import UTC, datetime, timedelta

import pytest

from hotline.callbacks import service as callbacks
from hotline.errors import Forbidden
from hotline.unit_of_work import unit_of_work
from models import CallbackEnd, CallbackKind, Outcome, Role
from tests.makers import make_ticket, make_user

HOUR = 3600
TUESDAY = datetime(2026, 11, 17, 1, 30, tzinfo=UTC)  # 09:30: seven and a half hours of work later
MIDNIGHT = datetime(2026, 11, 16, 16, tzinfo=UTC)


@pytest.fixture
def operator(app, clock):
    return make_user(Role.OPERATOR)


@pytest.fixture
def ring(operator, clock):
    """`ring(callback, outcome)`: the operator rings now."""

    def ring(callback, outcome, **how):
        with unit_of_work():
            callbacks.record_attempt(callback, outcome, actor=operator, at=clock(), **how)

    return ring


def owed(clock, kind=CallbackKind.TELL, **how):
    ticket = make_ticket()
    with unit_of_work():
        return callbacks.promise(ticket, kind, at=clock(), **how)


def measured(one):
    return one.ring_seconds, one.told_seconds


def test_the_first_ring_and_the_telling_are_two_times(clock, ring):
    one = owed(clock)
    assert measured(one) == (None, None)
    clock.advance(hours=2)
    first = clock()
    ring(one, Outcome.NO_ANSWER)
    assert measured(one) == (2 * HOUR, None)
    clock.set(TUESDAY)
    ring(one, Outcome.REACHED)
    assert measured(one) == (2 * HOUR, 7.5 * HOUR)
    assert one.first_attempt_at == first


def test_who_is_reached_at_once_was_told_in_the_first_ring(clock, ring):
    one = owed(clock)
    clock.advance(minutes=30)
    ring(one, Outcome.REACHED)
    assert measured(one) == (HOUR / 2, HOUR / 2)


@pytest.mark.parametrize("end", [CallbackEnd.NOT_NEEDED, CallbackEnd.KEPT])
def test_without_a_ring_only_what_was_told_is_measured(app, clock, end):
    """Who rings again hears it then; what is not needed any more was never told."""
    one = owed(clock)
    clock.advance(hours=1)
    with unit_of_work():
        callbacks.settle(one.ticket, at=clock(), end=end)
    assert measured(one) == (None, HOUR if end is CallbackEnd.KEPT else None)


@pytest.mark.parametrize(
    ("kind", "seconds"), [(CallbackKind.SAFETY, HOUR), (CallbackKind.RETURN_CALL, 0)]
)
def test_danger_is_measured_by_the_wall_and_all_else_in_working_time(clock, ring, kind, seconds):
    clock.set(MIDNIGHT)
    one = owed(clock, kind)
    clock.advance(hours=1)
    ring(one, Outcome.REACHED)
    assert one.ring_seconds == seconds


def test_a_date_that_is_told_holds_from_then_on_and_not_before(clock, ring):
    date = clock() + timedelta(days=9)
    one = owed(clock, new_date=date)
    ring(one, Outcome.NO_ANSWER)
    assert one.ticket.promised_at != date
    clock.set(TUESDAY)
    ring(one, Outcome.REACHED)
    assert one.ticket.promised_at == date


def test_whom_it_is_about_does_not_ring(clock, operator, ring):
    one = owed(clock)
    with unit_of_work():
        one.ticket.about_user_id = operator.id
    with pytest.raises(Forbidden):
        ring(one, Outcome.REACHED)
    assert one.attempts == []

"""By when: each promise of the hotline, on a Monday, at night, over lunch and over holidays."""

from datetime import date

import pytest

from hotline.calendars import service as calendars
from hotline.errors import HotlineError
from hotline.sla import deadlines, limits, policies
from hotline.sla.reckoning import StepKind
from hotline.unit_of_work import unit_of_work
from models import CalendarKind, Level, Role, Urgency, db
from tests.makers import make_department, make_user
from tests.sla.office import hours, local


@pytest.fixture
def legal(app):
    return make_department("legal")


def test_a_hand_off_is_signed_within_two_working_hours(legal):
    assert deadlines.accept_due(local("2026-11-16 11:00"), legal) == local("2026-11-16 14:30")
    assert deadlines.accept_due(local("2026-11-20 17:00"), legal) == local("2026-11-23 10:00")
    assert deadlines.ask_return_until(local("2026-11-16 10:00"), legal) == local("2026-11-16 15:30")
    assert deadlines.decide_return_due(local("2026-11-16 10:00")) == local("2026-11-16 12:00")


@pytest.mark.parametrize(
    ("level", "urgency", "due"),
    [
        (Level.CONSULTATION, Urgency.NORMAL, "2026-11-23 17:30"),
        (Level.ORDINARY, Urgency.NORMAL, "2026-11-27 17:30"),
        (Level.DIFFICULT, Urgency.NORMAL, "2026-12-11 17:30"),
        (Level.COMPLEX, Urgency.NORMAL, "2027-01-04 17:30"),
        (Level.ORDINARY, Urgency.URGENT, "2026-11-23 17:30"),
        (Level.COMPLEX, Urgency.CRITICAL, "2026-11-20 18:40"),
    ],
)
def test_how_hard_and_how_urgent_decide_the_limit(legal, level, urgency, due):
    friday = local("2026-11-20 16:40")
    assert deadlines.handle_due(friday, legal, level, urgency) == local(due)


def test_urgency_never_gives_more_time_than_the_level(legal, clock):
    boss = make_user(Role.ADMINISTRATOR)
    with unit_of_work():
        policies.set_value("handle_urgent_days", 3, actor=boss, at=clock())
    due = {
        level: deadlines.handle_due(local("2026-11-16 10:00"), legal, level, Urgency.URGENT)
        for level in (Level.CONSULTATION, Level.ORDINARY)
    }
    assert due == {
        Level.CONSULTATION: local("2026-11-17 17:30"),
        Level.ORDINARY: local("2026-11-19 17:30"),
    }


def test_critical_matters_do_not_wait_for_the_morning(legal):
    night = local("2026-11-20 23:30")
    due = deadlines.handle_due(night, legal, Level.ORDINARY, Urgency.CRITICAL)
    assert due == local("2026-11-21 01:30")
    assert deadlines.safety_due(night) == local("2026-11-21 01:30")


@pytest.mark.parametrize(
    ("missed", "due"),
    [
        ("2026-11-16 10:00", "2026-11-16 11:00"),
        ("2026-11-16 12:10", "2026-11-16 14:30"),  # lunch is no night
        ("2026-11-16 17:20", "2026-11-17 09:20"),
        ("2026-11-16 22:00", "2026-11-17 10:30"),  # a night call
        ("2026-11-17 05:00", "2026-11-17 10:30"),
        ("2026-11-22 11:00", "2026-11-23 10:30"),  # on Sunday
    ],
)
def test_who_was_missed_is_rung_back(app, missed, due):
    assert deadlines.return_call_due(local(missed)) == local(due)


def test_the_other_promises(legal):
    friday = local("2026-11-20 16:40")
    assert deadlines.tell_due(friday) == local("2026-11-23 17:30")
    assert deadlines.follow_up_due(friday) == local("2026-11-23 17:30")
    assert deadlines.rework_due(friday, legal) == local("2026-11-25 17:30")
    assert deadlines.waiting_until_max(friday, legal) == local("2026-11-27 17:30")


def test_half_of_an_odd_limit_is_rounded_up_and_never_nothing(legal, clock):
    boss = make_user(Role.ADMINISTRATOR)
    with unit_of_work():
        policies.set_value("extend_percent", 50, actor=boss, at=clock())
    monday = local("2026-11-23 17:30")
    most = {
        key: deadlines.extended_until_max(monday, limits.of(key), legal)
        for key in ("handle_ordinary_days", "handle_consultation_days", "handle_critical_minutes")
    }
    assert most == {
        "handle_ordinary_days": local("2026-11-26 17:30"),  # three of five days
        "handle_consultation_days": local("2026-11-24 17:30"),
        "handle_critical_minutes": local("2026-11-24 17:30"),
    }


def test_policies_and_hours_move_the_due_time(legal, clock):
    boss = make_user(Role.ADMINISTRATOR)
    with unit_of_work():
        policies.set_value("handle_ordinary_days", 7, actor=boss, at=clock())
        calendars.set_opening_hours(
            CalendarKind.BUSINESS,
            (((540, 960),),) * 5 + ((), ()),
            department=legal,
            actor=boss,
            at=clock(),
        )
    monday = local("2026-11-16 10:00")
    assert deadlines.handle_due(monday, legal, Level.ORDINARY) == local("2026-11-25 16:00")


def test_a_pause_moves_the_due_time_by_the_working_time_it_took(legal):
    due = deadlines.handle_due(local("2026-11-16 10:00"), legal, Level.ORDINARY)
    assert due == local("2026-11-23 17:30")
    wednesday, friday = local("2026-11-18 10:00"), local("2026-11-20 10:00")
    assert deadlines.moved_by_pause(due, wednesday, friday, legal) == local("2026-11-25 17:30")
    night, morning = local("2026-11-18 20:00"), local("2026-11-19 08:00")
    assert deadlines.moved_by_pause(due, night, morning, legal) == due


def test_warnings_come_in_working_time(legal):
    start = local("2026-11-16 11:00")
    assert deadlines.warn_at(start, deadlines.accept_due(start, legal), legal) == local(
        "2026-11-16 14:00"
    )
    night = local("2026-11-20 22:00")
    due = deadlines.handle_due(night, legal, Level.ORDINARY, Urgency.CRITICAL)
    assert deadlines.warn_at(night, due, legal) == local("2026-11-20 23:30")


def test_the_reckoning_of_each_kind_of_limit(legal):
    start = local("2026-11-20 11:50")
    kinds = {
        deadlines.handle_due(start, legal, Level.ORDINARY): StepKind.FIRST_DAY,
        deadlines.accept_due(start, legal): StepKind.COUNTED,
        start + hours(2): StepKind.WALL_CLOCK,  # ends while we are open, all the same
    }
    for due, kind in kinds.items():
        assert deadlines.reckoning(start, due, legal).steps[0].kind is kind


def test_two_hours_to_accept_within_one_opening_are_working_hours(legal):
    start = local("2026-11-20 09:00")
    due = deadlines.accept_due(start, legal)
    assert due == start + hours(2)
    assert [step.kind for step in deadlines.reckoning(start, due, legal).steps] == [
        StepKind.COUNTED
    ]


def test_a_calendar_that_stays_closed_is_said_in_a_sentence(legal, clock):
    boss = make_user(Role.ADMINISTRATOR)
    with unit_of_work():
        mondays = (((540, 960),),) + ((),) * 6
        calendars.set_opening_hours(CalendarKind.BUSINESS, mondays, actor=boss, at=clock())
        for week in range(200):
            monday = date.fromordinal(date(2026, 11, 16).toordinal() + 7 * week)
            calendars.set_special_day(monday, is_working=False, actor=boss, at=clock())
    db.session.rollback()
    with pytest.raises(HotlineError, match="stays closed for years"):
        deadlines.accept_due(local("2026-11-16 10:00"), legal)

"""What stands on a hand-over sheet and what does not, and whose each line is after it was taken."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from hotline.accounts import roster
from hotline.accounts.jobs import release_after_duty
from hotline.audit import service as audit
from hotline.callbacks import emergency
from hotline.callbacks import service as callbacks
from hotline.errors import Forbidden
from hotline.rhythm import sheet_lines, sheets
from hotline.unit_of_work import unit_of_work
from models import (
    Callback,
    CallbackKind,
    Handoff,
    Notification,
    Role,
    SheetPart,
    Ticket,
    TicketStatus,
    User,
    db,
)
from tests.handoffs.house import accept, hand_off, make_house, set_ticket, wait
from tests.makers import make_ticket, make_user
from tests.rhythm.house import leaves_a_message
from tests.rhythm.test_sheets import HOUR, on_duty, owners, signed, take, work_of
from tests.stages import make_house as make_stages
from tests.stages import put

P = SheetPart


@pytest.fixture
def zhou(app, clock):
    return on_duty("周敏", clock, -1, 1)


@pytest.fixture
def chen(app, clock):
    return on_duty("陈立", clock, 0, 12)


def lines(user, clock, part):
    found = sheet_lines.of(user, until=clock() + 12 * HOUR, at=clock())
    return [line for line in found if line.part is part]


def alarmed(clock, user, phone="13911110002"):
    ticket = make_ticket(phone=phone)
    with unit_of_work():
        here, actor = db.session.get_one(Ticket, ticket.id), db.session.get_one(User, user.id)
        emergency.raise_alarm(here, actor=actor, at=clock())
    return ticket


def promised(ticket, clock, kind=CallbackKind.RETURN_CALL):
    with unit_of_work():
        return callbacks.promise(db.session.get_one(Ticket, ticket.id), kind, at=clock())


def owned_by(ticket, user):
    set_ticket(db.session.get_one(Ticket, ticket.id), owner_id=user.id)


def test_an_emergency_goes_with_who_has_it_and_only_then(zhou, chen, clock):
    own, of_pool = alarmed(clock, zhou), alarmed(clock, zhou, "13911110003")
    owned_by(own, zhou)
    assert [line.is_passed_on for line in lines(zhou, clock, P.EMERGENCY)] == [True, False]
    take(signed(zhou, clock), chen, clock)
    db.session.expire_all()
    assert db.session.get_one(Ticket, own.id).owner_id == chen.id
    assert db.session.get_one(Ticket, of_pool.id).owner_id is None


def test_what_the_giver_takes_from_the_pool_afterwards_stays_theirs(zhou, chen, clock):
    """It stood on the sheet as the pool's: nobody else has promised to keep it."""
    debt = promised(make_ticket(), clock)
    danger = alarmed(clock, zhou)
    sheet = signed(zhou, clock)
    with unit_of_work():
        callbacks.claim(debt, actor=db.session.get_one(User, zhou.id), at=clock())
    owned_by(danger, zhou)
    take(sheet, chen, clock)
    db.session.expire_all()
    assert db.session.get_one(Callback, debt.id).owner_id == zhou.id
    assert db.session.get_one(Ticket, danger.id).owner_id == zhou.id


def test_who_passes_a_ring_on_does_not_pass_the_ticket_with_it(zhou, chen, clock):
    ticket = work_of(zhou, clock)
    set_ticket(db.session.get_one(Ticket, ticket.id), owner_id=None)
    sheet = signed(zhou, clock)
    owned_by(ticket, zhou)
    assert take(sheet, chen, clock) == 1
    assert owners() == {zhou.id, chen.id}


def test_an_emergency_that_is_over_is_none(zhou, clock):
    over = put(make_stages(), TicketStatus.CLOSED, clock())
    set_ticket(db.session.get_one(Ticket, over.id), is_emergency=True)
    assert lines(zhou, clock, P.EMERGENCY) == []


def test_of_the_pool_only_what_is_due_before_the_next_shift_ends(zhou, clock):
    debt = promised(make_ticket(), clock, CallbackKind.TELL)
    for until, number in ((debt.due_at, 1), (debt.due_at - HOUR, 0)):
        found = sheet_lines.of(zhou, until=until, at=clock())
        assert [line.callback_id for line in found] == [debt.id] * number


def test_a_department_is_late_from_its_limit_on(zhou, clock):
    house = make_house(phone="13911110003")
    hand_off(house)
    accept(house)
    due_at = db.session.scalars(select(Handoff)).one().due_at
    clock.set(due_at - timedelta(seconds=1))
    assert lines(zhou, clock, P.DEPARTMENT) == []
    clock.set(due_at)
    assert [line.ticket_id for line in lines(zhou, clock, P.DEPARTMENT)] == [house.ticket.id]


def test_a_department_that_was_late_is_not_while_its_clock_stands_still(zhou, clock):
    house = make_house(phone="13911110003")
    hand_off(house)
    accept(house)
    clock.advance(days=30)
    assert len(lines(zhou, clock, P.DEPARTMENT)) == 1
    wait(house, clock() + timedelta(days=1))
    assert lines(zhou, clock, P.DEPARTMENT) == []


def test_who_assists_is_not_the_one_who_is_late(zhou, clock):
    ticket = put(make_stages(), TicketStatus.ACCEPTED, clock())
    clock.advance(days=60)
    assert [line.ticket_id for line in lines(zhou, clock, P.DEPARTMENT)] == [ticket.id]


def test_a_message_stands_there_until_somebody_has_played_it_or_it_is_done_with(zhou, clock):
    heard, done, open_ = (leaves_a_message(f"1391111000{n}", clock() - HOUR) for n in range(3))
    house = make_house()
    house.ticket = done.call.ticket
    hand_off(house)
    with unit_of_work():
        subject = f"recording {heard.id}"
        audit.record("play_recording", actor=zhou, at=clock(), subject=subject)
    assert [line.recording_id for line in lines(zhou, clock, P.VOICEMAIL)] == [open_.id]


def test_when_a_message_was_played_is_when_it_was_played_first(zhou, clock):
    recording = leaves_a_message("13911110001", clock() - HOUR)
    first = clock()
    for _ in range(2):
        with unit_of_work():
            subject = f"recording {recording.id}"
            audit.record("play_recording", actor=zhou, at=clock(), subject=subject)
        clock.advance(hours=1)
    assert sheet_lines.heard_at([recording.id]) == {recording.id: first}


def test_nothing_about_who_signs(zhou, clock):
    tickets = [
        alarmed(clock, make_user(Role.OPERATOR)),
        leaves_a_message("13911110005", clock() - HOUR).call.ticket,
        promised(make_ticket(phone="13911110006"), clock).ticket,
    ]
    for ticket in tickets:
        set_ticket(db.session.get_one(Ticket, ticket.id), about_user_id=zhou.id)
    assert sheet_lines.of(zhou, until=clock() + 48 * HOUR, at=clock()) == []


def test_numbers_stand_on_it_masked(zhou, clock):
    leaves_a_message("13911110001", clock() - HOUR)
    sheet = signed(zhou, clock)
    said = [line.said["telephone"] for line in sheet.lines if "telephone" in line.said]
    assert said == ["139****0001"] * 2


def test_it_is_about_the_shift_after_ones_own(zhou, clock):
    on_duty("半路来的", clock, 0.5, 3)
    on_duty("接班的", clock, 1, 9)
    assert sheet_lines.next_end(zhou, clock()) == clock() + 9 * HOUR


def test_without_a_next_shift_it_is_about_twelve_hours(zhou, clock):
    assert sheet_lines.next_end(zhou, clock()) == clock() + 13 * HOUR


def test_only_who_takes_calls_takes_over(zhou, clock):
    sheet = signed(zhou, clock)
    with pytest.raises(Forbidden):
        take(sheet, make_user(Role.REVIEWER), clock)


def test_who_signs_after_the_duty_is_waited_for_as_long(zhou, clock):
    ended_at = clock() + HOUR
    clock.advance(hours=1, minutes=10)
    signed(zhou, clock)
    assert sheets.is_waited_for(zhou, ended_at, ended_at + timedelta(minutes=39))
    assert not sheets.is_waited_for(zhou, ended_at, ended_at + timedelta(minutes=40))


def test_where_nobody_is_on_duty_who_leads_hears_of_it(zhou, clock):
    boss = make_user(Role.SUPERVISOR)
    signed(zhou, clock)
    assert db.session.scalars(select(Notification.user_id)).all() == [boss.id]


def test_a_sheet_for_which_nobody_came_is_in_nobodys_way(zhou, chen, clock):
    work_of(zhou, clock)
    signed(zhou, clock)
    clock.advance(hours=1, minutes=30)
    assert release_after_duty() == 1
    assert (sheets.waiting_for(chen), sheets.waiting_of(zhou)) == ([], None)
    with unit_of_work():
        roster.add_shift(
            db.session.get_one(User, zhou.id), clock() + timedelta(seconds=1), clock() + HOUR
        )
    assert signed(zhou, clock) in sheets.waiting_for(chen)

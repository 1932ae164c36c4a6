"""The duty roster: who is on duty, who may edit it, and what happens when a duty ends."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from hotline.accounts import roster
from hotline.accounts.jobs import release_after_duty
from hotline.callbacks import service as callbacks
from hotline.calls import seats
from hotline.errors import Invalid, TransitionRefused
from hotline.unit_of_work import unit_of_work
from models import (
    AuditEvent,
    Callback,
    CallbackKind,
    DutyShift,
    Notification,
    Role,
    SeatState,
    Ticket,
    TicketEvent,
    User,
    db,
)
from tests.makers import make_category, make_department, make_ticket, make_user

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOUR = timedelta(hours=1)


@pytest.fixture
def zhou(app, clock):
    return make_user(Role.OPERATOR, display_name="周敏")


@pytest.fixture
def chen(app, clock):
    return make_user(Role.OPERATOR, display_name="陈立")


def on_roster(user, begins, ends, *, is_leader=False):
    with unit_of_work():
        user = db.session.get(User, user.id)
        return roster.add_shift(user, begins, ends, is_leader=is_leader)


def work_of(user, clock):
    """A ticket and a promised ring, both with `user`."""
    category = make_category(lead=make_department("legal"))
    ticket = make_ticket(operator=user, category=category)
    with unit_of_work():
        ticket, user = db.session.get(Ticket, ticket.id), db.session.get(User, user.id)
        callbacks.promise(ticket, CallbackKind.TELL, at=clock.time, owner=user)
    return ticket


def owners():
    return [
        db.session.scalars(select(Ticket)).one().owner_id,
        db.session.scalars(select(Callback)).one().owner_id,
    ]


def test_the_roster_knows_who_works_and_who_leads(clock, zhou, chen):
    now = clock.time
    on_roster(zhou, now - HOUR, now + HOUR)
    on_roster(chen, now - HOUR, now + 3 * HOUR, is_leader=True)

    assert roster.on_duty(now) == [chen, zhou]
    assert roster.shift_leader(now) == chen
    assert roster.is_on_duty(zhou, now)
    assert not roster.is_on_duty(zhou, now + HOUR), "the end itself is off duty"
    assert roster.on_duty(now + HOUR) == [chen]
    assert roster.shift_leader(now + 3 * HOUR) is None


def test_a_disabled_person_is_on_no_duty(clock, zhou):
    on_roster(zhou, clock.time - HOUR, clock.time + HOUR, is_leader=True)
    with unit_of_work():
        db.session.get(User, zhou.id).is_active = False
    assert roster.on_duty(clock.time) == []
    assert roster.shift_leader(clock.time) is None
    assert not roster.is_on_duty(db.session.get(User, zhou.id), clock.time)


@pytest.mark.parametrize(
    ("begins", "ends", "field"),
    [
        (0, 2, "user"),
        (-1, 1, "user"),
        (1, 3, "user"),
        (5, 5, "ends"),
        (5, 4, "ends"),
        (5, 30, "ends"),
    ],
)
def test_what_overlaps_or_has_no_length_is_refused(clock, zhou, begins, ends, field):
    on_roster(zhou, clock.time, clock.time + 2 * HOUR)
    with pytest.raises(Invalid) as refusal:
        on_roster(zhou, clock.time + begins * HOUR, clock.time + ends * HOUR)
    assert refusal.value.field == field
    assert len(db.session.scalars(select(DutyShift)).all()) == 1


def test_duties_may_touch_and_one_leads_at_a_time(clock, zhou, chen):
    on_roster(zhou, clock.time, clock.time + 2 * HOUR, is_leader=True)
    on_roster(zhou, clock.time + 2 * HOUR, clock.time + 3 * HOUR, is_leader=True)
    with pytest.raises(Invalid) as refusal:
        on_roster(chen, clock.time + HOUR, clock.time + 4 * HOUR, is_leader=True)
    assert refusal.value.field == "is_leader"


def test_only_who_takes_calls_is_put_on_the_roster(app, clock):
    handler = make_user(Role.HANDLER, department=make_department())
    with pytest.raises(Invalid):
        on_roster(handler, clock.time, clock.time + HOUR)


def test_a_coming_duty_disappears_a_running_one_ends_now_a_past_one_stays(clock, zhou):
    now = clock.time
    past = on_roster(zhou, now - 3 * HOUR, now - 2 * HOUR)
    running = on_roster(zhou, now - HOUR, now + HOUR)
    coming = on_roster(zhou, now + 2 * HOUR, now + 3 * HOUR)
    with unit_of_work():
        roster.remove_shift(roster.get(running.id), at=now)
        roster.remove_shift(roster.get(coming.id), at=now)
    with pytest.raises(TransitionRefused), unit_of_work():
        roster.remove_shift(roster.get(past.id), at=now)

    left = db.session.scalars(select(DutyShift).order_by(DutyShift.id)).all()
    assert [(shift.id, shift.ends_at) for shift in left] == [
        (past.id, now - 2 * HOUR),
        (running.id, now),
    ]


def test_last_week_is_copied_without_what_would_overlap(clock, zhou, chen):
    last_monday = datetime(2026, 11, 9, 8, tzinfo=SHANGHAI)
    on_roster(zhou, last_monday, last_monday + 12 * HOUR, is_leader=True)
    on_roster(chen, last_monday + 12 * HOUR, last_monday + 24 * HOUR)
    on_roster(
        chen,
        datetime(2026, 11, 16, 22, tzinfo=SHANGHAI),
        datetime(2026, 11, 17, 2, tzinfo=SHANGHAI),
    )

    with unit_of_work():
        copied = roster.copy_week(datetime(2026, 11, 16).date(), zone=SHANGHAI)  # noqa: DTZ001

    assert copied == 1
    begins, ends = roster.week_of(datetime(2026, 11, 18).date(), SHANGHAI)  # noqa: DTZ001
    shifts = roster.shifts_between(begins, ends)
    assert [(shift.user_id, shift.starts_at.astimezone(SHANGHAI).hour) for shift in shifts] == [
        (zhou.id, 8),
        (chen.id, 22),
    ]
    assert shifts[0].is_leader


def test_at_the_end_of_duty_open_work_goes_to_the_pool_once(clock, zhou):
    on_roster(zhou, clock.time - HOUR, clock.time + HOUR)
    ticket = work_of(zhou, clock)

    assert release_after_duty() == 0
    clock.advance(hours=1)
    assert release_after_duty() == 1
    assert owners() == [None, None]
    last = db.session.scalars(select(TicketEvent).where(TicketEvent.kind == "release")).one()
    assert (last.ticket_id, last.actor_id) == (ticket.id, None)
    assert last.data["because"] == "end_of_duty"

    with unit_of_work():
        db.session.get(Ticket, ticket.id).owner_id = zhou.id
    assert release_after_duty() == 0
    assert owners()[0] == zhou.id, "what is taken up after duty stays"


def test_who_goes_on_working_keeps_the_work(clock, zhou):
    on_roster(zhou, clock.time - HOUR, clock.time + HOUR)
    on_roster(zhou, clock.time + HOUR, clock.time + 4 * HOUR)
    work_of(zhou, clock)
    clock.advance(hours=1)
    assert release_after_duty() == 1
    assert owners() == [zhou.id, zhou.id]


def test_who_is_still_talking_is_waited_for(clock, zhou):
    on_roster(zhou, clock.time - HOUR, clock.time + HOUR)
    work_of(zhou, clock)
    with unit_of_work():
        seat = seats.set_seat_state(db.session.get(User, zhou.id), SeatState.FREE, at=clock.time)
        seat.state = SeatState.ON_CALL
    clock.advance(hours=1, minutes=5)
    assert release_after_duty() == 0
    assert owners() == [zhou.id, zhou.id]

    with unit_of_work():
        seats.seat_of(zhou).state = SeatState.FREE
    assert release_after_duty() == 1
    assert owners() == [None, None]


def test_open_work_is_handed_on_to_a_colleague_with_one_click(clock, zhou, chen, sign_in):
    on_roster(zhou, clock.time - HOUR, clock.time + HOUR)
    ticket = work_of(zhou, clock)
    callback = db.session.scalars(select(Callback)).one()
    client = sign_in(zhou)
    page = client.get("/duty/hand-over").text
    assert ticket.number in page
    assert "陈立" in page

    everything = {"to": chen.id, "tickets": [ticket.id], "callbacks": [callback.id]}
    assert client.post("/duty/hand-over", data=everything).status_code == 303

    assert owners() == [chen.id, chen.id]
    told = db.session.scalars(select(Notification)).one()
    assert told.user_id == chen.id
    clock.advance(hours=2)
    release_after_duty()
    assert owners() == [chen.id, chen.id]


def test_who_is_on_duty_comes_first_and_who_never_came_not_at_all(clock, zhou, chen, sign_in):
    on_roster(chen, clock.time - HOUR, clock.time + HOUR)
    off = make_user(Role.OPERATOR, display_name="休息中")
    on_roster(off, clock.time + 24 * HOUR, clock.time + 30 * HOUR)
    make_user(Role.OPERATOR, display_name="没来过", must_change_password=True)
    make_user(Role.OPERATOR, display_name="已停用", is_active=False)
    ticket = work_of(zhou, clock)
    with unit_of_work():
        told = db.session.scalars(select(Callback)).one()
        user, ticket = db.session.get(User, zhou.id), db.session.get(Ticket, ticket.id)
        safety = callbacks.promise(ticket, CallbackKind.SAFETY, at=clock.time, owner=user)

    page = sign_in(zhou).get("/duty/hand-over").text
    main = re.findall(r'hy-btn-main" type="submit" name="to" value="(\w+)"', page)
    assert main == [str(chen.id)]
    folded = page[page.index("<details", page.index("移交值班同事")) :]
    assert f'value="{off.id}"' in folded
    assert "下次值班：明天09:30" in folded
    assert "没来过" not in page
    assert "已停用" not in page
    assert f'name="callbacks" value="{told.id}" checked' in page
    assert f'name="callbacks" value="{safety.id}">' in page


def test_nobody_hands_on_what_others_hold_nor_to_who_takes_no_calls(clock, zhou, chen, sign_in):
    ticket = work_of(zhou, clock)
    stolen = {"to": "pool", "tickets": [ticket.id]}
    assert sign_in(chen).post("/duty/hand-over", data=stolen).status_code == 422

    admin = make_user(Role.ADMINISTRATOR)
    to_admin = {"to": admin.id, "tickets": [ticket.id]}
    assert sign_in(zhou).post("/duty/hand-over", data=to_admin).status_code == 422
    nothing = {"to": chen.id}
    assert sign_in(zhou).post("/duty/hand-over", data=nothing).status_code == 422
    assert owners() == [zhou.id, zhou.id]


def test_a_supervisor_edits_the_roster_an_operator_reads_it(clock, zhou, sign_in):
    supervisor = make_user(Role.SUPERVISOR)
    night = {
        "user": zhou.id,
        "on": "2026-11-16",
        "begins": "20:00",
        "ends": "08:00",
        "is_leader": "y",
    }

    assert sign_in(zhou).post("/duty/shifts", data=night).status_code == 403
    browser = sign_in(supervisor)
    assert browser.post("/duty/shifts", data=night).location == "/duty?week=2026-11-16"

    shift = db.session.scalars(select(DutyShift)).one()
    assert shift.starts_at == datetime(2026, 11, 16, 20, tzinfo=SHANGHAI)
    assert shift.ends_at == datetime(2026, 11, 17, 8, tzinfo=SHANGHAI)
    page = sign_in(zhou).get("/duty").text
    assert "20:00–08:00" in page
    assert "周敏" in page

    again = browser.post("/duty/shifts", data=night)
    assert again.status_code == 422
    assert 'id="user-error"' in again.text
    assert 'value="20:00"' in again.text

    copied = browser.post("/duty/copy", data={"week": "2026-11-23"})
    assert copied.location == "/duty?week=2026-11-23"
    assert browser.post(f"/duty/shifts/{shift.id}/remove").status_code == 303
    kinds = db.session.scalars(select(AuditEvent.kind).where(AuditEvent.kind.contains("r"))).all()
    assert {"copy_roster", "remove_shift"} <= set(kinds)


@pytest.mark.parametrize(
    ("typed", "field"),
    [({"on": "2026-02-30"}, "on"), ({"begins": "25:00"}, "begins"), ({"user": "0"}, "user")],
)
def test_a_bad_line_of_the_roster_gets_a_sentence(clock, zhou, sign_in, typed, field):
    good = {"user": zhou.id, "on": "2026-11-16", "begins": "20:00", "ends": "23:00"}
    answer = sign_in(make_user(Role.SUPERVISOR)).post("/duty/shifts", data=good | typed)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert db.session.scalars(select(DutyShift)).all() == []

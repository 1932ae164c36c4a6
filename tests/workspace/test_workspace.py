"""What the workspace shows of the call at the seat: the form, the caller's card, the alarm."""

from datetime import timedelta

from sqlalchemy import func, select

from hotline import clock as clock_module
from hotline.accounts import roster
from hotline.callbacks import emergency
from hotline.callers import service as callers
from hotline.handoffs import service as handoffs
from hotline.phone_numbers import normalise
from hotline.tickets import service as tickets
from hotline.unit_of_work import unit_of_work
from hotline.workspace import queries
from models import (
    AuditEvent,
    Call,
    Callback,
    CallbackKind,
    CallerKind,
    CallState,
    Department,
    Direction,
    Notification,
    Resolution,
    Role,
    SeatState,
    Ticket,
    TicketStatus,
    Urgency,
    User,
    db,
)
from tests.makers import make_ticket, make_user
from tests.workspace.house import WORKER, call_in, make_house


def test_the_call_at_the_seat_brings_its_form_and_the_callers_history(clock, sign_in):
    house = make_house()
    earlier = make_ticket(operator=house.operator, category=house.wages, phone=WORKER)
    clock.advance(hours=2)
    ticket = call_in(house, state=SeatState.ON_CALL)

    page = sign_in(house.operator).get("/workspace").text

    assert ticket.caller_id == earlier.caller_id
    assert f'action="/workspace/{ticket.id}/save"' in page
    assert "正在通话" in page
    assert "139 1234 5678" in page
    assert earlier.number in page
    assert f"/workspace/{ticket.id}/same_matter/{earlier.id}" in page


def test_who_rang_before_in_vain_is_no_first_contact(clock, sign_in):
    house = make_house()
    ticket = call_in(house, state=SeatState.ON_CALL)
    browser = sign_in(house.operator)
    assert "首次来电" in browser.get("/workspace").text

    with unit_of_work():
        db.session.add(
            Call(
                provider="manual",
                call_ref="earlier",
                ticket_id=ticket.id,
                caller_id=ticket.caller_id,
                direction=Direction.INBOUND,
                state=CallState.ENDED,
                started_at=clock() - timedelta(minutes=5),
                heard_at=clock() - timedelta(minutes=5),
            )
        )

    page = browser.get("/workspace").text
    assert "第2次来电" in page
    assert "首次来电" not in page


def test_the_number_shows_for_the_own_call_and_the_trail_says_so_once(clock, sign_in):
    house = make_house()
    ticket = call_in(house, state=SeatState.AFTER_CALL)
    browser = sign_in(house.operator)

    assert 'value="139 1234 5678"' in browser.get("/workspace").text
    browser.get(f"/workspace/{ticket.id}")

    trail = db.session.scalars(select(AuditEvent).where(AuditEvent.kind == "reveal")).all()
    assert [(one.actor_id, one.ticket_id, one.reason) for one in trail] == [
        (house.operator.id, ticket.id, "live_call")
    ]


def test_a_colleague_sees_the_number_masked_and_leaves_it_as_it_is(clock, sign_in):
    house = make_house()
    ticket = call_in(house)
    browser = sign_in(make_user(Role.OPERATOR))

    page = browser.get(f"/workspace/{ticket.id}").text
    assert "139****5678" in page
    assert "139 1234 5678" not in page
    typed = house.typed(ticket)
    del typed["number"]
    assert browser.post(f"/workspace/{ticket.id}/save", data=typed).status_code == 303
    db.session.expire_all()
    assert ticket.callback_number == "+8613912345678"

    other = {**typed, "version": ticket.version, "other_number": "13800138000"}
    browser.post(f"/workspace/{ticket.id}/save", data=other)
    db.session.expire_all()
    assert ticket.callback_number == "+8613800138000"
    assert not db.session.scalars(select(AuditEvent).where(AuditEvent.kind == "reveal")).all()


def test_an_answered_matter_shows_the_answer_to_read(clock, sign_in):
    house = make_house()
    earlier = make_ticket(operator=house.operator, category=house.wages, phone=WORKER)
    with unit_of_work():
        at = clock_module.now()
        operator = db.session.get_one(User, house.operator.id)
        legal = db.session.get_one(Department, house.legal.id)
        handler = db.session.get_one(User, house.handler.id)
        matter = db.session.get_one(Ticket, earlier.id)
        handoffs.hand_off(matter, legal, actor=operator, at=at)
        what = handoffs.Answer(is_solved=True, report="已约谈", words="工资本周五补发到卡上")
        handoffs.answer(matter, what, actor=handler, at=at)
    call_in(house, state=SeatState.ON_CALL)

    assert "工资本周五补发到卡上" in sign_in(house.operator).get("/workspace").text


def test_the_same_matter_takes_the_call_and_counts_the_chaser(clock, sign_in):
    house = make_house()
    earlier = make_ticket(operator=house.operator, category=house.wages, phone=WORKER)
    ticket = call_in(house)

    answer = sign_in(house.operator).post(f"/workspace/{ticket.id}/same_matter/{earlier.id}")

    assert answer.location == f"/workspace/{earlier.id}"
    db.session.expire_all()
    assert (ticket.status, ticket.resolution) == (TicketStatus.CLOSED, Resolution.MERGED)
    assert (earlier.status, earlier.chased_count) == (TicketStatus.OPEN, 1)


def test_an_employer_on_the_line_learns_nothing_of_its_workers(clock, sign_in):
    house = make_house()
    factory = "02161234567"
    worker = make_ticket(operator=house.operator, category=house.wages, phone=factory)
    with unit_of_work():
        boss = callers.add(
            normalise(factory), at=clock_module.now(), kind=CallerKind.EMPLOYER, name="赵经理"
        )
        ticket = tickets.open_ticket(
            caller=boss,
            at=clock_module.now(),
            number=normalise(factory).normalised,
            actor=db.session.get_one(User, house.operator.id),
        )

    assert worker.number not in sign_in(house.operator).get(f"/workspace/{ticket.id}").text


def test_an_employer_who_gives_a_workers_number_learns_nothing_either(clock, sign_in):
    house = make_house()
    worker = make_ticket(operator=house.operator, category=house.wages, phone=WORKER)
    with unit_of_work():
        boss = callers.add(
            normalise("02161234567"), at=clock_module.now(), kind=CallerKind.EMPLOYER
        )
        ticket = tickets.open_ticket(
            caller=boss,
            at=clock_module.now(),
            number=normalise(WORKER).normalised,
            actor=db.session.get_one(User, house.operator.id),
        )

    assert worker.number not in sign_in(house.operator).get(f"/workspace/{ticket.id}").text


def test_a_number_of_two_workers_shows_both_their_matters(clock, sign_in):
    house = make_house()
    dormitory = "02161234567"
    first = make_ticket(operator=house.operator, category=house.wages, phone=dormitory)
    with unit_of_work():
        callers.add(normalise(dormitory), at=clock_module.now(), name="刘芳")
    ticket = call_in(house, number=dormitory)

    assert ticket.caller_id != first.caller_id
    assert first.number in sign_in(house.operator).get("/workspace").text


def test_an_emergency_asks_for_no_field_and_alarms_a_second_person_once(clock, sign_in):
    house = make_house()
    leader = make_user(Role.SUPERVISOR)
    ticket = call_in(house, state=SeatState.ON_CALL)
    browser = sign_in(house.operator)

    answer = browser.post(
        f"/workspace/{ticket.id}/emergency", data={"question": "他说要跳楼", "urgency": "normal"}
    )
    browser.post(f"/workspace/{ticket.id}/emergency", data={"question": "他说要跳楼"})

    assert answer.status_code == 303
    db.session.expire_all()
    assert (ticket.urgency, ticket.is_supervised) == (Urgency.CRITICAL, True)
    safety = db.session.scalars(select(Callback)).one()
    assert safety.kind is CallbackKind.SAFETY
    assert safety.due_at.astimezone().date() == clock.time.astimezone().date()
    assert [event.kind for event in ticket.events].count("mark") == 1
    alarms = db.session.scalars(select(Notification).where(Notification.is_urgent)).all()
    assert [alarm.user_id for alarm in alarms] == [leader.id]
    alarm = sign_in(leader).get("/chrome/call").text
    assert "正在接听紧急求助" in alarm
    assert f"/emergencies/{ticket.id}/take" in alarm
    page = browser.get(f"/workspace/{ticket.id}").text
    assert "他说要跳楼" in page
    assert '<option value="critical" selected>' in page, "the next save would calm it down"
    for number in ("110", "119", "120", "12356"):
        assert f">{number}<" in page


def test_an_emergency_calls_the_supervisors_too_while_the_shift_leader_is_not_signed_in(
    clock, sign_in
):
    house = make_house()
    leader, supervisor = make_user(Role.OPERATOR), make_user(Role.SUPERVISOR)
    with unit_of_work():
        starts_at = clock() - timedelta(hours=1)
        roster.add_shift(leader, starts_at, starts_at + timedelta(hours=8), is_leader=True)

    def alarmed(number):
        ticket = make_ticket(operator=house.operator, phone=number)
        with unit_of_work():
            emergency.raise_alarm(ticket, actor=house.operator, at=clock())
        told = select(Notification.user_id).where(Notification.ticket_id == ticket.id)
        return set(db.session.scalars(told.where(Notification.is_urgent)))

    assert alarmed("13912345671") == {leader.id, supervisor.id}
    sign_in(leader)
    assert alarmed("13912345672") == {leader.id}


def test_my_work_lists_what_is_mine_and_what_is_nobodys(clock, sign_in):
    house = make_house()
    mine = make_ticket(operator=house.operator, category=house.wages, question="我的工单内容")
    pooled = make_ticket(phone="13912345679")
    other = make_ticket(operator=make_user(Role.OPERATOR), category=house.wages, question="别人的")

    page = sign_in(house.operator).get("/workspace/work").text

    assert mine.subject in page
    assert pooled.number in page
    assert other.subject not in page


def test_the_counts_of_my_work_are_of_all_and_not_of_those_shown(clock, sign_in):
    house = make_house()
    for i in range(8):
        make_ticket(operator=house.operator, category=house.wages, phone=f"1391234567{i}")

    work = queries.work_of(house.operator, at=clock())

    assert (len(work.mine), work.count_of_mine) == (6, 8)
    assert '<span class="hy-count">8</span>' in sign_in(house.operator).get("/workspace/work").text


def test_the_workspace_asks_the_database_a_bounded_number_of_times(clock, sign_in, count_queries):
    house = make_house()
    for i in range(8):
        make_ticket(operator=house.operator, category=house.wages, phone=f"1391234567{i}")
    call_in(house, state=SeatState.ON_CALL)
    browser = sign_in(house.operator)
    browser.get("/workspace")
    count_queries.clear()

    browser.get("/workspace")
    with_few = len(count_queries)
    for i in range(8):
        make_ticket(operator=house.operator, category=house.wages, phone=f"1381234567{i}")
    count_queries.clear()
    browser.get("/workspace")

    assert len(count_queries) == with_few, "the page asks once a row"
    assert db.session.scalar(select(func.count(Ticket.id))) == 17

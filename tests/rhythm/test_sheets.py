"""The hand-over sheet: signed by one, taken over by one other, and never lost between them."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from hotline.accounts import roster
from hotline.accounts.jobs import release_after_duty
from hotline.audit import service as audit
from hotline.callbacks import emergency
from hotline.callbacks import service as callbacks
from hotline.errors import Forbidden, TransitionRefused
from hotline.rhythm import sheets
from hotline.tickets import service as tickets
from hotline.unit_of_work import unit_of_work
from models import (
    AuditEvent,
    Callback,
    CallbackEnd,
    CallbackKind,
    Notification,
    Role,
    SheetPart,
    ShiftSheet,
    Ticket,
    TicketEvent,
    User,
    db,
)
from tests.handoffs.house import hand_off, make_house
from tests.makers import make_category, make_ticket, make_user
from tests.rhythm.house import leaves_a_message

HOUR = timedelta(hours=1)


@pytest.fixture
def zhou(app, clock):
    """On duty since an hour, for another one; holds a ticket and owes a ring."""
    return on_duty("周敏", clock, -1, 1)


@pytest.fixture
def chen(app, clock):
    """On duty now and for the night."""
    return on_duty("陈立", clock, 0, 12)


def on_duty(name, clock, begins, ends):
    user = make_user(Role.OPERATOR, display_name=name)
    with unit_of_work():
        roster.add_shift(user, clock.time + begins * HOUR, clock.time + ends * HOUR)
    return user


def work_of(user, clock, phone="13912345678"):
    ticket = make_ticket(operator=user, category=make_category(phone), phone=phone)
    with unit_of_work():
        here = db.session.get_one(Ticket, ticket.id)
        owner = db.session.get_one(User, user.id)
        callbacks.promise(here, CallbackKind.TELL, at=clock.time, owner=owner)
    return ticket


def signed(user, clock, note="夜里留意"):
    with unit_of_work():
        return sheets.sign(db.session.get_one(User, user.id), note, at=clock.time)


def take(sheet, user, clock):
    with unit_of_work():
        actor = db.session.get_one(User, user.id)
        return sheets.take(sheets.get(sheet.id), actor=actor, at=clock.time)


def owners():
    db.session.expire_all()
    found = [*db.session.scalars(select(Ticket)), *db.session.scalars(select(Callback))]
    return {one.owner_id for one in found}


def kinds():
    return [one.kind for one in db.session.scalars(select(AuditEvent)) if "sheet" in one.kind]


def test_a_shift_is_handed_over_with_one_key_and_taken_over_with_one(zhou, chen, clock, sign_in):
    ticket = work_of(zhou, clock)
    giver, taker = sign_in(zhou), sign_in(chen)
    assert ticket.number in giver.get("/duty/sheets/new").text

    answer = giver.post("/duty/sheets", data={"note": "三号工地的人可能再来电"})
    assert owners() == {zhou.id}, "signed: still the giver's"
    assert "三号工地的人可能再来电" in taker.get("/duty/sheets").text
    assert "周敏" in taker.get("/today").text, "it waits on the workspace of who comes"

    clock.advance(minutes=4)
    assert taker.post(f"{answer.location}/take").status_code == 303
    assert owners() == {chen.id}
    sheet = db.session.scalars(select(ShiftSheet)).one()
    assert (sheet.taken_by_id, sheet.taken_at) == (chen.id, clock.time)
    assert kinds() == ["sign_sheet", "take_sheet"]
    last = db.session.scalars(select(TicketEvent).where(TicketEvent.kind == "assign")).one()
    assert last.actor_id == chen.id
    told = db.session.scalars(select(Notification.user_id)).all()
    assert set(told) == {zhou.id, chen.id}


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (4, "Taken over with the hand-over sheet, before that duty was over."),
        (60, "Taken over with the hand-over sheet."),
        (75, "Taken over with the hand-over sheet."),
    ],
)
def test_the_ticket_says_whether_the_duty_was_over_already(
    zhou, chen, clock, sign_in, minutes, words
):
    """The duty has an hour to go when it is signed."""
    ticket = work_of(zhou, clock)
    sheet = signed(zhou, clock)
    clock.advance(minutes=minutes)
    with unit_of_work():
        db.session.get_one(User, chen.id).locale = "en"
    take(sheet, chen, clock)
    story = sign_in(chen).get(f"/tickets/{ticket.id}").text
    assert f">{words}<" in story
    assert "duty was over, and" not in story


def test_nobody_came_and_the_ticket_says_so(zhou, chen, clock, sign_in):
    ticket = work_of(zhou, clock)
    signed(zhou, clock)
    clock.advance(minutes=91)
    release_after_duty()
    assert "值班结束，无人接班。" in sign_in(chen).get(f"/tickets/{ticket.id}").text


def test_handed_on_early_by_oneself_is_no_end_of_duty(zhou, chen, clock, sign_in):
    ticket = work_of(zhou, clock)
    sign_in(zhou).post("/duty/hand-over", data={"to": chen.id, "tickets": [ticket.id]})
    story = sign_in(chen).get(f"/tickets/{ticket.id}").text
    assert "由原经手人移交。" in story
    assert "值班结束" not in story


def test_the_sheet_says_what_is_owed_until_the_next_shift_ends(clock, zhou, chen):
    own = work_of(zhou, clock)
    leaves_a_message("13911110001", clock.time - HOUR)
    danger = make_ticket(phone="13911110002")
    late = make_house(phone="13911110003")
    hand_off(late)
    clock.advance(days=20)
    with unit_of_work():
        for user, begins, ends in ((zhou, -1, 1), (chen, 1, 9)):
            start, end = clock.time + begins * HOUR, clock.time + ends * HOUR
            roster.add_shift(db.session.get_one(User, user.id), start, end)
        emergency.raise_alarm(
            db.session.get_one(Ticket, danger.id),
            actor=db.session.get_one(User, zhou.id),
            at=clock.time,
        )
    sheet = signed(zhou, clock)

    assert sheet.until_at == clock.time + 9 * HOUR
    parts = [(line.part, line.is_passed_on) for line in sheet.lines]
    assert parts == [
        (SheetPart.EMERGENCY, False),
        (SheetPart.CALLBACK, True),
        (SheetPart.CALLBACK, True),  # the safety callback
        (SheetPart.CALLBACK, False),  # who left the message waits in the pool
        (SheetPart.TICKET, True),
        (SheetPart.VOICEMAIL, False),
        (SheetPart.DEPARTMENT, False),
    ]
    assert sheet.lines[0].ticket_id == danger.id
    assert sheet.lines[4].ticket_id == own.id


def test_what_the_sheet_said_stays_and_beside_it_what_became_of_it(zhou, chen, clock, sign_in):
    ticket = work_of(zhou, clock)
    recording = leaves_a_message("13911110001", clock.time - HOUR)
    sheet = signed(zhou, clock)
    take(sheet, chen, clock)
    with unit_of_work():
        callback = db.session.scalars(select(Callback).where(Callback.ticket_id == ticket.id)).one()
        callbacks.settle(callback.ticket, at=clock.time, end=CallbackEnd.KEPT)
        callback.ticket.subject = "后来改了标题"
        audit.record(
            "play_recording", actor=chen, at=clock.time, subject=f"recording {recording.id}"
        )
    clock.advance(days=3)
    page = sign_in(chen).get(f"/duty/sheets/{sheet.id}").text

    assert "工地三个月没发工资" in page
    assert "后来改了标题" not in page
    assert "已兑现" in page or "已完成" in page
    assert "已听" in page
    assert "夜里留意" in page
    assert "data-print" in page


def test_two_take_it_over_at_once_and_one_has_it(both, zhou, chen, clock):
    third = on_duty("何苗", clock, 0, 8)
    work_of(zhou, clock)
    sheet = signed(zhou, clock).id

    def takes(user_id):
        def act():
            actor = db.session.get_one(User, user_id)
            sheets.take(sheets.get(sheet), actor=actor, at=clock.time)

        return act

    refusal = both(takes(chen.id), takes(third.id))
    assert isinstance(refusal, TransitionRefused)
    assert "陈立" in str(refusal)
    assert owners() == {chen.id}


def test_who_comes_second_hears_who_was_first(zhou, chen, clock):
    third = on_duty("何苗", clock, 0, 8)
    work_of(zhou, clock)
    sheet = signed(zhou, clock)
    take(sheet, chen, clock)
    with pytest.raises(TransitionRefused, match="陈立"):
        take(sheet, third, clock)
    assert owners() == {chen.id}


def test_nobody_takes_their_own_sheet(zhou, clock):
    sheet = signed(zhou, clock)
    with pytest.raises(Forbidden):
        take(sheet, zhou, clock)


def test_what_a_colleague_did_meanwhile_is_theirs(zhou, chen, clock):
    third = on_duty("何苗", clock, 0, 8)
    kept, given = work_of(zhou, clock), work_of(zhou, clock, "13922220000")
    sheet = signed(zhou, clock)
    with unit_of_work():
        for callback in db.session.scalars(select(Callback).where(Callback.ticket_id == given.id)):
            callback.owner_id = third.id
        db.session.get_one(Ticket, given.id).owner_id = third.id
    assert take(sheet, chen, clock) == 2
    db.session.expire_all()
    assert db.session.get_one(Ticket, kept.id).owner_id == chen.id
    assert db.session.get_one(Ticket, given.id).owner_id == third.id


def test_a_ticket_about_the_taker_is_not_passed_to_them(zhou, chen, clock):
    ticket = work_of(zhou, clock)
    sheet = signed(zhou, clock)
    with unit_of_work():
        db.session.get_one(Ticket, ticket.id).about_user_id = chen.id
    assert take(sheet, chen, clock) == 0
    assert owners() == {zhou.id}


def test_a_signed_sheet_waits_a_while_after_the_duty_for_who_comes_late(zhou, chen, clock):
    work_of(zhou, clock)
    sheet = signed(zhou, clock)
    clock.advance(hours=1, minutes=10)
    assert release_after_duty() == 0
    assert take(sheet, chen, clock) == 2
    assert release_after_duty() == 1
    assert owners() == {chen.id}


def test_without_a_taker_it_goes_to_the_pool_and_who_leads_hears_of_it(zhou, clock):
    boss = make_user(Role.SUPERVISOR)
    work_of(zhou, clock)
    sheet = signed(zhou, clock)
    clock.advance(hours=1, minutes=30)
    assert release_after_duty() == 1
    assert owners() == {None}
    (told,) = db.session.scalars(
        select(Notification).where(Notification.dedupe_key.startswith("nobody_took_over"))
    )
    assert (told.user_id, told.params["count"]) == (boss.id, 2)
    with pytest.raises(TransitionRefused):
        take(sheet, boss, clock)


def test_a_duty_that_nobody_signed_for_goes_to_the_pool_at_once_and_is_told(zhou, clock):
    make_user(Role.SUPERVISOR)
    work_of(zhou, clock)
    clock.advance(hours=1)
    assert release_after_duty() == 1
    assert owners() == {None}
    keys = db.session.scalars(select(Notification.dedupe_key)).all()
    assert any(key.startswith("nobody_took_over") for key in keys)


def test_who_leaves_nothing_troubles_nobody(zhou, clock):
    make_user(Role.SUPERVISOR)
    clock.advance(hours=1)
    assert release_after_duty() == 1
    assert db.session.scalars(select(Notification)).all() == []


def test_a_sheet_is_taken_back_and_signed_anew(zhou, chen, clock, sign_in):
    work_of(zhou, clock)
    giver = sign_in(zhou)
    first = giver.post("/duty/sheets", data={"note": ""}).location
    assert giver.post("/duty/sheets", data={"note": ""}).status_code == 409
    assert sign_in(chen).post(f"{first}/withdraw").status_code == 409
    assert giver.post(f"{first}/withdraw").status_code == 303
    assert sign_in(chen).post(f"{first}/take").status_code == 409
    second = giver.post("/duty/sheets", data={"note": ""}).location
    assert second != first
    assert "已收回" in giver.get(first).text


def test_somebody_elses_line_about_oneself_is_not_read(zhou, chen, clock, sign_in):
    ticket = work_of(zhou, clock)
    sheet = signed(zhou, clock)
    with unit_of_work():
        db.session.get_one(Ticket, ticket.id).about_user_id = chen.id
    page = sign_in(chen).get(f"/duty/sheets/{sheet.id}").text
    assert ticket.number not in page


def test_a_note_that_is_too_long_comes_back(zhou, clock, sign_in):
    answer = sign_in(zhou).post("/duty/sheets", data={"note": "长" * 1001})
    assert answer.status_code == 422
    assert "长" * 1001 in answer.text


def test_earlier_sheets_are_read_page_by_page(zhou, chen, clock, sign_in):
    for _ in range(sheets.PAGE + 1):
        take(signed(zhou, clock), chen, clock)
        clock.advance(minutes=1)
    client = sign_in(chen)
    page = client.get("/duty/sheets").text
    assert page.count('<td data-label="移交"') + page.count("<tr><td") >= sheets.PAGE
    following = re.search(r'href="(/duty/sheets\?before=\d+)"', page)[1]
    assert client.get(following).text.count("<tr><td") == 1


def test_a_sheet_asks_little_however_long_it_is(zhou, clock, sign_in, count_queries):
    for n in range(12):
        work_of(zhou, clock, f"1391111{n:04d}")
    with unit_of_work():
        tickets.note(
            db.session.scalars(select(Ticket)).first(),
            "备注",
            actor=db.session.get_one(User, zhou.id),
            at=clock.time,
        )
    client = sign_in(zhou)
    place = client.post("/duty/sheets", data={"note": ""}).location
    client.get(place)
    count_queries.clear()
    client.get(place)
    assert len(count_queries) <= 12, count_queries


def test_the_bell_leads_to_the_sheet(zhou, chen, clock, sign_in):
    sheet = signed(zhou, clock)
    notice = db.session.scalars(select(Notification)).one()
    assert notice.user_id == chen.id
    opened = sign_in(chen).post(f"/notifications/{notice.id}/open")
    assert opened.location == f"/duty/sheets/{sheet.id}"

"""Danger on the line: who was called, who has taken it, and what the helper gets to read."""

from datetime import timedelta

from sqlalchemy import select

from hotline.accounts import roster
from hotline.unit_of_work import unit_of_work
from models import AuditEvent, Call, CallState, LiveUpdate, Notification, Role, SeatState, db
from tests.makers import make_user
from tests.workspace.house import WORKER, call_in, make_house

NOBODY_YET = "还没有人处理"
RING_YOURSELF = "请您自己用另一部电话拨打110或120"


def in_danger(sign_in, **typed):
    """An operator with a caller in danger on the line, and two supervisors who were called."""
    house = make_house()
    first = make_user(Role.SUPERVISOR, display_name="李主管")
    second = make_user(Role.SUPERVISOR, display_name="赵主管")
    ticket = call_in(house, state=SeatState.ON_CALL)
    operator = sign_in(house.operator)
    operator.post(f"/workspace/{ticket.id}/emergency", data=typed)
    return house, ticket, operator, sign_in(first), sign_in(second)


def hang_up(ticket, clock):
    with unit_of_work():
        call = db.session.scalars(select(Call).where(Call.ticket_id == ticket.id)).one()
        call.state, call.ended_at = CallState.ENDED, clock()


def test_the_card_claims_no_help_before_somebody_has_taken_it(clock, sign_in):
    house, ticket, operator, first, second = in_danger(sign_in)
    card = operator.get(f"/workspace/{ticket.id}").text

    assert "李主管" in card
    assert "赵主管" in card
    assert NOBODY_YET in card
    assert RING_YOURSELF in card
    clock.advance(minutes=2)
    assert first.post(f"/emergencies/{ticket.id}/take").location == f"/tickets/{ticket.id}"

    told = operator.get(f"/emergencies/{ticket.id}").text
    assert "李主管" in told
    assert "已接手处理" in told
    assert NOBODY_YET not in told
    live = select(LiveUpdate.audience).where(LiveUpdate.kind == "emergency")
    assert "hotline" in db.session.scalars(live).all()
    assert "已接手处理紧急求助" in operator.get(f"/tickets/{ticket.id}").text


def test_once_taken_the_alarm_of_the_others_is_calm_and_ends_with_the_call(clock, sign_in):
    house, ticket, operator, first, second = in_danger(sign_in)
    assert "hy-alarm" in second.get("/chrome/call").text
    first.post(f"/emergencies/{ticket.id}/take")

    bar = second.get("/chrome/call").text
    assert ("hy-alarm" in bar, "<audio" in bar) == (False, False)
    assert "李主管" in bar
    unread = select(Notification).where(Notification.is_urgent, Notification.read_at.is_(None))
    assert db.session.scalars(unread).all() == []
    refused = second.post(f"/emergencies/{ticket.id}/take")
    assert (refused.status_code, "李主管" in refused.text) == (409, True)
    hang_up(ticket, clock)
    assert "hy-call-bar" not in second.get("/chrome/call").text


def test_an_alarm_that_nobody_took_does_not_say_that_somebody_talks_when_the_call_is_over(
    clock, sign_in
):
    house, ticket, operator, first, second = in_danger(sign_in)
    assert "正在接听紧急求助" in first.get("/chrome/call").text
    hang_up(ticket, clock)

    bar = first.get("/chrome/call").text
    assert ("正在接听" in bar, NOBODY_YET in bar) == (False, True)
    clock.advance(minutes=11)
    assert "hy-call-bar" not in first.get("/chrome/call").text


def test_the_helper_reads_what_is_being_typed_and_then_the_number(clock, sign_in):
    house, ticket, operator, first, second = in_danger(sign_in, question="他说要跳楼")
    assert "他说要跳楼" in first.get("/chrome/call").text
    operator.post(f"/drafts/ticket:{ticket.id}", json={"question": "他说要跳楼，三号楼顶"})

    part = first.get(f"/emergencies/{ticket.id}").text
    assert "三号楼顶" in part
    assert "139 1234 5678" not in part
    live = select(LiveUpdate).where(LiveUpdate.kind == "emergency")
    assert len(db.session.scalars(live).all()) == 1
    first.post(f"/emergencies/{ticket.id}/take")
    part = first.get(f"/emergencies/{ticket.id}").text
    assert WORKER in part.replace(" ", "")
    assert WORKER not in second.get(f"/emergencies/{ticket.id}").text.replace(" ", "")
    looked = select(AuditEvent).where(AuditEvent.kind == "reveal")
    assert "emergency" in [line.reason for line in db.session.scalars(looked)]


def test_who_has_the_caller_does_not_take_it_and_is_told_when_nobody_can_be_alarmed(clock, sign_in):
    house = make_house()
    with unit_of_work():
        starts_at = clock() - timedelta(hours=1)
        roster.add_shift(house.operator, starts_at, starts_at + timedelta(hours=8), is_leader=True)
    ticket = call_in(house, state=SeatState.ON_CALL)
    operator = sign_in(house.operator)
    operator.post(f"/workspace/{ticket.id}/emergency", data={})

    card = operator.get(f"/workspace/{ticket.id}").text
    assert "没有可以通知的人" in card
    assert RING_YOURSELF in card
    assert operator.post(f"/emergencies/{ticket.id}/take").status_code == 409


def test_one_key_on_an_empty_log_asks_before_it_alarms_the_house(clock, sign_in):
    page = sign_in(make_house().operator).get("/log").text

    assert '<summary class="btn hy-btn-warn" data-key="F10">' in page
    assert "确定是紧急求助吗" in page


def test_a_helper_who_opens_the_form_finds_no_form_in_it(clock, sign_in):
    """It would end the outer one: what stands behind it would be sent with nothing."""
    house, ticket, operator, first, second = in_danger(sign_in)

    inside = first.get(f"/workspace/{ticket.id}").text.split('id="contact-form"')[1]
    assert "<form" not in inside.split("</form>")[0]
    assert "<form" in first.get(f"/emergencies/{ticket.id}").text


def test_nobody_else_puts_words_into_the_card(clock, sign_in):
    house, ticket, operator, first, second = in_danger(sign_in)
    operator.post(f"/drafts/ticket:{ticket.id}", json={"question": "他说要跳楼，三号楼顶"})
    clock.advance(seconds=5)
    heard = db.session.scalars(select(LiveUpdate.id)).all()
    stranger = sign_in(make_user(Role.HANDLER))
    stranger.post(f"/drafts/ticket:{ticket.id}", json={"question": "在一百公里外的水库"})
    assert db.session.scalars(select(LiveUpdate.id)).all() == heard
    card = first.get(f"/emergencies/{ticket.id}").text
    assert ("三号楼顶" in card, "水库" in card) == (True, False)

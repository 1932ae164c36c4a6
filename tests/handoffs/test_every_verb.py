"""Every verb × status × person, with and without a reason: no refusal changes anything."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from hotline import clock as clock_module
from hotline.errors import Forbidden, HotlineError, Invalid, TransitionRefused
from hotline.feedback import service as feedback
from hotline.handoffs import queries
from hotline.handoffs import service as handoffs
from hotline.tickets import lifecycle
from hotline.tickets.lifecycle import RULES, Action
from hotline.tickets.pages import VERBS
from hotline.unit_of_work import unit_of_work
from models import (
    Call,
    Resolution,
    ReturnReason,
    Role,
    Ticket,
    TicketEvent,
    TicketStatus,
    db,
)
from tests.handoffs.house import accept, answer, hand_off, make_house, set_ticket
from tests.makers import make_conversation, make_department, make_ticket, make_user

A, S = Action, TicketStatus


class Undone(Exception):
    """Ends a unit of work so that nothing of it stays."""


@pytest.fixture
def people(app, clock):
    """A ticket that has all any verb could need, and everybody who might press a button."""
    house = make_house()
    other = make_ticket(operator=house.operator, phone="13800001111")
    with unit_of_work():
        same = Ticket(
            number="20261116-9999",
            query_code="0000",
            status=S.OPEN,
            caller_id=house.ticket.caller_id,
            opened_at=clock.time,
        )
        db.session.add(same)
        house.ticket.outer_number = "12345-77"
    call = make_conversation(house.ticket, house.operator)
    stranger = make_user(Role.HANDLER, department=make_department("strangers"))
    return {
        "house": house,
        "other": other.number,
        "same": same.number,
        "proof": f"call:{call.id}",
        "who": {
            "operator": house.operator,
            "supervisor": house.supervisor,
            "handler": house.handler,
            "head": house.head,
            "assistant": house.women_handler,
            "reviewer": make_user(Role.REVIEWER),
            "stranger": stranger,
            "administrator": make_user(Role.ADMINISTRATOR),
            "auditor": make_user(Role.AUDITOR),
        },
    }


def bring_to(house, status):
    now = clock_module.now()
    if status is S.OPEN:
        return
    hand_off(house)
    if status is not S.QUEUED:
        accept(house)
    with unit_of_work():
        handoffs.ask_assist(house.ticket, house.women, actor=house.operator, at=now, note="核实")
    if status in (S.QUEUED, S.ACCEPTED):
        with unit_of_work():
            handoffs.ask_return(
                house.ticket,
                actor=house.handler,
                at=now,
                reason=ReturnReason.NOT_OUR_DUTY,
                basis="三定方案",
            )
            handoffs.ask_extension(
                house.ticket,
                actor=house.handler,
                at=now,
                until=queries.lead_of(house.ticket).handle_due_at + timedelta(days=1),
                reason="工资条还没到",
            )
    if status in (S.ANSWERED, S.CLOSED):
        answer(house)
    if status is S.SUSPENDED:
        with unit_of_work():
            handoffs.suspend(
                house.ticket,
                actor=house.supervisor,
                at=now,
                reason="清算",
                measures="登记",
                review_on=(now + timedelta(days=9)).date(),
            )
    if status is S.CLOSED:
        with unit_of_work():
            call = db.session.scalar(select(Call).where(Call.ticket_id == house.ticket.id))
            feedback.close_in_call(
                house.ticket,
                call,
                actor=house.operator,
                at=now,
                told="已告知",
                resolution=Resolution.SOLVED,
            )
    assert house.ticket.status is status


def typed_for(people, reason="有原因"):
    house = people["house"]
    return {
        "text": "写点什么",
        "user": str(house.handler.id),
        "urgency": "urgent",
        "reason": reason,
        "other": people["other"],
        "whom": "省总专管员",
        "department": str(house.women.id),
        "level": "ordinary",
        "note": reason,
        "why": "not_our_duty",
        "basis": reason,
        "what": reason,
        "until": "2026-11-18",
        "is_solved": "yes",
        "words": reason,
        "report": "已办",
        "measures": "登记",
        "review_on": "2026-12-20",
        "how": "in_call",
        "proof": people["proof"],
        "told": "已告知",
        "resolution": "solved" if house.ticket.status is S.ANSWERED else "explained",
        "into": people["same"],
    }


def attempt(ticket, action, typed, actor):
    """Press the button and undo it: the refusal, or None when it went well."""
    before = db.session.scalar(select(func.count(TicketEvent.id)))
    status = ticket.status
    if action is A.GRANT_EXTENSION:  # the day that was asked for
        typed = {**typed, "until": ""}
    try:
        with unit_of_work():
            VERBS[action].do(ticket, typed, actor, clock_module.now())
            db.session.flush()
            raise Undone
    except Undone:
        return None
    except HotlineError as refusal:
        assert db.session.scalar(select(func.count(TicketEvent.id))) == before
        assert ticket.status is status
        return refusal


# Allowed by the table, refused by what else stands on this ticket: nobody supervises it, nobody at
# a department hears a chaser of what the hotline has, nobody waits, a return is
# asked for already and so is more time, no new date is to be told, it belongs to somebody, the
# assistant's department is asked already, there is a number to ring, and it counts in the score.
ASKED = {A.ASK_RETURN, A.ASK_EXTENSION, A.ASK_LEVEL, A.ASK_ASSIST, A.TELL_DATE}
ELSEWHERE = {
    S.OPEN: {A.CLAIM, A.ASSIGN, A.KEEP, A.CHASE, A.LIFT},
    S.QUEUED: ASKED | {A.LIFT},
    S.ACCEPTED: ASKED | {A.END_WAIT, A.LIFT},
    S.ANSWERED: {A.ASSIGN, A.KEEP, A.CHASE, A.LIFT},
    S.SUSPENDED: {A.ASSIGN, A.CHASE, A.LIFT},
    S.CLOSED: {A.INCLUDE},
}


@pytest.mark.parametrize("status", TicketStatus)
def test_every_verb_for_everybody(people, status):
    house = people["house"]
    bring_to(house, status)
    typed = typed_for(people)
    for name, user in people["who"].items():
        for action in VERBS:
            refusal = attempt(house.ticket, action, typed, user)
            if not lifecycle.may(action, house.ticket, user):
                assert isinstance(refusal, (Forbidden, TransitionRefused, Invalid)), (name, action)
            elif action not in ELSEWHERE[status]:
                assert refusal is None, (name, action, refusal)


@pytest.mark.parametrize("status", [S.OPEN, S.QUEUED, S.ACCEPTED, S.ANSWERED, S.CLOSED])
def test_without_a_reason_nothing_that_needs_one_is_done(people, status):
    house = people["house"]
    bring_to(house, status)
    typed = typed_for(people, reason="  ")
    for user in people["who"].values():
        for action, rule in RULES.items():
            if action in VERBS and rule.needs_reason and lifecycle.may(action, house.ticket, user):
                refusal = attempt(house.ticket, action, typed, user)
                assert isinstance(refusal, (Invalid, TransitionRefused)), action
                if action not in ELSEWHERE[status]:
                    assert refusal.field, action


def test_a_marked_person_presses_nothing_on_a_ticket_about_themselves(people):
    house = people["house"]
    bring_to(house, S.QUEUED)
    set_ticket(house.ticket, about_user_id=house.handler.id)
    typed = typed_for(people)
    for action in VERBS:
        assert attempt(house.ticket, action, typed, house.handler) is not None, action

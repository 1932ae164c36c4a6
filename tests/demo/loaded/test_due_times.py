"""Every due time of the demo is what the rules reckon from what happened, as its page explains."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from hotline.callbacks import attempts, reckoning, windows
from hotline.callbacks.promises import DUE
from hotline.handoffs import grounds
from hotline.handoffs.grounds import Clock
from hotline.sla import deadlines, limits
from hotline.sla.reckoning import StepKind
from models import (
    Callback,
    CallbackAttempt,
    Caller,
    Extension,
    Ground,
    Handoff,
    HandoffRole,
    Level,
    Outcome,
    Ticket,
    TicketEvent,
    db,
)


def all_handoffs():
    found = select(Handoff).options(joinedload(Handoff.ticket), joinedload(Handoff.department))
    return list(db.session.scalars(found))


def all_callbacks():
    found = select(Callback).options(
        joinedload(Callback.ticket).joinedload(Ticket.caller).selectinload(Caller.numbers),
        selectinload(Callback.attempts),
    )
    return list(db.session.scalars(found))


def limits_of(handoff):
    """By when to accept and to answer, reckoned anew."""
    at, department, ticket = handoff.handed_off_at, handoff.department, handoff.ticket
    if handoff.round > 1:
        due = deadlines.rework_due(at, department)
        return due, due
    due = deadlines.handle_due(at, department, ticket.level, ticket.urgency)
    for step in handoff.moves:  # a later day that was granted; a level is in the ticket
        due = max(due, datetime.fromisoformat(step["to"]))
    if handoff.role is HandoffRole.ASSIST:
        return due, due  # there is nothing to accept
    return min(deadlines.accept_due(at, department), due), due


def test_what_the_story_says_comes_next_comes_later(app):
    told = select(TicketEvent).where(TicketEvent.kind == "attempt")
    next_ones = [
        (event.ticket_id, event.at, datetime.fromisoformat(event.data["next_at"]))
        for event in db.session.scalars(told)
        if event.data["next_at"]
    ]
    assert len(next_ones) > 20
    assert [one for one in next_ones if one[2] <= one[1]] == []


def test_departments_have_the_limits_that_the_calendar_gives_them(app):
    handoffs = all_handoffs()
    assert len(handoffs) > 500
    for handoff in handoffs:
        number, (accept_due, handle_due) = handoff.ticket.number, limits_of(handoff)
        assert (handoff.accept_due_at, handoff.handle_due_at) == (accept_due, handle_due), number
        stands_still_until = handoff.ticket.waiting_until_at
        if handoff.paused_at is not None and stands_still_until is not None:  # explained by a wait
            due_at = deadlines.moved_by_pause(
                handle_due, handoff.paused_at, stands_still_until, handoff.department
            )
        else:
            due_at = handle_due if handoff.accepted_at else min(accept_due, handle_due)
        assert handoff.due_at == due_at, number
        if handoff.return_asked_at is not None:
            decide_due = deadlines.decide_return_due(handoff.return_asked_at)
            assert handoff.return_due_at == decide_due, number


def limit_of(handoff):
    """How long the policy gives a department to answer: working days, or a time by the clock."""
    if handoff.round > 1:
        return limits.of("rework_days")
    return limits.to_handle(handoff.ticket.level, handoff.ticket.urgency)


def test_the_page_of_the_reckoning_adds_up_to_the_limit(app):
    for handoff in all_handoffs():
        told = grounds.of(handoff, Clock.HANDLE)
        assert told.reckoning is not None, handoff.ticket.number
        granted = [step for step in told.steps if step.level is not None]
        if not granted:  # else it began with another level than it has
            assert told.limit == limit_of(handoff), handoff.ticket.number
        ends_at = told.steps[-1].to if told.steps else told.first_due_at
        assert ends_at == handoff.handle_due_at, handoff.ticket.number


def test_two_wait_for_more_time_one_got_it_one_did_not_and_one_has_a_higher_level(app):
    asked = db.session.scalars(select(Extension)).all()
    assert sorted((one.level or "", one.is_granted) for one in asked if one.decided_at) == [
        ("", False),
        ("", True),
        (Level.COMPLEX, True),
    ]
    waiting = [one.handoff.role for one in asked if one.decided_at is None]
    assert sorted(waiting) == [HandoffRole.ASSIST, HandoffRole.LEAD]
    untold = db.session.scalars(select(Callback).where(Callback.new_date.is_not(None))).all()
    assert sorted(one.ended_at is None for one in untold) == [False, True]


def due_by_the_policy(callback):
    """When the promise was due last: by its limit, else by what the last attempt led to."""
    due_at = DUE[callback.kind](callback.promised_at)
    for count, attempt in enumerate(callback.attempts, 1):
        so_far = copy_of(callback, callback.attempts[:count])
        if attempt.outcome is Outcome.LATER:
            due_at = windows.next_span(callback.window, attempt.at).end
        elif attempt.outcome in attempts.SPOKE_WITH_NOBODY and not attempts.is_exhausted(so_far):
            due_at = attempts.next_slot(so_far, attempt.at).end
    return due_at


def copy_of(callback, tried):
    names = ("kind", "number", "window", "max_attempts", "min_days", "needs_off_hours")
    return Callback(
        **{name: getattr(callback, name) for name in names},
        ticket=Ticket(caller=Caller()),
        attempts=[CallbackAttempt(at=a.at, number=a.number, outcome=a.outcome) for a in tried],
    )


def test_callbacks_are_due_when_the_rules_say(app):
    callbacks = all_callbacks()
    assert len(callbacks) > 500
    for callback in callbacks:
        assert callback.due_at == due_by_the_policy(callback), callback.ticket.number


def test_the_page_of_a_callback_names_what_its_due_time_rests_on(app):
    grounds = set()
    for callback in all_callbacks():
        why = reckoning.why(callback)
        grounds.add(why.ground)
        if why.ground is Ground.LIMIT:
            by_day_and_night = why.reckoning.steps[0].kind is StepKind.WALL_CLOCK
            assert by_day_and_night is (DUE[callback.kind] is deadlines.safety_due)
    assert grounds >= {Ground.LIMIT, Ground.NEXT_SLOT, Ground.AGREED}

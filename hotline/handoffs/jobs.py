"""Sweeps over handoffs that are due. Safe to run late or twice: the rows say what was told."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ColumnExpressionArgument,
    Select,
    and_,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.orm import aliased, contains_eager, joinedload

from hotline import clock, turns
from hotline.calendars.chinese import ZONE
from hotline.handoffs import pauses, progress, reminders
from hotline.handoffs.queries import ASSISTING, RUNNING
from hotline.sweeps import for_each
from hotline.tickets.lifecycle import Action
from models import Handoff, HandoffRole, Ticket, TicketEvent, TicketStatus, db

# The last part of the longest limit, and twenty working days after it, with holidays in them.
LOOK_AHEAD, LOOK_BACK = timedelta(days=150), timedelta(days=45)
AT_ONCE = 500  # handoffs
RUNNING_OR_ASSISTING = or_(and_(*RUNNING), and_(*ASSISTING))


def remind_departments_to_accept() -> int:
    """Tell of hand-offs nobody has accepted, as their ladder has it; return how many."""
    now = clock.now()
    accept = (Handoff.role == HandoffRole.LEAD, Handoff.accepted_at.is_(None))
    ids = _running(
        *accept,
        _untold(Handoff.accept_due_at, Handoff.accept_reminded_at, now),
        test=partial(reminders.accept_step, at=now),
    )
    return for_each(ids, partial(_remind_to_accept, at=now))


def remind_departments_to_answer() -> int:
    """Tell of handoffs in work or in the queue that nobody has answered; return how many."""
    now = clock.now()
    ids = _running(
        _untold(Handoff.handle_due_at, Handoff.handle_reminded_at, now),
        test=partial(reminders.answer_step, at=now),
    )
    return for_each(ids, partial(_remind_to_answer, at=now))


def remind_to_decide_returns() -> int:
    """Tell of returns that nobody has decided; return how many."""
    now = clock.now()
    ids = _running(
        Handoff.return_is_undecided,
        _untold(Handoff.return_due_at, Handoff.return_reminded_at, now),
        test=partial(reminders.return_step, at=now),
    )
    return for_each(ids, partial(_remind_to_decide, at=now))


def promise_words_of_progress() -> int:
    """Owe the callers of long matters a word at half time; return how many were settled."""
    now = clock.now()
    ids = _running(
        Handoff.role == HandoffRole.LEAD,
        Handoff.progress_at.is_(None),
        test=partial(progress.is_half_time, at=now),
    )
    return for_each(ids, partial(_settle_word, at=now))


def end_waits_that_are_over() -> int:
    """Let the clocks of tickets run again that waited for the caller long enough."""
    now = clock.now()
    over = select(Ticket.id).where(
        Ticket.waiting_until_at <= now, Ticket.status == TicketStatus.ACCEPTED
    )
    return for_each(_ids(over), partial(_end_wait, at=now))


def remind_of_reviews() -> int:
    """Tell that the review day of a suspended ticket has come, once; return how many."""
    now = clock.now()
    earlier = aliased(TicketEvent)
    suspended = (
        select(func.max(earlier.id))
        .where(earlier.ticket_id == Ticket.id, earlier.kind == Action.SUSPEND.value)
        .correlate(Ticket)
        .scalar_subquery()
    )
    told = exists().where(
        TicketEvent.ticket_id == Ticket.id,
        TicketEvent.kind == "review_due",
        TicketEvent.id > suspended,
    )
    due = select(Ticket.id).where(
        Ticket.status == TicketStatus.SUSPENDED,
        Ticket.review_on <= now.astimezone(ZONE).date(),
        ~told,
    )
    return for_each(_ids(due), partial(_remind_of_review, at=now))


def _untold(due_at: Any, told_at: Any, now: datetime) -> ColumnElement[bool]:
    """What the database can say of the stages that may be due: near the limit and not told, or
    past it, and told before; a limit that is long past has been told to its end.
    """
    return and_(
        due_at <= now + LOOK_AHEAD,
        or_(told_at.is_(None), (due_at <= now) & ((told_at < due_at) | (due_at > now - LOOK_BACK))),
    )


def _running(
    *conditions: ColumnExpressionArgument[bool], test: Callable[[Handoff], object]
) -> list[int]:
    """The handoffs that fit `conditions` and pass `test`, which no database can reckon: reading
    is cheap, and only what is due gets a unit of work."""
    found = (
        select(Handoff)
        .join(Handoff.ticket)
        .options(contains_eager(Handoff.ticket), joinedload(Handoff.department))
        .where(Handoff.paused_at.is_(None), RUNNING_OR_ASSISTING, *conditions)
        .execution_options(yield_per=AT_ONCE)  # thousands of them need not be in memory together
    )
    ids = [handoff.id for handoff in db.session.scalars(found) if test(handoff)]
    db.session.rollback()
    return ids


def _ids(found: Select[tuple[int]]) -> list[int]:
    ids = list(db.session.scalars(found))
    db.session.rollback()
    return ids


def _handoff(handoff_id: int) -> Handoff:
    turns.hold_about(Handoff, handoff_id)
    return db.session.get_one(Handoff, handoff_id)


def _ticket(ticket_id: int) -> Ticket:
    turns.hold(Ticket.id == ticket_id)
    return db.session.get_one(Ticket, ticket_id)


def _remind_to_accept(handoff_id: int, *, at: datetime) -> bool:
    return reminders.remind_to_accept(_handoff(handoff_id), at=at)


def _remind_to_answer(handoff_id: int, *, at: datetime) -> bool:
    return reminders.remind_to_answer(_handoff(handoff_id), at=at)


def _remind_to_decide(handoff_id: int, *, at: datetime) -> bool:
    return reminders.remind_to_decide(_handoff(handoff_id), at=at)


def _settle_word(handoff_id: int, *, at: datetime) -> bool:
    return progress.settle_word(_handoff(handoff_id), at=at)


def _end_wait(ticket_id: int, *, at: datetime) -> bool:
    ticket = _ticket(ticket_id)
    if ticket.waiting_until_at is None or ticket.waiting_until_at > at:
        return False
    pauses.end_wait(ticket, actor=None, at=at)
    return True


def _remind_of_review(ticket_id: int, *, at: datetime) -> bool:
    return reminders.remind_of_review(_ticket(ticket_id), at=at)

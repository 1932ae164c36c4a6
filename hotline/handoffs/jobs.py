"""Sweeps over handoffs that are due. Safe to run late or twice: the rows say what was told."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from operator import attrgetter

from sqlalchemy import ColumnExpressionArgument, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased, contains_eager, joinedload

from hotline import clock, turns
from hotline.calendars.chinese import ZONE
from hotline.handoffs import pauses, reminders
from hotline.handoffs.queries import ASSISTING, RUNNING
from hotline.sweeps import for_each
from hotline.tickets.lifecycle import Action
from models import Handoff, HandoffRole, Ticket, TicketEvent, TicketStatus, db

# The last quarter of thirty working days, with the longest holiday in it.
LOOK_AHEAD = timedelta(days=21)
RUNNING_OR_ASSISTING = or_(and_(*RUNNING), and_(*ASSISTING))


def remind_departments_to_accept() -> int:
    """Remind of hand-offs nobody has accepted, soon due and overdue; return how many."""
    now = clock.now()
    due = (
        Handoff.role == HandoffRole.LEAD,
        Handoff.accepted_at.is_(None),
        or_(
            Handoff.accept_reminded_at.is_(None),
            (Handoff.accept_due_at <= now) & (Handoff.accept_reminded_at < Handoff.accept_due_at),
        ),
    )
    ids = _running(*due, test=partial(reminders.accept_reminder, at=now))
    return for_each(ids, partial(_remind_to_accept, at=now))


def remind_departments_to_answer() -> int:
    """Remind of handoffs in work or in the queue at 75 % of their limit and at its end."""
    now = clock.now()
    due = (
        Handoff.handle_due_at <= now + LOOK_AHEAD,
        or_(
            Handoff.handle_reminded_at.is_(None),
            (Handoff.handle_due_at <= now) & (Handoff.handle_reminded_at < Handoff.handle_due_at),
        ),
    )
    ids = _running(*due, test=partial(reminders.answer_reminder, at=now))
    return for_each(ids, partial(_remind_to_answer, at=now))


def raise_undecided_returns() -> int:
    """Tell the supervisors of returns that nobody decided in time; return how many."""
    now = clock.now()
    due = (
        Handoff.return_is_undecided,
        Handoff.return_due_at <= now,
        Handoff.return_reminded_at.is_(None),
    )
    ids = _running(*due, test=attrgetter("return_is_undecided"))
    return for_each(ids, partial(_raise_undecided, at=now))


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


def _raise_undecided(handoff_id: int, *, at: datetime) -> bool:
    return reminders.raise_undecided_return(_handoff(handoff_id), at=at)


def _end_wait(ticket_id: int, *, at: datetime) -> bool:
    ticket = _ticket(ticket_id)
    if ticket.waiting_until_at is None or ticket.waiting_until_at > at:
        return False
    pauses.end_wait(ticket, actor=None, at=at)
    return True


def _remind_of_review(ticket_id: int, *, at: datetime) -> bool:
    return reminders.remind_of_review(_ticket(ticket_id), at=at)

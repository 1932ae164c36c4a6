"""The two clocks of a handoff, to accept and to handle: how they start, stand still, go on, stop.

Whether the clock of the handling runs is a function of the ticket's status (`RUNS_WHILE`).
"""

from datetime import datetime

from hotline.sla import deadlines
from hotline.sla.clocks import RUNS_WHILE, ClockKind
from models import Handoff, HandoffEnd, HandoffRole, Ticket, Urgency


def start(handoff: Handoff, ticket: Ticket) -> None:
    """Both limits, from the hand-off on. An assisting department has nothing to accept."""
    at, department = handoff.handed_off_at, handoff.department
    handoff.handle_due_at = deadlines.handle_due(at, department, ticket.level, ticket.urgency)
    handoff.accept_due_at = (
        min(deadlines.accept_due(at, department), handoff.handle_due_at)
        if handoff.role is HandoffRole.LEAD
        else handoff.handle_due_at
    )
    settle(handoff)


def start_again(handoff: Handoff) -> None:
    """The limit of a rework: nothing to accept, the same people go on."""
    due_at = deadlines.rework_due(handoff.handed_off_at, handoff.department)
    handoff.accept_due_at = handoff.handle_due_at = handoff.due_at = due_at


def settle(handoff: Handoff) -> None:
    """Set `due_at` to the nearer limit that still counts."""
    limits = [handoff.handle_due_at]
    if handoff.accepted_at is None:
        limits.append(handoff.accept_due_at)
    handoff.due_at = min(limits)


def follow(handoff: Handoff, ticket: Ticket, *, at: datetime) -> None:
    """Let the clock of the handling stand still or go on, as the status of `ticket` has it."""
    waits = ticket.waiting_since_at is not None
    if ticket.status not in RUNS_WHILE[ClockKind.HANDLE] or waits:
        if handoff.paused_at is None:
            pause(handoff, at=at, until=ticket.waiting_until_at)
    else:
        go_on(handoff, at=at)


def accept(handoff: Handoff, *, at: datetime) -> None:
    """Stop the clock of the accepting."""
    handoff.accepted_at = at
    handoff.accept_seconds = _measured(handoff, handoff.handed_off_at, at)
    settle(handoff)


def stop(handoff: Handoff, end: HandoffEnd, *, at: datetime) -> None:
    """End the passage, and with it its clocks; what it spent is measured once and for all."""
    if handoff.paused_at is not None:
        handoff.paused_seconds += _measured(handoff, handoff.paused_at, at)
        handoff.paused_at = None
    handoff.ended_at, handoff.end = at, end
    whole = _measured(handoff, handoff.handed_off_at, at)
    handoff.handle_seconds = max(whole - handoff.paused_seconds, 0)


def _measured(handoff: Handoff, start: datetime, end: datetime) -> int:
    by_the_wall = handoff.ticket.urgency is Urgency.CRITICAL
    return deadlines.spent(start, end, handoff.department, by_the_wall=by_the_wall)


def pause(handoff: Handoff, *, at: datetime, until: datetime | None = None) -> None:
    """Let the clock stand still; where the end is known, the queue sorts by the limit to come."""
    handoff.paused_at = at
    if until is not None:
        handoff.due_at = deadlines.moved_by_pause(
            handoff.handle_due_at, at, until, handoff.department
        )


def go_on(handoff: Handoff, *, at: datetime) -> None:
    """Let the clock run again: the limit to answer is later by the business time of the pause.

    What stands still was accepted before, so the limit to accept is over.
    """
    if handoff.paused_at is None:
        return
    paused_at, department = handoff.paused_at, handoff.department
    handoff.handle_due_at = deadlines.moved_by_pause(
        handoff.handle_due_at, paused_at, at, department
    )
    handoff.paused_seconds += _measured(handoff, paused_at, at)
    handoff.paused_at = None
    # A warning that was given for the old limit is given again for the new one.
    handoff.handle_reminded_at = None
    settle(handoff)


def hasten(handoff: Handoff, ticket: Ticket, *, at: datetime) -> None:
    """A matter that became urgent has the limit of an urgent one from now on, if that is nearer."""
    if handoff.paused_at is not None:
        return
    nearer = deadlines.handle_due(at, handoff.department, ticket.level, ticket.urgency)
    if nearer < handoff.handle_due_at:
        handoff.handle_due_at = nearer
        handoff.accept_due_at = min(handoff.accept_due_at, nearer)
        handoff.handle_reminded_at = None
        settle(handoff)

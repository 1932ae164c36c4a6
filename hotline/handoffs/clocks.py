"""The two limits of a handoff: to accept and to handle; how they start, stand still and go on."""

from datetime import datetime

from hotline.sla import deadlines
from models import Handoff, HandoffRole, Ticket


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

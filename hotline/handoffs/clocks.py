"""The two clocks of a handoff, to accept and to handle: how they start, stand still, go on, stop.

Whether the clock of the handling runs is a function of the ticket's status (`RUNS_WHILE`).
"""

from datetime import datetime
from typing import Any

from hotline.handoffs import moves
from hotline.handoffs.moves import Why
from hotline.sla import deadlines, limits
from hotline.sla.clocks import RUNS_WHILE, ClockKind
from hotline.sla.limits import Limit
from hotline.sla.policy_table import Unit
from models import Handoff, HandoffEnd, HandoffRole, Level, Ticket, Urgency


def start(handoff: Handoff, ticket: Ticket) -> None:
    """Both limits, from the hand-off on. An assisting department has nothing to accept."""
    at, department = handoff.handed_off_at, handoff.department
    _begin(handoff, limits.to_handle(ticket.level, ticket.urgency))
    handoff.accept_due_at = min(deadlines.accept_due(at, department), handoff.handle_due_at)
    settle(handoff)


def start_again(handoff: Handoff) -> None:
    """The limit of a rework: nothing to accept, the same people go on."""
    _begin(handoff, limits.of("rework_days"))
    handoff.accept_due_at = handoff.due_at = handoff.handle_due_at


def _begin(handoff: Handoff, limit: Limit) -> None:
    handoff.limit_amount, handoff.limit_unit, handoff.moves = limit.amount, limit.unit.value, []
    handoff.handle_due_at = deadlines.after(handoff.handed_off_at, limit, handoff.department)


def limit_of(handoff: Handoff) -> Limit:
    """The limit to answer with which the passage began."""
    return Limit(handoff.limit_amount, Unit(handoff.limit_unit))


def settle(handoff: Handoff) -> None:
    """Set `due_at` to the nearer limit that still counts; while the clock stands still and its end
    is known, to the limit to come."""
    until = handoff.ticket.waiting_until_at
    if handoff.role is HandoffRole.ASSIST:
        handoff.accept_due_at = handoff.handle_due_at  # there is nothing to accept
    if handoff.paused_at is not None:
        handoff.due_at = handoff.handle_due_at if until is None else _paused_until(handoff, until)
    elif handoff.accepted_at is None:
        handoff.due_at = min(handoff.accept_due_at, handoff.handle_due_at)
    else:
        handoff.due_at = handoff.handle_due_at


def follow(handoff: Handoff, ticket: Ticket, *, at: datetime) -> None:
    """Let the clock of the handling stand still or go on, as the status of `ticket` has it."""
    waits = ticket.waiting_since_at is not None
    if ticket.status not in RUNS_WHILE[ClockKind.HANDLE] or waits:
        if handoff.paused_at is None:
            pause(handoff, at=at)
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
    by_the_wall = _runs_by_the_wall(handoff)
    return deadlines.spent(start, end, handoff.department, by_the_wall=by_the_wall)


def _runs_by_the_wall(handoff: Handoff) -> bool:
    return handoff.ticket.urgency is Urgency.CRITICAL


def pause(handoff: Handoff, *, at: datetime) -> None:
    """Let the clock stand still; where the end is known, the queue sorts by the limit to come."""
    handoff.paused_at = at
    settle(handoff)


def _paused_until(handoff: Handoff, until: datetime) -> datetime:
    since = handoff.paused_at or until
    return _moved(handoff, handoff.handle_due_at, since, until)


def _moved(handoff: Handoff, due_at: datetime, since: datetime, until: datetime) -> datetime:
    by_the_wall = _runs_by_the_wall(handoff)
    return deadlines.moved_by_pause(
        due_at, since, until, handoff.department, by_the_wall=by_the_wall
    )


def go_on(handoff: Handoff, *, at: datetime) -> None:
    """Let the clock run again: the limit to answer is later by what counts of the pause, and so is
    a later day for which somebody has asked.

    What stands still was accepted before, so the limit to accept is over.
    """
    if handoff.paused_at is None:
        return
    since, to = handoff.paused_at, _paused_until(handoff, at)
    stood = {"since": since.isoformat(), "until": at.isoformat()}
    moves.move(handoff, to, Why.PAUSE, at=at, by_the_wall=_runs_by_the_wall(handoff), **stood)
    for asked in handoff.extensions:
        if asked.decided_at is None and asked.until_at is not None:
            asked.until_at = _moved(handoff, asked.until_at, since, at)
    handoff.paused_seconds += _measured(handoff, since, at)
    handoff.paused_at = None
    settle(handoff)


def extend(handoff: Handoff, to: datetime, why: Why, *, at: datetime, **facts: Any) -> None:
    """Move the limit to answer to a later instant that was granted; warnings begin anew."""
    moves.move(handoff, to, why, at=at, **facts)
    settle(handoff)


def hasten(handoff: Handoff, ticket: Ticket, *, at: datetime) -> None:
    """A matter that became more urgent has the limit of such a one from now on, if that is nearer;
    while its clock stands still, from when it goes on."""
    since = handoff.paused_at or at
    limit = limits.to_handle(ticket.level, ticket.urgency)
    nearer = deadlines.after(since, limit, handoff.department)
    if nearer < handoff.handle_due_at:
        facts = {"since": since.isoformat(), "amount": limit.amount, "unit": limit.unit.value}
        moves.move(handoff, nearer, Why.HASTEN, at=at, urgency=ticket.urgency.value, **facts)
        handoff.accept_due_at = min(handoff.accept_due_at, nearer)
        for asked in handoff.extensions:
            if asked.decided_at is None:  # decided before the limit it is about
                asked.due_at = min(asked.due_at, nearer)
        settle(handoff)


def ease(handoff: Handoff, ticket: Ticket, *, at: datetime) -> None:
    """A matter that became less urgent gets back what the urgency took: the limit it would have
    without it. What is late already stays late."""
    if handoff.paused_at is None and at > handoff.handle_due_at:
        return
    later = usual_due(handoff, ticket.level, ticket.urgency)
    if later > handoff.handle_due_at:
        moves.move(handoff, later, Why.EASE, at=at, urgency=ticket.urgency.value)
        if at <= handoff.accept_due_at:
            usual = deadlines.accept_due(handoff.handed_off_at, handoff.department)
            handoff.accept_due_at = max(handoff.accept_due_at, min(usual, later))
        settle(handoff)


def usual_due(handoff: Handoff, level: Level, urgency: Urgency) -> datetime:
    """The limit to answer that `level` and `urgency` give, with each pause and extension."""
    first = handoff.round == 1
    limit = limits.to_handle(level, urgency) if first else limits.of("rework_days")
    due_at = deadlines.after(handoff.handed_off_at, limit, handoff.department)
    for step in handoff.moves:
        if step["why"] == Why.PAUSE:
            since, until = (moves.instant(step, name) for name in ("since", "until"))
            due_at = deadlines.moved_by_pause(
                due_at,
                since,
                until,
                handoff.department,
                by_the_wall=urgency is Urgency.CRITICAL,
            )
        elif step["why"] == Why.EXTENSION:
            due_at = max(due_at, moves.instant(step, "to"))
    return due_at

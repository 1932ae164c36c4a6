"""Ending otherwise: withdrawn, merged; and taking up again what ended wrongly."""

from datetime import datetime, timedelta

from hotline import turns
from hotline.callbacks import service as callbacks
from hotline.errors import TransitionRefused
from hotline.feedback import evidence, records
from hotline.feedback.evidence import Evidence
from hotline.feedback.records import Verdict
from hotline.handoffs import new_dates
from hotline.i18n import N_
from hotline.sla import policies
from hotline.tickets import lifecycle
from hotline.tickets.lifecycle import Action
from models import (
    CallbackEnd,
    Feedback,
    HandoffEnd,
    How,
    Resolution,
    Ticket,
    TicketStatus,
    User,
    db,
)


def withdraw(ticket: Ticket, proof: Evidence, *, actor: User, at: datetime, words: str) -> Feedback:
    """Close because the caller takes the matter back, in own `words`, in a connected call."""
    evidence.check_safety(ticket, proof)
    row = records.told_in_call(ticket, proof, actor=actor, at=at, told=words, verdict=Verdict())
    records.end_handoffs(ticket, HandoffEnd.WITHDRAWN, actor=actor, at=at)
    records.close(
        ticket,
        row,
        Resolution.WITHDRAWN,
        actor=actor,
        at=at,
        action=Action.WITHDRAW,
        reason=words,
        end=CallbackEnd.NOT_NEEDED,
    )
    return row


def merge(ticket: Ticket, into: Ticket, *, actor: User, at: datetime) -> Feedback:
    """Close `ticket` into another one of the same caller; its debts go along.

    Raises TransitionRefused for another caller's ticket (link those), a closed one, or itself.
    """
    if ticket.id == into.id:
        raise TransitionRefused(N_("A ticket cannot be merged into itself."), field="into")
    turns.hold_again(ticket, into)
    if ticket.caller_id != into.caller_id:
        raise TransitionRefused(
            N_("That ticket is another caller's: link them, so that each is told."), field="into"
        )
    if into.status is TicketStatus.CLOSED:
        raise TransitionRefused(N_("That ticket is closed."), field="into")
    row = records.record(ticket, How.MOVED, actor=actor, at=at, moved_to_id=into.id)
    records.end_handoffs(ticket, HandoffEnd.MERGED, actor=actor, at=at)
    _move_debts(ticket, into, at)
    records.close(
        ticket,
        row,
        Resolution.MERGED,
        actor=actor,
        at=at,
        action=Action.MERGE,
        together={"merged_into_id": into.id},
        into=into.number,
        end=CallbackEnd.NOT_NEEDED,
    )
    return row


def reopen(ticket: Ticket, *, actor: User, at: datetime, reason: str) -> None:
    """Take up a closed ticket again, because the result was wrong or not kept.

    Raises TransitionRefused after the days of the policy, or when there was no result.
    """
    if ticket.resolution in (Resolution.MERGED, Resolution.NO_MATTER):
        raise TransitionRefused(N_("This ticket had no result that could be wrong."))
    days = policies.get("reopen_days")
    if ticket.closed_at is not None and at - ticket.closed_at > timedelta(days=days):
        raise TransitionRefused(
            N_("It closed more than %(days)d days ago: open a new ticket and link it."), days=days
        )
    lifecycle.apply(ticket, Action.REOPEN, actor=actor, at=at, reason=reason)


def exclude(ticket: Ticket, *, actor: User, at: datetime, reason: str) -> None:
    """Leave a closed ticket out of the score (剔除), because the verdict says nothing of the work.

    The score is shown with and without it. Raises TransitionRefused when it is left out already.
    """
    if ticket.excluded_at is not None:
        raise TransitionRefused(N_("It is left out of the score already."))
    if ticket.handoff_count == 0:
        raise TransitionRefused(N_("No department had it: it is in no score."))
    lifecycle.apply(ticket, Action.EXCLUDE, actor=actor, at=at, reason=reason)
    ticket.excluded_at = at


def include(ticket: Ticket, *, actor: User, at: datetime, reason: str) -> None:
    """Let it count in the score again. Raises TransitionRefused when it does."""
    if ticket.excluded_at is None:
        raise TransitionRefused(N_("It counts in the score."))
    lifecycle.apply(ticket, Action.INCLUDE, actor=actor, at=at, reason=reason)
    ticket.excluded_at = None


def _move_debts(ticket: Ticket, into: Ticket, at: datetime) -> None:
    """What was promised about `ticket` is now promised about `into`, unless that was already."""
    new_dates.move(ticket, into, at=at)
    kinds = {debt.kind for debt in evidence.open_callbacks(into)}
    for debt in evidence.open_callbacks(ticket):
        if debt.kind not in kinds:
            debt.ticket = into
            db.session.flush()
            callbacks.follow(debt, at=at)  # a message about the other ticket proves nothing here
    lifecycle.outdate(into, ticket)

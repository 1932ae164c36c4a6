"""The rows that prove a caller was told, and the act of closing with one of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from hotline.callbacks import service as callbacks
from hotline.errors import Invalid
from hotline.feedback import evidence
from hotline.feedback.evidence import Evidence
from hotline.handoffs import clocks, people
from hotline.i18n import N_
from hotline.tickets import lifecycle
from hotline.tickets.lifecycle import Action
from models import (
    Call,
    CallbackEnd,
    Feedback,
    Handoff,
    HandoffEnd,
    How,
    Resolution,
    Satisfaction,
    Ticket,
    User,
    db,
)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the caller said to the three questions; None: not asked."""

    was_contacted: bool | None = None
    is_solved: bool | None = None
    satisfaction: Satisfaction | None = None
    dissatisfaction: str = ""


def told_in_call(
    ticket: Ticket,
    proof: Evidence,
    *,
    actor: User,
    at: datetime,
    told: str,
    verdict: Verdict,
    asked_by_id: int | None = None,
) -> Feedback:
    """The row that says what the caller was told in `proof`, and what the caller said to it.

    Raises TransitionRefused unless `proof` is a conversation about `ticket`, Invalid without words.
    """
    evidence.check(ticket, proof)
    if not told.strip():
        raise Invalid(N_("Write what the caller was told."), field="told")
    return record(
        ticket,
        How.IN_CALL,
        actor=actor,
        at=at,
        told=told.strip(),
        call_id=proof.id if isinstance(proof, Call) else proof.call_id,
        attempt_id=None if isinstance(proof, Call) else proof.id,
        was_contacted=verdict.was_contacted,
        is_solved=verdict.is_solved,
        satisfaction=verdict.satisfaction,
        dissatisfaction=verdict.dissatisfaction.strip(),
        asked_by_id=asked_by_id,
    )


def record(ticket: Ticket, how: How, *, actor: User, at: datetime, **fields: object) -> Feedback:
    """A row of feedback on `ticket`; flushed, because the gate asks for its id."""
    row = Feedback(ticket_id=ticket.id, how=how, at=at, recorded_by_id=actor.id, **fields)
    db.session.add(row)
    db.session.flush()
    return row


def close(
    ticket: Ticket,
    row: Feedback,
    resolution: Resolution,
    *,
    actor: User,
    at: datetime,
    action: Action = Action.CLOSE,
    reason: str = "",
    end: CallbackEnd = CallbackEnd.KEPT,
    together: Mapping[str, object] | None = None,
    **data: object,
) -> None:
    """Close `ticket` by `action` with `row` as the proof, and let fall what still runs for it.

    What is still promised ends as `end`. `reason`, `together` and `data` go to lifecycle.apply.
    Raises Forbidden or TransitionRefused.
    """
    callbacks.settle(ticket, at=at, end=end)
    end_handoffs(ticket, HandoffEnd.RECALLED, actor=actor, at=at)
    lifecycle.apply(
        ticket,
        action,
        actor=actor,
        at=at,
        reason=reason,
        feedback=row,
        resolution=resolution,
        together=together,
        how=row.how.value,
        resolution_word=resolution.value,
        **data,
    )


def end_handoffs(ticket: Ticket, end: HandoffEnd, *, actor: User, at: datetime) -> None:
    """End what still runs at departments, lead and assisting, and tell them."""
    running = select(Handoff).where(Handoff.ticket_id == ticket.id, Handoff.ended_at.is_(None))
    for handoff in db.session.scalars(running).all():
        clocks.stop(handoff, end, at=at)
        people.tell(
            people.handler_of(handoff),
            N_("No longer with you: %(number)s is over."),
            ticket,
            at=at,
            key=f"handoff_over:{handoff.id}",
            actor=actor,
        )
        people.refresh(handoff, ticket, at=at)

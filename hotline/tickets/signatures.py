"""What waits for a second person's signature, as conditions that lists and services share."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from hotline.phone_numbers import CALLABLE
from hotline.tickets.lifecycle import AT_HOTLINE, Action
from models import (
    Call,
    Callback,
    CallbackKind,
    CallerNumber,
    Feedback,
    Handoff,
    HandoffEnd,
    HandoffRole,
    Ticket,
    TicketEvent,
    TicketStatus,
    User,
)

A = Action
# It is to be done again: what the caller heard before proves nothing any more.
PUT_BACK = tuple(one.value for one in (A.REOPEN, A.RECALL, A.SEND_BACK, A.REWORK))
# After these the waiting begins anew: the caller asked, it was put aside, or is another answer.
BEGINS_ANEW = ("call", *(one.value for one in (A.CHASE, A.KEEP, A.ANSWER, A.RESUME)), *PUT_BACK)
ASKING = tuple(one.value for one in (A.KEEP, A.DESCRIBE, A.ASSIGN))


def explained() -> ColumnElement[bool]:
    """On `Feedback`: the explanation of the answer that counts now, which nobody has signed."""
    answered_since = exists(
        select(Handoff.id).where(
            Handoff.ticket_id == Feedback.ticket_id,
            Handoff.role == HandoffRole.LEAD,
            Handoff.end == HandoffEnd.ANSWERED,
            Handoff.answered_at > Feedback.at,
        )
    )
    is_answered = Feedback.ticket.has(Ticket.status == TicketStatus.ANSWERED)
    return and_(Feedback.waits_for_signature, is_answered, ~answered_since)


def tried_in_vain() -> ColumnElement[bool]:
    """On `Callback`: used up, and nothing else has to be tried first.

    A call that was to be returned says nothing of the result: while that is owed, or somebody may
    be in danger, only the promise about it counts.
    """
    other = aliased(Callback)
    comes_first = exists(
        select(other.id).where(
            other.ticket_id == Callback.ticket_id,
            other.id != Callback.id,
            other.ended_at.is_(None),
            other.kind != CallbackKind.RETURN_CALL,
            or_(other.exhausted_at.is_(None), Callback.kind == CallbackKind.RETURN_CALL),
        )
    )
    return and_(Callback.ended_at.is_(None), Callback.exhausted_at.is_not(None), ~comes_first)


def has_number() -> ColumnElement[bool]:
    """On `Ticket`: the caller can be rung, whatever the field of the number says now."""
    debt = exists().where(Callback.ticket_id == Ticket.id, Callback.ended_at.is_(None))
    rang = exists().where(
        Call.ticket_id == Ticket.id, Call.number != "", Call.number_kind.in_(CALLABLE)
    )
    known = exists().where(
        CallerNumber.caller_id == Ticket.caller_id, CallerNumber.kind.in_(CALLABLE)
    )
    return or_(Ticket.callback_number != "", debt, rang, known)


def kept_since(before: datetime) -> ColumnElement[bool]:
    """On `Ticket`: waits for its caller, of whom nothing was heard after `before`."""
    waits = or_(
        Ticket.kept_since_at <= before,
        and_(
            Ticket.kept_since_at.is_(None),
            or_(Ticket.status == TicketStatus.ANSWERED, Ticket.handoff_count == 0),
        ),
    )
    rang = exists().where(
        Call.ticket_id == Ticket.id, func.coalesce(Call.ended_at, Call.started_at) > before
    )
    moved = exists().where(
        TicketEvent.ticket_id == Ticket.id,
        TicketEvent.kind.in_(BEGINS_ANEW),
        TicketEvent.at > before,
    )
    other = aliased(Ticket)
    came_in = exists(
        select(other.id).where(other.merged_into_id == Ticket.id, other.opened_at > before)
    )
    return and_(
        Ticket.status.in_(AT_HOTLINE), Ticket.opened_at <= before, waits, ~rang, ~moved, ~came_in
    )


def asked_by(user: User) -> ColumnElement[bool]:
    """On `Ticket`: `user` put it aside, wrote it down or gave it to somebody."""
    return exists().where(
        TicketEvent.ticket_id == Ticket.id,
        TicketEvent.kind.in_(ASKING),
        TicketEvent.actor_id == user.id,
    )

"""Who may see a whole telephone number now: by the task at hand, or for a reason from the list."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import exists, select

from hotline import access
from hotline.audit import service as audit
from hotline.errors import Forbidden, Invalid
from hotline.i18n import N_
from models import (
    AuditEvent,
    Call,
    Callback,
    CallState,
    Handoff,
    Ticket,
    TicketStatus,
    User,
    db,
)


class Reason(StrEnum):
    """Why somebody looks at a number. The first three are tasks: nobody has to choose them."""

    LIVE_CALL = "live_call"  # the caller is on the line with this person
    CALLBACK = "callback"  # this person owes the caller a ring
    ACCEPTED = "accepted"  # this person handles the ticket
    RING_BACK = "ring_back"
    CHECK_NUMBER = "check_number"
    QUALITY = "quality"
    COMPLAINT = "complaint"
    EMERGENCY = "emergency"
    AUTHORITY = "authority"


LABELS = {
    Reason.LIVE_CALL: N_("In a call with this caller"),
    Reason.CALLBACK: N_("Owes the caller a callback"),
    Reason.ACCEPTED: N_("Handles the ticket"),
    Reason.RING_BACK: N_("I am about to ring the caller"),
    Reason.CHECK_NUMBER: N_("I compare the number with the caller's words"),
    Reason.QUALITY: N_("Quality review"),
    Reason.COMPLAINT: N_("A complaint about our own work"),
    Reason.EMERGENCY: N_("Somebody may be in danger"),
    Reason.AUTHORITY: N_("A court or an authority asks, by law"),
}
KIND = "reveal"  # of the line in the trail
TASKS = frozenset({Reason.LIVE_CALL, Reason.CALLBACK, Reason.ACCEPTED})
CHOICES = tuple(reason for reason in Reason if reason not in TASKS)


def task_of(user: User, ticket: Ticket, *, at: datetime) -> Reason | None:
    """The task for which `user` needs the number at `at` without being asked why, if there is one.

    None also when the number is not for `user` at all, as of a confidential ticket.
    """
    if not access.may_know_caller(user, ticket):
        return None
    talking = exists().where(
        Call.ticket_id == ticket.id,
        Call.operator_id == user.id,
        Call.state == CallState.TALKING,
    )
    owed = exists().where(
        Callback.ticket_id == ticket.id,
        Callback.owner_id == user.id,
        Callback.ended_at.is_(None),
        Callback.not_before_at <= at,
    )
    talks, owes = db.session.execute(select(talking, owed)).one()
    if talks:
        return Reason.LIVE_CALL
    if owes:
        return Reason.CALLBACK
    return Reason.ACCEPTED if _handles(user, ticket) else None


def why(user: User, ticket: Ticket, chosen: str, *, at: datetime) -> Reason:
    """The reason that goes into the trail: the task at hand, else the one `chosen` from the list.

    Raises Forbidden when the number is not for `user`, Invalid when a reason is missing.
    """
    if not access.may_know_caller(user, ticket):
        raise Forbidden
    task = task_of(user, ticket, at=at)
    if task is not None:
        return task
    if chosen not in CHOICES:
        raise Invalid(N_("Choose why you need the number."), field="reason")
    return Reason(chosen)


def note(user: User, ticket: Ticket, reason: Reason, *, at: datetime, address: str) -> None:
    """Write into the trail that `user`, at the network `address`, saw the number, and why."""
    audit.record(
        KIND,
        actor=user,
        at=at,
        ticket_id=ticket.id,
        subject=ticket.number,
        reason=reason.value,
        address=address,
    )


def is_noted(user: User, ticket: Ticket, *, since: datetime | None = None) -> bool:
    """Whether the trail says that `user` has seen the number of `ticket`, ever or `since` then."""
    noted = select(AuditEvent.id).where(
        AuditEvent.kind == KIND,
        AuditEvent.actor_id == user.id,
        AuditEvent.ticket_id == ticket.id,
    )
    if since is not None:
        noted = noted.where(AuditEvent.at >= since)
    return db.session.scalar(noted.limit(1)) is not None


def _handles(user: User, ticket: Ticket) -> bool:
    if ticket.status is not TicketStatus.ACCEPTED:
        return False
    handled = select(Handoff.id).where(
        Handoff.ticket_id == ticket.id,
        Handoff.handler_id == user.id,
        Handoff.ended_at.is_(None),
    )
    return ticket.owner_id == user.id or db.session.scalar(handled.limit(1)) is not None

"""When the form shows the whole number of its caller, and that the trail says so."""

from datetime import datetime

from sqlalchemy import select

from hotline.audit import service as audit
from hotline.callers import reveals
from hotline.callers.reveals import Reason
from hotline.calls import queries as calls
from hotline.calls import seats
from models import AuditEvent, SeatState, Ticket, User, db


def reason_to_show(ticket: Ticket, viewer: User, *, at: datetime) -> Reason | None:
    """The task for which `viewer` sees the number without being asked why; None: it is masked.

    Writing up the call that has just ended is part of that call.
    """
    task = reveals.task_of(viewer, ticket, at=at)
    if task is None and _writes_up(ticket, viewer):
        return Reason.LIVE_CALL
    return task


def _writes_up(ticket: Ticket, viewer: User) -> bool:
    seat = seats.seat_of(viewer)
    if seat is None or seat.state is not SeatState.AFTER_CALL:
        return False
    last = calls.last_call_of(viewer)
    return last is not None and last.ticket_id == ticket.id


def is_noted(ticket: Ticket, viewer: User) -> bool:
    """Whether the trail says already that `viewer` has seen this number."""
    noted = select(AuditEvent.id).where(
        AuditEvent.kind == "reveal",
        AuditEvent.actor_id == viewer.id,
        AuditEvent.ticket_id == ticket.id,
    )
    return db.session.scalar(noted.limit(1)) is not None


def note(ticket: Ticket, viewer: User, reason: Reason, *, at: datetime, address: str) -> None:
    """Write into the trail that the task showed `viewer` the number."""
    audit.record(
        "reveal",
        actor=viewer,
        at=at,
        ticket_id=ticket.id,
        subject=ticket.number,
        reason=reason.value,
        address=address,
    )

"""When the form shows the whole number of its caller."""

from datetime import datetime

from hotline.callers import reveals
from hotline.callers.reveals import Reason
from hotline.calls import queries as calls
from models import Ticket, User


def reason_to_show(ticket: Ticket, viewer: User, *, at: datetime) -> Reason | None:
    """The task for which `viewer` sees the number without being asked why; None: it is masked.

    Writing up the call that has just ended is part of that call.
    """
    task = reveals.task_of(viewer, ticket, at=at)
    if task is None and _writes_up(ticket, viewer):
        return Reason.LIVE_CALL
    return task


def _writes_up(ticket: Ticket, viewer: User) -> bool:
    call = calls.call_in_hand(viewer)
    return call is not None and call.ticket_id == ticket.id

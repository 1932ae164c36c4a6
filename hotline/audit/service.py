"""Writing down what people did that is not an event of one ticket."""

from datetime import datetime
from typing import Any

from models import AuditEvent, User, db


def record(
    kind: str,
    *,
    actor: User | None,
    at: datetime,
    ticket_id: int | None = None,
    subject: str = "",
    reason: str = "",
    address: str = "",
    **data: Any,
) -> AuditEvent:
    """Add one line to the trail, in the transaction of the fact.

    `kind` is the act in the infinitive (login, reveal, play_recording, set_policy); `subject` what
    it touched, in words; `data` what else a reader needs: strings, numbers, ids. Never secrets.
    """
    entry = AuditEvent(
        kind=kind,
        at=at,
        actor_id=actor.id if actor else None,
        ticket_id=ticket_id,
        subject=subject[:120],
        reason=reason[:300],
        address=address,
        data=data,
    )
    db.session.add(entry)
    return entry

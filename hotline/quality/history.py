"""The history of an inspection: lines are added to it and never changed."""

from datetime import datetime
from typing import Any

from models import Inspection, InspectionEvent, User, db


def add(
    inspection: Inspection,
    kind: str,
    *,
    actor: User | None,
    at: datetime,
    words: str = "",
    **data: Any,
) -> InspectionEvent:
    """Write down what was done to `inspection`, in the transaction of the fact."""
    event = InspectionEvent(
        inspection_id=inspection.id,
        kind=kind,
        at=at,
        actor_id=actor.id if actor else None,
        words=words.strip(),
        data=data,
    )
    db.session.add(event)
    return event

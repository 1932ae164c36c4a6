"""The sweep over tickets that nobody may supervise. Safe to run late or twice."""

from datetime import datetime
from functools import partial

from hotline import clock, turns
from hotline.supervision import unsupervised
from hotline.sweeps import for_each
from models import Ticket, db


def ask_for_other_supervisors() -> int:
    """Ask the administrators for a supervisor whom a ticket does not concern, once for each; return
    how many tickets."""
    ids = list(unsupervised.not_told())
    db.session.rollback()
    return for_each(ids, partial(_ask, at=clock.now()))


def _ask(ticket_id: int, *, at: datetime) -> bool:
    turns.hold(Ticket.id == ticket_id)
    return unsupervised.ask_for_another(db.session.get_one(Ticket, ticket_id), at=at)

"""Nobody can be rung: what there is to say waits until the caller rings again (留待来电)."""

from datetime import datetime

from sqlalchemy import select

from hotline.errors import Forbidden, TransitionRefused
from hotline.feedback import evidence
from hotline.i18n import N_
from hotline.permissions import Permission, has
from hotline.tickets import lifecycle
from hotline.tickets.lifecycle import Action
from models import Call, CallState, Ticket, User, db

ON_THE_LINE = (CallState.RINGING, CallState.WAITING, CallState.VOICEMAIL)


def keep(ticket: Ticket, *, actor: User, at: datetime) -> None:
    """Keep `ticket` for a caller without a number: still owed, but nothing to be done today.

    It goes to the pool. After the days of the policy a second person may sign that there is no way
    to reach the caller (`signing.sign_no_way_to_reach`). A number or a next step ends the keeping.
    Raises TransitionRefused when there is a number, or while the caller waits on the line, and
    Forbidden for an emergency, unless a supervisor decides so.
    """
    if evidence.has_number(ticket):
        raise TransitionRefused(N_("There is a number to ring."))
    if ticket.kept_since_at is not None:
        raise TransitionRefused(N_("It is kept for the caller already."))
    if ticket.is_emergency and not has(actor, Permission.SUPERVISE):
        raise Forbidden(N_("Only a supervisor puts an emergency aside."))
    waiting = select(Call.id).where(Call.ticket_id == ticket.id, Call.state.in_(ON_THE_LINE))
    if db.session.scalar(waiting.limit(1)) is not None:
        raise TransitionRefused(N_("The caller is on the line now."))
    lifecycle.apply(ticket, Action.KEEP, actor=actor, at=at)
    ticket.kept_since_at, ticket.kept_by_id = at, actor.id
    ticket.owner_id = None

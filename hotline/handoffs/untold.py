"""Which limit of a department is over without anybody having heard of it: somebody has to look."""

from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from hotline.handoffs import reminders
from hotline.handoffs.queries import ASSISTING, RUNNING
from models import Handoff, HandoffRole, db

LOOKED_AT = 200  # handoffs; nearly all that are over were told of


def oldest_untold(at: datetime) -> datetime | None:
    """The limit to accept or to answer that had been over the longest of those of which somebody
    could be told by `at` and nobody was.
    """
    accept, answer = Handoff.accept_reminded_at, Handoff.handle_reminded_at
    not_accepted = and_(
        Handoff.role == HandoffRole.LEAD,
        Handoff.accepted_at.is_(None),
        Handoff.accept_due_at <= at,
        Handoff.handle_due_at > at,
        accept.is_(None) | (accept < Handoff.accept_due_at),
    )
    not_answered = and_(
        Handoff.handle_due_at <= at, answer.is_(None) | (answer < Handoff.handle_due_at)
    )
    found = (
        select(Handoff)
        .join(Handoff.ticket)
        .options(contains_eager(Handoff.ticket), joinedload(Handoff.department))
        .where(
            or_(and_(*RUNNING), and_(*ASSISTING)),
            Handoff.paused_at.is_(None),
            Handoff.due_at <= at,  # the nearer of the two: by it the index is read
            or_(not_accepted, not_answered),
        )
        .order_by(Handoff.due_at)
        .limit(LOOKED_AT)
    )
    moments = (_untold(handoff, at) for handoff in db.session.scalars(found))
    return min((moment for moment in moments if moment is not None), default=None)


def _untold(handoff: Handoff, at: datetime) -> datetime | None:
    if reminders.answer_step(handoff, at=at) and handoff.handle_due_at <= at:
        return handoff.handle_due_at
    return handoff.accept_due_at if reminders.accept_step(handoff, at=at) else None

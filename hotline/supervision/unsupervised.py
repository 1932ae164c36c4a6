"""Tickets that no supervisor may read, because all of them are concerned: nobody decides about them
until an administrator names another one.

What is for the supervisors goes to who stands next (`recipients.supervisors_of`); the deciding
does not, because nobody but a supervisor may.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, not_, or_, select

from hotline import access
from hotline.i18n import N_
from hotline.outbox import recipients
from hotline.outbox import service as outbox
from hotline.tickets import service as tickets
from models import Role, Ticket, TicketEvent, User, UserRole, db

TOLD = "unsupervised"  # the kind of the event, once for each ticket


def unsupervised() -> Sequence[Ticket]:
    """What is not closed and concerns every supervisor there is, the oldest first."""
    if db.session.scalar(select(Ticket.id).where(_about_somebody()).limit(1)) is None:
        return []  # as nearly always
    return db.session.scalars(select(Ticket).where(_condition()).order_by(Ticket.id)).all()


def nobody_supervises() -> bool:
    """Whether there is no supervisor at all."""
    there = select(User.id).join(UserRole).where(UserRole.role == Role.SUPERVISOR, User.is_active)
    return db.session.scalar(there.limit(1)) is None


def is_so(ticket: Ticket) -> bool:
    """Whether no supervisor may read `ticket`."""
    if ticket.about_user_id is None and ticket.about_department_id is None:
        return False
    found = select(Ticket.id).where(Ticket.id == ticket.id, _condition())
    return db.session.scalar(found) is not None


def not_told() -> Sequence[int]:
    """The ids of those of which no administrator has heard yet."""
    told = exists().where(TicketEvent.ticket_id == Ticket.id, TicketEvent.kind == TOLD)
    return db.session.scalars(select(Ticket.id).where(_condition(), ~told)).all()


def ask_for_another(ticket: Ticket, *, at: datetime) -> bool:
    """Ask the administrators to name another supervisor; they read the number and nothing else.
    Whether that was needed still."""
    if not is_so(ticket):
        return False
    whom = [one for one in recipients.administrators() if one.id != ticket.about_user_id]
    told = outbox.notify_all(
        whom,
        N_("Every supervisor is concerned by %(number)s: name another one, who decides about it."),
        at=at,
        dedupe_key=f"{TOLD}:{ticket.id}",
        number=ticket.number,
        urgent=True,
    )
    tickets.note_fact(ticket, TOLD, at=at, told=[notice.user_id for notice in told])
    return True


def _about_somebody() -> ColumnElement[bool]:
    about = or_(Ticket.about_user_id.is_not(None), Ticket.about_department_id.is_not(None))
    return and_(Ticket.closed_at.is_(None), about)


def _condition() -> ColumnElement[bool]:
    concerned = (not_(access.visible(one)) for one in recipients.supervisors())
    return and_(_about_somebody(), *concerned)

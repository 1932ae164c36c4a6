"""Who rang in vain and has not been rung back: first of all that waits on the workspace."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import joinedload

from hotline import access
from hotline.calls.queries import UNANSWERED
from models import Call, Callback, CallbackKind, Ticket, TicketStatus, User, db

FEW = 6


@dataclass(frozen=True)
class RangInVain:
    """A caller nobody spoke with: the last call, and the promise to return it if one can be."""

    ticket: Ticket
    call: Call | None
    callback: Callback | None


@dataclass(frozen=True)
class Missed:
    """The first few of them, and how many there are in all."""

    first: Sequence[RangInVain]
    count: int


def missed_by(user: User) -> Missed:
    """Who is to be rung back by `user` or anybody: the most urgent first, then who left no number.

    A message on the tape counts as well as a call that nobody took.
    """
    debt, last = _debt(), _last_unanswered()
    owner_id = func.coalesce(Callback.owner_id, Ticket.owner_id)
    found = (
        select(Ticket, Call, Callback, func.count().over())
        .outerjoin(Callback, and_(Callback.ticket_id == Ticket.id, debt))
        .outerjoin(Call, Call.id == last)
        .where(
            Ticket.closed_at.is_(None),  # nothing is owed after that; it has an index
            or_(Callback.id.is_not(None), _left_no_number()),
            or_(owner_id.is_(None), owner_id == user.id),
            access.visible(user),
        )
        .options(joinedload(Ticket.caller))
        .order_by(Callback.due_at.is_(None), Callback.due_at, Ticket.opened_at.desc())
        .limit(FEW)
    )
    rows = db.session.execute(found).tuples().all()
    first = [RangInVain(ticket, call, callback) for ticket, call, callback, _count in rows]
    return Missed(first, rows[0][3] if rows else 0)


def is_missed() -> ColumnElement[bool]:
    """Of a ticket: its caller rang in vain and waits for us."""
    return or_(exists().where(Callback.ticket_id == Ticket.id, _debt()), _left_no_number())


def _debt() -> ColumnElement[bool]:
    return and_(Callback.kind == CallbackKind.RETURN_CALL, Callback.is_to_ring)


def _left_no_number() -> ColumnElement[bool]:
    """Nobody can be rung back, nobody was spoken with, and nothing has been written down."""
    return and_(
        Ticket.status == TicketStatus.OPEN,
        Ticket.callback_number == "",
        Ticket.question == "",
        Ticket.kept_since_at.is_(None),
        _calls(Call.result.in_(UNANSWERED)),
        ~_calls(Call.answered_at.is_not(None)),
    )


def _calls(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(Call.ticket_id == Ticket.id, *conditions).correlate(Ticket)


def _last_unanswered() -> ColumnElement[int | None]:
    last = select(func.max(Call.id)).where(Call.ticket_id == Ticket.id, Call.result.in_(UNANSWERED))
    return last.correlate(Ticket).scalar_subquery()

"""What an operator sees beside the form: the caller's history, the own promises, the pool."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select, union
from sqlalchemy.orm import contains_eager, joinedload

from hotline import access
from hotline.callbacks import messages
from hotline.calls import queries as calls
from hotline.feedback import evidence
from hotline.tickets.lifecycle import AT_HOTLINE
from hotline.workspace import missed
from hotline.workspace.missed import Missed
from models import (
    Call,
    Callback,
    CallbackKind,
    Caller,
    CallerKind,
    CallerNumber,
    CallResult,
    Direction,
    Resolution,
    Ticket,
    TicketStatus,
    User,
    db,
)

Row = TypeVar("Row", bound=Callback | Call)
FEW = 6
DUE_WITHIN = A_DUTY = timedelta(hours=12)


@dataclass(frozen=True)
class OpenMatter:
    """A ticket this caller may be ringing about, with the answer to read if there is one."""

    ticket: Ticket
    answer: str


@dataclass(frozen=True)
class CallerCard:
    """What we know of who rings."""

    open_matters: Sequence[OpenMatter]
    promises: Sequence[Callback]
    earlier: Sequence[Ticket]
    count_of_calls: int  # about this ticket, so also those that nobody took


@dataclass(frozen=True)
class Work:
    """What waits for an operator besides the call: the first few, and how many there are in all."""

    missed: Missed
    callbacks: Sequence[Callback]
    mine: Sequence[Ticket]
    pool: Sequence[Ticket]
    count_of_callbacks: int
    count_of_mine: int
    count_of_pool: int


@dataclass(frozen=True)
class Waiting:
    """Calls on which nobody has picked up yet: those who wait longest, and how many there are."""

    first: Sequence[Call]
    count: int


def waiting_besides(call_id: int | None) -> Waiting:
    """Who waits while the call with this id rings at the own seat, which is shown larger."""
    return Waiting(*_first_few(calls.waiting_calls().where(Call.id != (call_id or 0))))


def caller_card(ticket: Ticket, *, viewer: User) -> CallerCard:
    """History, open matters and promises of the caller of `ticket`, as far as `viewer` may know."""
    same = _same_caller(ticket)
    matters = (
        select(Ticket)
        .where(
            same,
            Ticket.id != ticket.id,
            Ticket.status != TicketStatus.CLOSED,
            access.visible(viewer),
        )
        .options(joinedload(Ticket.department), joinedload(Ticket.caller))
        .order_by(Ticket.opened_at.desc())
        .limit(FEW)
    )
    open_tickets = db.session.scalars(matters).all()
    promised = select(Callback).where(
        Callback.ended_at.is_(None),
        Callback.ticket_id.in_([ticket.id, *(matter.id for matter in open_tickets)]),
    )
    return CallerCard(
        open_matters=_with_answers(open_tickets),
        promises=db.session.scalars(promised.order_by(Callback.due_at)).all(),
        earlier=_earlier(ticket, viewer),
        count_of_calls=db.session.scalar(
            select(func.count()).where(
                Call.ticket_id == ticket.id, Call.direction == Direction.INBOUND
            )
        )
        or 0,
    )


def _same_caller(ticket: Ticket) -> ColumnElement[bool]:
    """Tickets of this person, and of others known by the number, but never across an employer.

    A number alone does not say who rings: an employer on the line must not learn of its workers.
    """
    mine = Ticket.caller_id == ticket.caller_id
    if not ticket.callback_number or ticket.caller.kind is CallerKind.EMPLOYER:
        return mine
    known = (
        select(CallerNumber.caller_id)
        .join(Caller)
        .where(CallerNumber.number == ticket.callback_number)
    )
    if db.session.scalar(known.where(Caller.kind == CallerKind.EMPLOYER).limit(1)):
        return mine
    # Together, not one or the other: PostgreSQL would ask it of every ticket there is.
    return Ticket.caller_id.in_(union(select(literal(ticket.caller_id)), known))


def _with_answers(tickets: Sequence[Ticket]) -> list[OpenMatter]:
    answers = evidence.last_answers(
        ticket for ticket in tickets if ticket.status is TicketStatus.ANSWERED
    )
    return [OpenMatter(one, answers[one.id].answer if one.id in answers else "") for one in tickets]


def _earlier(ticket: Ticket, viewer: User) -> Sequence[Ticket]:
    past = (
        select(Ticket)
        .where(
            Ticket.caller_id == ticket.caller_id,
            Ticket.status == TicketStatus.CLOSED,
            Ticket.resolution.not_in((Resolution.MERGED, Resolution.NO_MATTER)),
            access.visible(viewer),
        )
        .order_by(Ticket.opened_at.desc())
        .limit(FEW)
    )
    return db.session.scalars(past).all()


def conversation_about(ticket: Ticket) -> Call | None:
    """The latest call about `ticket` in which a person spoke with the caller."""
    talked = select(Call).where(Call.ticket_id == ticket.id, Call.answered_at.is_not(None))
    return db.session.scalars(talked.order_by(Call.answered_at.desc())).first()


def where_the_caller_spoke(ticket: Ticket) -> Call | None:
    """The latest call about `ticket` in which the caller said something, to us or to the tape."""
    spoke = select(Call).where(
        Call.ticket_id == ticket.id,
        or_(Call.answered_at.is_not(None), Call.result == CallResult.VOICEMAIL),
    )
    return db.session.scalars(spoke.order_by(Call.started_at.desc(), Call.id.desc())).first()


def latest_calls_of(user: User, *, at: datetime) -> Sequence[Call]:
    """The calls that `user` took in this duty, the newest first."""
    taken = (
        select(Call)
        .join(Call.ticket)
        .where(
            Call.operator_id == user.id,
            Call.started_at > at - A_DUTY,  # there is an index on it
            Call.answered_at.is_not(None),
            access.visible(user),
        )
        .options(contains_eager(Call.ticket))
        .order_by(Call.answered_at.desc())
        .limit(FEW)
    )
    return db.session.scalars(taken).all()


def work_of(user: User, *, at: datetime) -> Work:
    """What `user` and the pool have to ring soon, or to close because a message has arrived; own
    tickets, the pool.
    """
    to_ring = select(Callback.id).where(Callback.is_to_ring, Callback.is_overdue(at + DUE_WITHIN))
    due = (
        select(Callback)
        .where(
            Callback.id.in_(union(to_ring.correlate(None), messages.waiting_to_be_closed())),
            Callback.kind != CallbackKind.RETURN_CALL,  # these stand above, with their calls
            or_(Callback.owner_id == user.id, Callback.owner_id.is_(None)),
            access.visible(user),
        )
        .join(Callback.ticket)
        .order_by(Callback.due_at)
    )
    and_caller = contains_eager(Callback.ticket).joinedload(Ticket.caller)
    callbacks, count_of_callbacks = _first_few(due.options(and_caller))
    mine, pool = _held(user)
    return Work(
        missed=missed.missed_by(user),
        callbacks=callbacks,
        mine=[ticket for ticket, _count in mine],
        pool=[ticket for ticket, _count in pool],
        count_of_callbacks=count_of_callbacks,
        count_of_mine=mine[0][1] if mine else 0,
        count_of_pool=pool[0][1] if pool else 0,
    )


def _held(user: User) -> tuple[list[tuple[Ticket, int]], list[tuple[Ticket, int]]]:
    """The first few tickets of `user`, and of the pool, the oldest first, each with how many there
    are in all: in one query."""
    is_mine = Ticket.owner_id == user.id
    in_pool = Ticket.owner_id.is_(None)  # at whosever desk it was logged
    place = case((is_mine, 1), else_=0)
    rank = func.row_number().over(partition_by=place, order_by=(Ticket.opened_at, Ticket.id))
    ranked = (
        select(Ticket.id, place.label("is_mine"), rank.label("rank"))
        .add_columns(func.count().over(partition_by=place).label("of"))
        .where(
            Ticket.status.in_(AT_HOTLINE),
            Ticket.kept_since_at.is_(None),
            or_(is_mine, and_(in_pool, ~missed.is_missed())),
            access.visible(user),
        )
        .subquery()
    )
    found = (
        select(Ticket, ranked.c.is_mine, ranked.c.of)
        .join(ranked, ranked.c.id == Ticket.id)
        .where(ranked.c.rank <= FEW)
        .options(joinedload(Ticket.caller))
        .order_by(Ticket.opened_at, Ticket.id)
    )
    rows = db.session.execute(found).tuples().all()
    return (
        [(ticket, count) for ticket, is_mine, count in rows if is_mine],
        [(ticket, count) for ticket, is_mine, count in rows if not is_mine],
    )


def _first_few(found: Select[tuple[Row]]) -> tuple[list[Row], int]:
    """The first few rows, and how many there are in all: both in one query."""
    rows = db.session.execute(found.add_columns(func.count().over()).limit(FEW)).tuples().all()
    return [row for row, _total in rows], rows[0][1] if rows else 0

"""What an operator sees beside the form: the caller's history, the own promises, the pool."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from hotline import access
from hotline.feedback import evidence
from hotline.tickets.lifecycle import AT_HOTLINE
from models import (
    Call,
    Callback,
    Caller,
    CallerKind,
    CallerNumber,
    Direction,
    Resolution,
    Ticket,
    TicketStatus,
    User,
    db,
)

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

    callbacks: Sequence[Callback]
    mine: Sequence[Ticket]
    pool: Sequence[Ticket]
    count_of_callbacks: int
    count_of_mine: int
    count_of_pool: int


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
        open_matters=[OpenMatter(matter, _answer_of(matter)) for matter in open_tickets],
        promises=db.session.scalars(promised.order_by(Callback.due_at)).all(),
        earlier=_earlier(ticket, viewer),
        count_of_calls=_count(
            select(Call.id).where(Call.ticket_id == ticket.id, Call.direction == Direction.INBOUND)
        ),
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
    return or_(mine, Ticket.caller_id.in_(known))


def _answer_of(ticket: Ticket) -> str:
    if ticket.status is not TicketStatus.ANSWERED:
        return ""
    handoff = evidence.last_answer(ticket)
    return handoff.answer if handoff else ""


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
    """The promises of `user` and of the pool that fall due soon, own tickets, the pool."""
    due = (
        select(Callback)
        .where(
            Callback.ended_at.is_(None),
            Callback.exhausted_at.is_(None),
            Callback.due_at <= at + DUE_WITHIN,
            or_(Callback.owner_id == user.id, Callback.owner_id.is_(None)),
            access.visible(user),
        )
        .join(Callback.ticket)
        .order_by(Callback.due_at)
    )
    held = (
        select(Ticket)
        .where(Ticket.status.in_(AT_HOTLINE), access.visible(user))
        .order_by(Ticket.opened_at)
    )
    and_caller = contains_eager(Callback.ticket).joinedload(Ticket.caller)
    with_caller = joinedload(Ticket.caller)
    mine = held.where(Ticket.owner_id == user.id)
    pool = held.where(Ticket.owner_id.is_(None), Ticket.desk_department_id.is_(None))
    return Work(
        callbacks=db.session.scalars(due.options(and_caller).limit(FEW)).all(),
        mine=db.session.scalars(mine.options(with_caller).limit(FEW)).all(),
        pool=db.session.scalars(pool.options(with_caller).limit(FEW)).all(),
        count_of_callbacks=_count(due.with_only_columns(Callback.id)),
        count_of_mine=_count(mine.with_only_columns(Ticket.id)),
        count_of_pool=_count(pool.with_only_columns(Ticket.id)),
    )


def _count(ids: Select[tuple[int]]) -> int:
    return db.session.scalar(select(func.count()).select_from(ids.order_by(None).subquery())) or 0

"""Reading one ticket for its audit sheet: everything that was promised about it, and what came."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from models import (
    Call,
    Callback,
    CallbackAttempt,
    Extension,
    Feedback,
    Handoff,
    Ticket,
    TicketEvent,
    User,
    db,
)


class Verdict(StrEnum):
    """How a limit was kept."""

    IN_TIME = "in_time"
    LATE = "late"
    RUNNING = "running"  # not done, the limit is still to come
    OVERDUE = "overdue"  # not done, the limit is past
    STANDS = "stands"  # not done, the clock stands still
    OVER = "over"  # ended before the limit without being done


@dataclass(frozen=True)
class Kept:
    """A limit, when it was kept, and how: `late_by` is by the wall clock."""

    due_at: datetime
    done_at: datetime | None
    verdict: Verdict
    late_by: timedelta | None = None


def between(begin: datetime, end: datetime) -> timedelta:
    """The time from `begin` to `end` as their seconds on paper say it: so everybody can do sums."""
    return end.replace(microsecond=0) - begin.replace(microsecond=0)


def kept(
    due_at: datetime,
    done_at: datetime | None,
    *,
    at: datetime,
    over_at: datetime | None = None,
    is_paused: bool = False,
) -> Kept:
    """The verdict on a limit as it stands at `at`; `over_at`: when it ended without being done."""
    judged_at = done_at or over_at or at
    if judged_at > due_at and not is_paused:
        late = between(due_at, judged_at)
        return Kept(due_at, done_at, Verdict.LATE if done_at else Verdict.OVERDUE, late)
    if done_at:
        return Kept(due_at, done_at, Verdict.IN_TIME)
    if over_at:
        return Kept(due_at, None, Verdict.OVER)
    return Kept(due_at, None, Verdict.STANDS if is_paused else Verdict.RUNNING)


def handoffs_of(ticket: Ticket) -> Sequence[Handoff]:
    """Every passage through a department, the first one first."""
    found = (
        select(Handoff)
        .where(Handoff.ticket_id == ticket.id)
        .options(
            joinedload(Handoff.department),
            joinedload(Handoff.return_better_department),
            joinedload(Handoff.handler).lazyload(User.role_rows),
            selectinload(Handoff.extensions)
            .joinedload(Extension.asked_by)
            .lazyload(User.role_rows),
            selectinload(Handoff.extensions)
            .joinedload(Extension.decided_by)
            .lazyload(User.role_rows),
        )
    )
    return db.session.scalars(found.order_by(Handoff.id)).all()


def callbacks_of(ticket: Ticket) -> Sequence[Callback]:
    """Every promise to ring the caller, with each attempt."""
    found = (
        select(Callback)
        .where(Callback.ticket_id == ticket.id)
        .options(
            joinedload(Callback.owner).lazyload(User.role_rows),
            selectinload(Callback.attempts).joinedload(CallbackAttempt.by).lazyload(User.role_rows),
        )
    )
    return db.session.scalars(found.order_by(Callback.promised_at, Callback.id)).all()


def calls_of(ticket: Ticket) -> Sequence[Call]:
    """Every call and visit about it."""
    found = select(Call).where(Call.ticket_id == ticket.id)
    operator = joinedload(Call.operator).lazyload(User.role_rows)
    return db.session.scalars(found.options(operator).order_by(Call.started_at, Call.id)).all()


def feedback_of(ticket: Ticket) -> Sequence[Feedback]:
    """How the caller learnt the result, every time."""
    found = select(Feedback).where(Feedback.ticket_id == ticket.id)
    recorder = joinedload(Feedback.recorded_by).lazyload(User.role_rows)
    return db.session.scalars(found.options(recorder).order_by(Feedback.at, Feedback.id)).all()


def signed_rings_of(ticket: Ticket) -> Sequence[TicketEvent]:
    """Every ring that was tried in vain, and that a second person signed while it went on."""
    found = select(TicketEvent).where(
        TicketEvent.ticket_id == ticket.id, TicketEvent.kind == "sign_unreached"
    )
    return db.session.scalars(found.order_by(TicketEvent.id)).all()


def names_of(user_ids: Iterable[int | None]) -> dict[int, str]:
    """The names of some people by their ids."""
    wanted = {one for one in user_ids if one is not None}
    if not wanted:
        return {}
    found = select(User.id, User.display_name).where(User.id.in_(wanted))
    return dict(db.session.execute(found).tuples().all())

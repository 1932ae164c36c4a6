"""The rows behind one number of a report: exactly those that were counted, and no others."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import joinedload

from hotline.errors import Invalid
from hotline.figures.measures import Measure
from hotline.figures.sources import By, Scope
from hotline.i18n import N_
from models import Caller, Ticket, User, db

PAGE = 50


@dataclass(frozen=True)
class Row:
    """One row that was counted: its ticket, when it counts, how long it took (seconds)."""

    ticket: Ticket
    fact: Any  # the ticket itself, a call, a handoff or a callback
    at: datetime
    seconds: int | None


@dataclass(frozen=True)
class Page:
    rows: list[Row]
    after: str  # where the next page begins; empty on the last one


def within(scope: Scope, by: By, key: str) -> Scope:
    """`scope` narrowed to one row of a report by `by`; `key` empty means: to no row's."""
    more = scope.more
    if by is By.CATEGORY and by in scope.kinds:  # leaves are the rows then, each for itself
        more = (*more, Ticket.category_id == int(key) if key else Ticket.category_id.is_(None))
    return replace(scope, narrowed=(*scope.narrowed, (by, key)), more=more)


def number(measure: Measure, scope: Scope) -> int:
    """How many rows there are."""
    source = measure.source
    found = source.joined(select(func.count()), *scope.kinds)
    found = found.where(*scope.conditions(source), measure.holds(scope.at))
    return db.session.scalar(found) or 0


def rows(measure: Measure, scope: Scope) -> Select[Any]:
    """The rows as (fact, ticket), in no order."""
    source = measure.source
    found = source.joined(
        select(source.model) if source.model is Ticket else select(source.model, Ticket),
        *scope.kinds,
    )
    return found.where(*scope.conditions(source), measure.holds(scope.at))


def page(
    measure: Measure, scope: Scope, *, slowest: bool = False, after: str = "", size: int = PAGE
) -> Page:
    """A page of them: the latest first, or the slowest first. Raises Invalid for a bad `after`."""
    source = measure.source
    model: Any = source.model
    order = source.seconds if slowest and source.seconds is not None else source.anchor
    found = rows(measure, scope).order_by(order.desc(), model.id.desc()).limit(size + 1)
    if slowest and source.seconds is not None:
        found = found.where(source.seconds.is_not(None))
    if after:
        value, last_id = _key(after, slowest=order is source.seconds)
        found = found.where(or_(order < value, and_(order == value, model.id < last_id)))
    shown = [
        joinedload(Ticket.caller).selectinload(Caller.numbers),
        joinedload(Ticket.category),
        joinedload(Ticket.owner).lazyload(User.role_rows),
        joinedload(Ticket.department),
    ]
    result = db.session.execute(found.options(*shown)).unique().all()
    facts = [row[0] for row in result]
    has_more = len(facts) > size
    made = [_row(measure, fact, result[n][-1]) for n, fact in enumerate(facts[:size])]
    return Page(made, _after(facts[size - 1], order) if has_more else "")


def _row(measure: Measure, fact: Any, ticket: Ticket) -> Row:
    source = measure.source
    seconds = getattr(fact, source.seconds.key) if source.seconds is not None else None
    return Row(ticket, fact, getattr(fact, source.anchor.key), seconds)


def _after(fact: Any, order: Any) -> str:
    value = getattr(fact, order.key)
    text = f"{value.timestamp():.6f}" if isinstance(value, datetime) else str(value)
    return f"{text}_{fact.id}"


def _key(after: str, *, slowest: bool) -> tuple[Any, int]:
    value, _, last_id = after.partition("_")
    try:
        if slowest:
            return int(value), int(last_id)
        return datetime.fromtimestamp(float(value), tz=UTC), int(last_id)
    except (ValueError, OverflowError, OSError):
        raise Invalid(N_("There is no such page."), field="after") from None

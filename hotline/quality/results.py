"""What the inspections of a period found, beside how much work there was to inspect.

n of N: sheets scored of all that could have been drawn. Never a share without its denominator, and
no mean without the median and the lowest beside it.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from statistics import median
from typing import Any

from sqlalchemy import Select, func, select

from hotline import access
from hotline.quality import parts, queries
from models import (
    Decision,
    Department,
    Handoff,
    HandoffEnd,
    HandoffRole,
    Inspection,
    Ticket,
    TicketEvent,
    User,
    Work,
    db,
)


class By(StrEnum):
    """Whose work a line sums up."""

    OPERATOR = "operator"  # the calls of an operator
    DEPARTMENT = "department"  # the answers of a department
    TELLER = "teller"  # the callbacks of whoever told the result, or rang in vain


WORKS = {By.OPERATOR: Work.CALL, By.DEPARTMENT: Work.ANSWER, By.TELLER: Work.CALLBACK}


@dataclass(frozen=True)
class Row:
    """One operator, department or teller; key None: all of them together."""

    key: int | None
    whose: User | Department | None
    population: int  # N: all work of this kind in the period
    drawn: int  # sheets made, scored or not
    inspected: int  # n: sheets scored
    mean: Fraction | None
    median: Fraction | None
    lowest: int | None
    passed: int
    appealed: int
    changed: int


def results(since: datetime, until: datetime, *, by: By, viewer: User) -> list[Row]:
    """A line for each whose work of [since, until) there was, within what `viewer` may see.

    Work counts in the period in which it was done: closed, or answered; not when it was scored.
    """
    return with_whole(since, until, by=by, viewer=viewer)[0]


def with_whole(since: datetime, until: datetime, *, by: By, viewer: User) -> tuple[list[Row], Row]:
    """The same, and all lines together: the sheets are pooled, no means are averaged."""
    counts = dict(db.session.execute(_counted(by, since, until, viewer)).tuples().all())
    counts.pop(None, None)  # what is nobody's work; counting it costs less than looking twice
    sheets = _sheets(by, since, until, viewer)
    keys = counts.keys() | sheets.keys()
    named = _names(by, keys)
    rows = [_row(key, named[key], counts.get(key, 0), sheets[key]) for key in sorted(keys)]
    pooled = [one for group in sheets.values() for one in group]
    whole = _row(None, None, sum(counts.values()), pooled)
    return rows, whole


def population_page(
    by: By,
    since: datetime,
    until: datetime,
    *,
    viewer: User,
    key: int | None = None,
    after: int | None = None,
) -> tuple[Sequence[tuple[Ticket, datetime]], int | None]:
    """The work behind an N, in the order of its ids, and where the next page begins.

    Without `key` everybody's. A ticket that was closed or answered twice stands there twice.
    """
    work = _work(by, since, until, viewer).subquery()
    found = select(Ticket, work.c.at).join(work, work.c.ticket_id == Ticket.id).order_by(work.c.id)
    found = found.where(work.c.key.is_not(None) if key is None else work.c.key == key)
    if after is not None:
        found = found.where(work.c.id > after)
    rows = list(db.session.execute(found.add_columns(work.c.id).limit(queries.PAGE + 1)).tuples())
    more = rows[queries.PAGE - 1][2] if len(rows) > queries.PAGE else None
    return [(ticket, at) for ticket, at, _ in rows[: queries.PAGE]], more


def _counted(by: By, since: datetime, until: datetime, viewer: User) -> Select[Any]:
    work = _work(by, since, until, viewer).subquery()
    return select(work.c.key, func.count()).group_by(work.c.key)


def _work(by: By, since: datetime, until: datetime, viewer: User) -> Select[Any]:
    """Every piece of work of the period: its own id, its ticket, when, and whose (NULL: nobody)."""
    if by is By.DEPARTMENT:
        return (
            select(
                Handoff.id.label("id"),
                Handoff.ticket_id.label("ticket_id"),
                Handoff.answered_at.label("at"),
                Handoff.department_id.label("key"),
            )
            .join(Ticket, Ticket.id == Handoff.ticket_id)
            .where(
                Handoff.role == HandoffRole.LEAD,
                Handoff.end == HandoffEnd.ANSWERED,
                Handoff.answered_at >= since,
                Handoff.answered_at < until,
                access.visible(viewer),
            )
        )
    whose = parts.taken_by() if by is By.OPERATOR else parts.told_by()
    return parts.with_proof(
        select(
            TicketEvent.id.label("id"),
            TicketEvent.ticket_id.label("ticket_id"),
            TicketEvent.at.label("at"),
            whose.label("key"),
        ).join(Ticket, Ticket.id == TicketEvent.ticket_id)
    ).where(
        TicketEvent.kind.in_(parts.CLOSINGS),
        TicketEvent.at >= since,
        TicketEvent.at < until,
        access.visible(viewer),
    )


def _sheets(by: By, since: datetime, until: datetime, viewer: User) -> dict[int, list[Inspection]]:
    found = (
        select(Inspection)
        .join(Inspection.ticket)
        .where(
            Inspection.work == WORKS[by],
            Inspection.work_at >= since,
            Inspection.work_at < until,
            queries.visible(viewer),
        )
    )
    grouped: dict[int, list[Inspection]] = defaultdict(list)
    for one in db.session.scalars(found):
        grouped[(one.department_id or 0) if by is By.DEPARTMENT else one.person_id].append(one)
    return grouped


def _row(
    key: int | None, whose: User | Department | None, count: int, sheets: Sequence[Inspection]
) -> Row:
    scored = [one for one in sheets if one.total is not None]
    totals = [Fraction(one.total or 0) for one in scored]
    return Row(
        key=key,
        whose=whose,
        population=count,
        drawn=len(sheets),
        inspected=len(scored),
        mean=sum(totals, Fraction()) / len(totals) if totals else None,
        median=median(totals) if totals else None,
        lowest=int(min(totals)) if totals else None,
        passed=sum(one.is_passed for one in scored),
        appealed=sum(one.appealed_at is not None for one in scored),
        changed=sum(one.decision is Decision.CHANGED for one in scored),
    )


def _names(by: By, keys: Collection[int]) -> dict[int, User | Department]:
    if by is By.DEPARTMENT:
        departments = select(Department).where(Department.id.in_(keys))
        return {one.id: one for one in db.session.scalars(departments)}
    return {one.id: one for one in db.session.scalars(select(User).where(User.id.in_(keys)))}

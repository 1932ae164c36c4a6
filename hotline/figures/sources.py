"""What a report counts: rows of four tables, each with the instant that puts it into a period.

- a *matter* (诉求) belongs to the period in which it was opened, a closed one to that of its end
- a *clock* belongs to the period in which it was **due**: on time is said of what was due, and what
  was due is on time or late; what ended before its limit without having been done is neither
- merged tickets and calls without a matter are counted nowhere but among the calls
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from hotline import access
from hotline.figures.period import Period
from models import (
    AT_THE_COUNTER,
    Base,
    Call,
    Callback,
    CallbackEnd,
    CallbackKind,
    Caller,
    CallerKind,
    Category,
    Direction,
    Feedback,
    Handoff,
    HandoffEnd,
    HandoffRole,
    Level,
    Resolution,
    Ticket,
    Urgency,
    User,
)

Condition = ColumnElement[bool]
Column = InstrumentedAttribute[Any]
NOT_A_MATTER = (Resolution.MERGED, Resolution.NO_MATTER)
IS_A_MATTER = or_(Ticket.resolution.is_(None), Ticket.resolution.not_in(NOT_A_MATTER))
IS_LEAD = Handoff.role == HandoffRole.LEAD
# What was said on the way to an answer; the return of a missed call has a clock of its own.
ABOUT_THE_RESULT = Callback.kind.in_((CallbackKind.TELL, CallbackKind.FOLLOW_UP))


def _came_due(done: Condition, ended_at: Column, due_at: Column) -> Condition:
    """It was done, or its limit passed: what ended otherwise before that is no part of a rate."""
    return or_(done, ended_at.is_(None), ended_at > due_at)


RUNG = _came_due(Callback.first_attempt_at.is_not(None), Callback.ended_at, Callback.first_due_at)


class By(StrEnum):
    """What the rows of a report are."""

    DEPARTMENT = "department"
    OPERATOR = "operator"
    CATEGORY = "category"
    CALLER_KIND = "caller_kind"
    LEVEL = "level"
    URGENCY = "urgency"


OF_THE_TICKET: dict[By, Column] = {
    By.DEPARTMENT: Ticket.lead_department_id,
    By.OPERATOR: Ticket.operator_id,
    By.CATEGORY: Ticket.category_id,
    By.CALLER_KIND: Caller.kind,
    By.LEVEL: Ticket.level,
    By.URGENCY: Ticket.urgency,
}
WORDS: dict[By, type[StrEnum]] = {
    By.CALLER_KIND: CallerKind,
    By.LEVEL: Level,
    By.URGENCY: Urgency,
}


@dataclass(frozen=True)
class Source:
    """Rows of one table: when they count, which of them do, how long each took, whose they are."""

    model: type[Base]
    anchor: Column
    where: tuple[Condition, ...]
    seconds: Column | None = None
    own: Mapping[By, Column] | None = None  # where the row itself says whose it is
    is_due: bool = False  # the anchor is a due time: what lies ahead is not judged yet
    with_feedback: bool = False  # the row with which the ticket closed stands beside it

    def key(self, by: By) -> Column:
        """The column that says to which row of a report it belongs."""
        return (self.own or {}).get(by) or OF_THE_TICKET[by]

    def joined(self, found: Select[Any], *by: By) -> Select[Any]:
        """`found` over the rows with their ticket, and with the caller if `by` asks for it."""
        found = found.select_from(self.model)
        if self.model is not Ticket:
            found = found.join(Ticket, Ticket.id == self.model.ticket_id)  # type: ignore[attr-defined]
        if self.with_feedback:
            found = found.outerjoin(Feedback, Feedback.id == Ticket.closing_feedback_id)
        if By.CALLER_KIND in by:
            found = found.join(Caller, Caller.id == Ticket.caller_id)
        return found


SOURCES: dict[str, Source] = {
    "calls": Source(
        Call,
        Call.started_at,
        (Call.direction == Direction.INBOUND, Call.provider != AT_THE_COUNTER),
        Call.pickup_seconds,
        {By.OPERATOR: Call.operator_id},
    ),
    "matters": Source(Ticket, Ticket.opened_at, (IS_A_MATTER,), with_feedback=True),
    "closed": Source(
        Ticket, Ticket.closed_at, (IS_A_MATTER,), Ticket.whole_seconds, with_feedback=True
    ),
    # As the page of the money recovered has it: the month in which some was first reported.
    "money": Source(Ticket, Ticket.money_recovered_at, (Ticket.money_recovered_fen > 0,)),
    "passages": Source(
        Handoff, Handoff.handed_off_at, (IS_LEAD,), own={By.DEPARTMENT: Handoff.department_id}
    ),
    "returns": Source(
        Handoff,
        Handoff.ended_at,
        (IS_LEAD, Handoff.end == HandoffEnd.SENT_BACK),
        own={By.DEPARTMENT: Handoff.department_id},
    ),
    "sign": Source(
        Handoff,
        Handoff.accept_due_at,
        (
            IS_LEAD,
            Handoff.round == 1,
            _came_due(Handoff.accepted_at.is_not(None), Handoff.ended_at, Handoff.accept_due_at),
        ),
        Handoff.accept_seconds,
        {By.DEPARTMENT: Handoff.department_id},
        is_due=True,
    ),
    "handle": Source(
        Handoff,
        Handoff.handle_due_at,
        (
            IS_LEAD,
            Handoff.paused_at.is_(None),  # what stands still is not due
            _came_due(Handoff.end == HandoffEnd.ANSWERED, Handoff.ended_at, Handoff.handle_due_at),
        ),
        Handoff.handle_seconds,
        {By.DEPARTMENT: Handoff.department_id},
        is_due=True,
    ),
    "return_call": Source(
        Callback,
        Callback.first_due_at,
        (Callback.kind == CallbackKind.RETURN_CALL, RUNG),
        Callback.ring_seconds,
        {By.OPERATOR: Callback.owner_id},
        is_due=True,
    ),
    "callback": Source(
        Callback,
        Callback.first_due_at,
        (ABOUT_THE_RESULT, RUNG),
        Callback.ring_seconds,
        {By.OPERATOR: Callback.owner_id},
        is_due=True,
    ),
    "told": Source(
        Callback,
        Callback.ended_at,
        (ABOUT_THE_RESULT, Callback.end == CallbackEnd.KEPT),
        Callback.told_seconds,
        {By.OPERATOR: Callback.owner_id},
    ),
}


@dataclass(frozen=True)
class Scope:
    """Which rows a report is about: a period, what narrows it, who asks, and when."""

    period: Period
    viewer: User | None  # None is nobody: the whole house, for what is kept of its days
    at: datetime
    narrowed: tuple[tuple[By, str], ...] = ()
    only_departments: tuple[int, ...] | None = None  # a head's report is about these
    more: tuple[Condition, ...] = ()  # on the rows of the one source that is looked at
    parts: tuple[Period, ...] | None = None  # of the period, the days that are asked for; None: all

    @property
    def kinds(self) -> list[By]:
        """By what it is narrowed."""
        return [by for by, _ in self.narrowed]

    @property
    def is_empty(self) -> bool:
        """Whether no day of it is asked for."""
        return self.parts == ()

    def conditions(self, source: Source) -> list[Condition]:
        """The conditions on the rows of `source`, within what the viewer may see."""
        narrowed = [condition_of(source, by, value) for by, value in self.narrowed]
        if self.only_departments is not None:
            narrowed.append(source.key(By.DEPARTMENT).in_(self.only_departments))
        if self.viewer is not None:
            narrowed.append(access.visible(self.viewer))
        return [*source.where, self._anchored(source), *narrowed, *self.more]

    def _anchored(self, source: Source) -> Condition:
        """That a row counts in these days; what is due later than now is not judged yet."""
        latest = self.at if source.is_due else self.period.until
        parts = (self.period,) if self.parts is None else self.parts
        return or_(
            *(
                and_(source.anchor >= part.since, source.anchor < min(part.until, latest))
                for part in parts
            )
        )


def condition_of(source: Source, by: By, value: str) -> Condition:
    """The rows of `source` that belong to the row `value` of a report; empty: to none."""
    column = source.key(by)
    if not value:
        return column.is_(None)
    if by is By.CATEGORY:
        below = select(Category.id).where(
            or_(Category.id == int(value), Category.parent_id == int(value))
        )
        return column.in_(below)
    if by in (By.DEPARTMENT, By.OPERATOR):
        return column == int(value)
    return func.coalesce(column, "") == value

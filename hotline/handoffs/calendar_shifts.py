"""Which due times another calendar would move: all that lie ahead, whoever promised them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from hotline.calendars.queries import Calendars
from hotline.sla import deadlines
from models import Callback, CallbackKind, Extension, Handoff, Ticket, Urgency, db


@dataclass(frozen=True)
class Shift:
    """One due time of one row: from when it moves to when, and what it is called in the story."""

    row: Handoff | Callback | Extension
    ticket: Ticket
    column: str
    what: str
    before: datetime
    after: datetime


class Planner:
    """Asks of each due time where it stands by the other calendars.

    Limits in days end at the same instants for many tickets, so each is reckoned once.
    """

    def __init__(self, before: Calendars, after: Calendars, *, at: datetime) -> None:
        self._before, self._after, self._at = before, after, at
        self._known: dict[tuple[datetime, int | None, datetime], datetime] = {}

    def shifts(self) -> list[Shift]:
        """Every due time that moves, ticket by ticket."""
        found = [*self._of_handoffs(), *self._of_callbacks()]
        return sorted(found, key=lambda shift: shift.ticket.id)

    def _of_handoffs(self) -> Iterator[Shift]:
        found = (
            select(Handoff)
            .join(Handoff.ticket)
            .where(Handoff.ended_at.is_(None))
            .options(
                joinedload(Handoff.ticket),
                joinedload(Handoff.department),
                selectinload(Handoff.extensions),
            )
            .execution_options(populate_existing=True)
        )
        for handoff in db.session.scalars(found):
            yield from self._of_limits(handoff)
            for asked in handoff.extensions:
                if asked.decided_at is None:
                    yield from self._of_extension(handoff, asked)

    def _of_limits(self, handoff: Handoff) -> Iterator[Shift]:
        """A critical matter runs by the wall clock; what stands still has left what it had when it
        was stopped."""
        house, own = None, handoff.department_id
        runs = handoff.ticket.urgency is not Urgency.CRITICAL
        since = handoff.paused_at or self._at
        if runs:
            yield from self._shift(handoff, handoff.ticket, "handle_due_at", "handle", own, since)
        if runs and handoff.accepted_at is None:
            yield from self._shift(handoff, handoff.ticket, "accept_due_at", "accept", own, since)
        if handoff.return_is_undecided:
            yield from self._shift(handoff, handoff.ticket, "return_due_at", "return", house)

    def _of_extension(self, handoff: Handoff, asked: Extension) -> Iterator[Shift]:
        since, own = handoff.paused_at or self._at, handoff.department_id
        yield from self._shift(asked, handoff.ticket, "due_at", "extension", None)
        yield from self._shift(asked, handoff.ticket, "until_at", "asked_until", own, since)

    def _of_callbacks(self) -> Iterator[Shift]:
        """Of promises that nobody has tried to keep. A time the caller chose stays, and so does the
        next try, which keeps to the contact hours."""
        found = (
            select(Callback)
            .where(
                Callback.ended_at.is_(None),
                Callback.window == "",
                Callback.kind != CallbackKind.SAFETY,
                Callback.first_attempt_at.is_(None),
                ~Callback.attempts.any(),
            )
            .options(joinedload(Callback.ticket))
            .execution_options(populate_existing=True)
        )
        for callback in db.session.scalars(found):
            yield from self._shift(callback, callback.ticket, "due_at", callback.kind.value, None)

    def _shift(
        self,
        row: Handoff | Callback | Extension,
        ticket: Ticket,
        column: str,
        what: str,
        department_id: int | None,
        since: datetime | None = None,
    ) -> Iterator[Shift]:
        due_at: datetime | None = getattr(row, column)
        if due_at is None:
            return
        after = self._moved(due_at, department_id, since or self._at)
        if after != due_at:
            yield Shift(row, ticket, column, what, due_at, after)

    def _moved(self, due_at: datetime, department_id: int | None, since: datetime) -> datetime:
        key = (due_at, department_id, since)
        if key not in self._known:
            calendars = (one.business(department_id) for one in (self._before, self._after))
            self._known[key] = deadlines.moved_by_calendar(due_at, since, *calendars)
        return self._known[key]

"""When an administrator changes a calendar, what is still to come follows it."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from hotline import turns
from hotline.calendars import queries as calendars
from hotline.calendars.queries import Calendars
from hotline.calendars.service import TURN
from hotline.handoffs import clocks, moves, telling
from hotline.handoffs.calendar_shifts import Planner, Shift
from hotline.handoffs.moves import Why
from hotline.tickets import service as tickets
from models import Callback, Extension, Handoff, HandoffRole, Ticket, User


@dataclass(frozen=True)
class Forecast:
    """What another calendar would do to what is running and not yet due."""

    due_times: int
    tickets: int
    callers: int  # whom the hotline would owe a ring, because a later date was not told


def begin() -> Calendars:
    """The calendars before a change, in a unit of work in which nobody else changes them."""
    turns.take(TURN)
    calendars.current.forget()
    return calendars.current()


def forecast(before: Calendars, after: Calendars, *, at: datetime) -> Forecast:
    """How much `follow` would move, and how many callers would be owed a ring for it."""
    shifts = Planner(before, after, at=at).shifts()
    later = [shift for shift in shifts if _ends_after_the_date_told(shift)]
    return Forecast(len(shifts), len({shift.ticket.id for shift in shifts}), len(later))


def follow(before: Calendars, *, actor: User, at: datetime) -> int:
    """Move every due time that lies ahead from the calendars `before` to those of now, and write
    it into the ticket; return how many tickets it touched.

    The date that was told to the caller does not move untold: where a limit now ends after it, the
    hotline owes the caller a ring.
    """
    running = select(Handoff.ticket_id).where(Handoff.ended_at.is_(None))
    promised = select(Callback.ticket_id).where(Callback.ended_at.is_(None))
    turns.hold(or_(Ticket.id.in_(running), Ticket.id.in_(promised)))
    moved: dict[Ticket, list[list[str]]] = defaultdict(list)
    shifts = Planner(before, calendars.current(), at=at).shifts()
    for shift in shifts:
        _apply(shift, at)
        from_to = shift.before.isoformat(), shift.after.isoformat()
        moved[shift.ticket].append([shift.what, *from_to])
    for ticket, changes in moved.items():
        tickets.note_fact(ticket, "new_calendar", at=at, actor=actor, moved=changes)
    for handoff in filter(None, map(_answer_moved_by, shifts)):
        telling.keep_date_moved(handoff, at=at)
    return len(moved)


def _apply(shift: Shift, at: datetime) -> None:
    """Set the new due time; a warning that was given for the old one is given again."""
    row, column, due_at = shift.row, shift.column, shift.after
    if isinstance(row, Callback):
        row.due_at = row.first_due_at = due_at
        row.reminded_at = None
    elif isinstance(row, Handoff) and column == "handle_due_at":
        moves.move(row, due_at, Why.CALENDAR, at=at)
        clocks.settle(row)
    elif isinstance(row, Handoff) and column == "accept_due_at":
        row.accept_due_at, row.accept_reminded_at = due_at, None
        clocks.settle(row)
    elif isinstance(row, Handoff):
        row.return_due_at, row.return_reminded_at = due_at, None
    elif isinstance(row, Extension) and column == "due_at":
        row.due_at, row.reminded_at = due_at, None
    else:
        setattr(row, column, due_at)


def _answer_moved_by(shift: Shift) -> Handoff | None:
    """The handoff, if the caller waits for the answer that moves: what assists is not told, and
    what stands still is told when it goes on."""
    row = shift.row
    if not isinstance(row, Handoff) or shift.column != "handle_due_at":
        return None
    return row if row.role is HandoffRole.LEAD and row.paused_at is None else None


def _ends_after_the_date_told(shift: Shift) -> bool:
    ticket = shift.ticket
    return (
        _answer_moved_by(shift) is not None
        and bool(ticket.callback_number)
        and ticket.promised_at is not None
        and shift.after > ticket.promised_at
    )

"""When an administrator changes a calendar, what is still to come follows it."""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from hotline.calendars import queries as calendars
from hotline.calendars.queries import Calendars
from hotline.handoffs import clocks
from hotline.sla import deadlines
from hotline.tickets import service as tickets
from models import Callback, CallbackKind, Handoff, Ticket, Urgency, User, db

Move = Callable[[datetime, int | None], datetime]
Moved = list[list[str]]  # what, from when, to when: as the event of the ticket keeps it


def follow(before: Calendars, *, actor: User, at: datetime) -> int:
    """Move every due time that lies ahead from the calendars `before` to those of now, and write
    it into the ticket; return how many tickets it touched.

    The date that was promised to the caller stays: it does not move untold.
    """
    after = calendars.current()

    def move(due_at: datetime, department_id: int | None) -> datetime:
        return deadlines.moved_by_calendar(
            due_at, at, before.business(department_id), after.business(department_id)
        )

    moved: dict[Ticket, Moved] = defaultdict(list)
    for handoff in _running():
        before_it = _limits(handoff)
        _move_handoff(handoff, move)
        moved[handoff.ticket] += _changes(before_it, _limits(handoff))
    for callback in _promised():
        due_at = callback.due_at
        _move_callback(callback, move)
        kind = callback.kind.value
        moved[callback.ticket] += _changes({kind: due_at}, {kind: callback.due_at})
    touched = {ticket: changes for ticket, changes in moved.items() if changes}
    for ticket, changes in touched.items():
        tickets.note_fact(ticket, "new_calendar", at=at, actor=actor, moved=changes)
    return len(touched)


def _changes(before: dict[str, datetime | None], after: dict[str, datetime | None]) -> Moved:
    return [
        [what, due_at.isoformat(), moved_to.isoformat()]
        for what, due_at in before.items()
        if due_at is not None and (moved_to := after[what]) is not None and moved_to != due_at
    ]


def _running() -> list[Handoff]:
    found = select(Handoff).join(Ticket).where(Handoff.ended_at.is_(None))
    not_day_and_night = found.where(Ticket.urgency != Urgency.CRITICAL)
    return list(db.session.scalars(not_day_and_night.options(joinedload(Handoff.ticket))))


def _promised() -> list[Callback]:
    found = select(Callback).where(
        Callback.ended_at.is_(None),
        Callback.window == "",  # the caller's own time stays
        Callback.kind != CallbackKind.SAFETY,
    )
    return list(db.session.scalars(found.options(joinedload(Callback.ticket))))


def _move_handoff(handoff: Handoff, move: Move) -> None:
    department_id = handoff.department_id
    before = _limits(handoff)
    handoff.handle_due_at = move(handoff.handle_due_at, department_id)
    if handoff.handle_due_at != before["handle"]:
        handoff.handle_reminded_at = None  # the warning comes again, for the new limit
    if handoff.accepted_at is None:
        handoff.accept_due_at = move(handoff.accept_due_at, department_id)
    if handoff.accept_due_at != before["accept"]:
        handoff.accept_reminded_at = None
    if handoff.return_due_at is not None and handoff.return_is_undecided:
        handoff.return_due_at = move(handoff.return_due_at, None)
    if handoff.paused_at is None:
        clocks.settle(handoff)
    else:
        handoff.due_at = move(handoff.due_at, department_id)


def _limits(handoff: Handoff) -> dict[str, datetime | None]:
    return {
        "accept": handoff.accept_due_at,
        "handle": handoff.handle_due_at,
        "return": handoff.return_due_at,
    }


def _move_callback(callback: Callback, move: Move) -> None:
    before = callback.due_at
    callback.due_at = move(before, None)
    if callback.first_attempt_at is None:
        callback.first_due_at = move(callback.first_due_at, None)

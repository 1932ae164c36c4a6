"""What was written since the days were kept: noted in the same transaction, whoever writes.

Every flushed row that a report counts leaves a note of its ticket, whose days are looked up when
they are asked for; an instant that moves leaves a note of the day on which it counted before.
Statements that write many rows at once pass by here, so of these tables there are none
(tests/figures/kept/test_touched.py).
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, delete, event, inspect, select
from sqlalchemy.orm import InstrumentedAttribute, Session, SessionTransaction

from hotline import many_rows, new_rows
from hotline.calendars.chinese import ZONE
from hotline.figures.sources import SOURCES
from models import Base, Caller, Feedback, FigureTouch, Ticket, db

NOTED = "figures_touched"  # in the info of a session: what to write when it commits
ANCHORS: dict[type[Base], list[InstrumentedAttribute[Any]]] = {}
for _source in SOURCES.values():
    _known = ANCHORS.setdefault(_source.model, [])
    if _source.anchor not in _known:
        _known.append(_source.anchor)


def watch() -> None:
    """Note what is written in every session. Safe to repeat."""
    if event.contains(Session, "after_flush", _note):
        return
    event.listen(Session, "after_flush", _note)
    event.listen(Session, "before_commit", _write)
    event.listen(Session, "after_soft_rollback", _forget)
    for anchors in ANCHORS.values():
        for anchor in anchors:  # else the instant before is not known of a row that has expired
            event.listen(anchor, "set", _keep, active_history=True)


def days() -> set[date]:
    """The local days about which something was written that is not swept yet."""
    noted = select(FigureTouch.ticket_id).where(FigureTouch.ticket_id.is_not(None))
    left = select(FigureTouch.day).where(FigureTouch.day.is_not(None)).distinct()
    return days_of(noted) | {day for day in db.session.scalars(left) if day is not None}


def days_of(ticket_ids: Select[Any] | Iterable[int | None]) -> set[date]:
    """The local days on which something of these tickets counts, now or once it is due."""
    found: set[date] = set()
    for model, anchors in ANCHORS.items():
        rows = db.session.execute(select(*anchors).where(_ticket_id(model).in_(ticket_ids)))
        found |= {_day(at) for row in rows for at in row if at is not None}
    return found


def notes(limit: int) -> Sequence[FigureTouch]:
    """The first notes that are not swept yet."""
    found = select(FigureTouch).order_by(FigureTouch.id).limit(limit)
    return db.session.scalars(found).all()


def forget(ids: Iterable[int]) -> None:
    """Throw notes away: of their days nothing is kept any more."""
    db.session.execute(delete(FigureTouch).where(FigureTouch.id.in_(ids)))


def _ticket_id(model: type[Base]) -> Any:
    return Ticket.id if model is Ticket else model.ticket_id  # type: ignore[attr-defined]


def _day(at: datetime) -> date:
    return at.astimezone(ZONE).date()


def _note(session: Session, _context: Any) -> None:
    noted: set[tuple[str, Any]] = session.info.setdefault(NOTED, set())
    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(row, Caller):  # a new one has only tickets that leave a note themselves
            if row not in session.new and inspect(row).attrs.kind.history.has_changes():
                noted.add(("caller_id", row.id))
        elif type(row) in ANCHORS or isinstance(row, Feedback):
            noted |= _notes_of(row, is_gone=row in session.deleted)


def _notes_of(row: Any, *, is_gone: bool) -> set[tuple[str, Any]]:
    attributes = inspect(row).attrs
    ticket_id = "id" if isinstance(row, Ticket) else "ticket_id"
    has_left = is_gone or (ticket_id != "id" and attributes[ticket_id].history.deleted)
    noted = set()
    if not is_gone and getattr(row, ticket_id) is not None:
        noted.add(("ticket_id", getattr(row, ticket_id)))
    for anchor in ANCHORS.get(type(row), ()):
        before = list(attributes[anchor.key].history.deleted or ())
        if has_left:
            before.append(getattr(row, anchor.key))
        noted |= {("day", _day(at)) for at in before if at is not None}
    return noted


def _write(session: Session) -> None:
    """Write what was noted, once, with what it is about."""
    if session.in_nested_transaction():
        return
    session.flush()
    noted = session.info.pop(NOTED, set()) | _of_new_rows(session)
    if callers := [value for kind, value in noted if kind == "caller_id"]:
        theirs = session.scalars(select(Ticket.id).where(Ticket.caller_id.in_(callers)))
        noted |= {("ticket_id", one) for one in theirs}
    rows = [
        {"ticket_id": None, "day": None} | {kind: value}
        for kind, value in sorted(noted, key=str)
        if kind != "caller_id"
    ]
    many_rows.write(FigureTouch, rows)


def _of_new_rows(session: Session) -> set[tuple[str, Any]]:
    written = session.info.pop(new_rows.WRITTEN, ())
    return {
        ("ticket_id", row_id if model is Ticket else values["ticket_id"])
        for model, row_id, values in written
        if model in ANCHORS
    }


def _forget(session: Session, undone: SessionTransaction) -> None:
    """Forget when all is undone. A savepoint, or a flush in one, leaves what was before it."""
    one: SessionTransaction | None = undone
    while one is not None and not one.nested:
        one = one.parent
    if one is None:
        session.info.pop(NOTED, None)
        session.info.pop(new_rows.WRITTEN, None)


def _keep(_row: Any, _value: Any, _before: Any, _initiator: Any) -> None:
    """Nothing: that somebody listens is enough to have the value before loaded."""

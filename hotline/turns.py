"""Letting transactions about one thing follow each other on PostgreSQL; SQLite's all do anyway.

A rule that looks before it writes takes its turn first, and looks at the database afterwards, not
at what was loaded before: meanwhile somebody else may have been there.

Whoever writes a ticket, or what is owed about one, holds the ticket first and reads afterwards:
tickets in the order of their ids, and a ticket before its callbacks and handoffs.
"""

from collections.abc import Collection
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, select, text

from hotline.errors import Stale
from models import Callback, Feedback, Handoff, Ticket, db

Row = TypeVar("Row")
EVERYBODY = "whoever writes"
LOCK = text("SELECT pg_advisory_xact_lock(hashtext(:name))")
SHARE = text("SELECT pg_advisory_xact_lock_shared(hashtext(:name))")


def take(name: str) -> None:
    """Wait until no other transaction holds `name`, and hold it until this one ends."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(LOCK, {"name": name})


def begin(*, alone: bool) -> None:
    """Write beside all others who are not `alone`, or wait for all of them and keep them waiting.

    The first lock of every unit of work, so nobody waits for it who holds anything.
    """
    if db.engine.dialect.name == "postgresql":
        db.session.execute(LOCK if alone else SHARE, {"name": EVERYBODY})


def hold(whose: ColumnElement[bool]) -> None:
    """Let nobody else write the tickets that fit `whose` until this unit of work ends.

    Outside a unit of work nothing is written, so nothing is held.
    """
    if _others_write_beside():
        found = select(Ticket.id).where(whose).order_by(Ticket.id)
        db.session.execute(found.with_for_update(key_share=True)).all()


def hold_about(kind: type[Callback] | type[Handoff] | type[Feedback], row_id: int) -> None:
    """Hold the ticket of this row of `kind`, then the row itself.

    Raises Stale when the row went to another ticket while we waited.
    """
    if not _others_write_beside():
        return
    about = select(kind.ticket_id).where(kind.id == row_id)
    ticket_id = db.session.scalar(about)
    hold(Ticket.id == ticket_id)
    if db.session.scalar(about.with_for_update(key_share=True)) != ticket_id:
        raise Stale


def hold_all_about(
    kind: type[Callback] | type[Handoff] | type[Feedback], row_ids: Collection[int]
) -> None:
    """`hold_about` many rows at once."""
    if not _others_write_beside():
        return
    about = select(kind.id, kind.ticket_id).where(kind.id.in_(row_ids)).order_by(kind.id)
    before = db.session.execute(about).all()
    hold(Ticket.id.in_({row.ticket_id for row in before}))
    if db.session.execute(about.with_for_update(key_share=True)).all() != before:
        raise Stale


def hold_again(*tickets: Ticket) -> None:
    """Hold what was loaded before, and look at it anew."""
    hold(Ticket.id.in_([ticket.id for ticket in tickets]))
    if _others_write_beside():
        for ticket in tickets:
            db.session.refresh(ticket)


def anew(found: Select[tuple[Row]]) -> Select[tuple[Row]]:
    """`found`, in a unit of work as the database has it now, whatever was loaded before."""
    return found.execution_options(populate_existing=_is_writing())


def _others_write_beside() -> bool:
    return _is_writing() and db.engine.dialect.name == "postgresql"


def _is_writing() -> bool:
    return bool(db.session().info.get("writing"))

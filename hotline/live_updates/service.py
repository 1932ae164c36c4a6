"""Telling browsers at once: a row in the transaction of the fact, a wake-up after the commit."""

import threading
from datetime import datetime
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.orm import Session, SessionTransaction

from hotline import many_rows
from models import LiveUpdate, db

CHANNEL = "live_updates"
POSTED = "live_updates"  # in the info of a session: what to write when it commits, and where it was
NOTICE = text(f"NOTIFY {CHANNEL}")


class Bell(threading.Condition):
    """Wakes the streams of this process, and counts: what it rang for once is read once."""

    rung = 0

    def notify_all(self) -> None:
        self.rung += 1
        super().notify_all()


awake = Bell()  # on PostgreSQL the listener thread rings it too


def post(audience: str, kind: str, at: datetime, **data: Any) -> None:
    """Let every open page of `audience` hear of `kind` once the present transaction is committed.

    Audiences: `user:12`, `department:3`, `hotline` (operators and supervisors), `supervisors`.
    `data` holds ids and words of ours only: what may be seen is decided when the page asks. Said
    twice in one transaction, it is heard once.
    """
    session = db.session()
    row = {"at": at, "audience": audience, "kind": kind, "data": data}
    where = session.get_nested_transaction() or session.get_transaction()
    session.info.setdefault(POSTED, []).append((where, row))


def write(session: Session) -> None:
    """Write what was posted, all of it in one statement, at the end of the whole transaction."""
    if session.in_nested_transaction():
        return
    whole = session.get_transaction()
    posted = session.info.pop(POSTED, ())
    rows = {repr(row): row for where, row in posted if _is_within(where, whole)}
    if not rows:
        return
    many_rows.write(LiveUpdate, list(rows.values()))
    if db.engine.dialect.name == "postgresql":
        session.execute(NOTICE)
    session.info["woken"] = True


def forget(session: Session, undone: SessionTransaction) -> None:
    """Forget what was posted in a transaction, or a savepoint, that is undone."""
    if posted := session.info.get(POSTED):
        posted[:] = [one for one in posted if not _is_within(one[0], undone)]


def wake(session: Session) -> None:
    """Wake the waiting streams of this process after a commit that posted something.

    The end of a savepoint is none: nobody else sees what it did before the whole is committed.
    """
    if session.in_nested_transaction():
        return
    if session.info.pop("woken", False):
        with awake:
            awake.notify_all()


def _is_within(where: SessionTransaction | None, whole: SessionTransaction | None) -> bool:
    while where is not None and where is not whole:
        where = where.parent
    return where is not None


event.listen(Session, "before_commit", write)
event.listen(Session, "after_soft_rollback", forget)
event.listen(Session, "after_commit", wake)

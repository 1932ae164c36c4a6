"""Telling browsers at once: a row in the transaction of the fact, a wake-up after the commit."""

import threading
from datetime import datetime
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.orm import Session

from models import LiveUpdate, db

CHANNEL = "live_updates"
# Streams of this process wait here; on PostgreSQL the listener thread notifies it too.
awake = threading.Condition()


def post(audience: str, kind: str, at: datetime, **data: Any) -> None:
    """Let every open page of `audience` hear of `kind` once the present transaction is committed.

    Audiences: `user:12`, `department:3`, `hotline` (operators and supervisors), `supervisors`.
    `data` holds ids and words of ours only: what may be seen is decided when the page asks.
    """
    db.session.add(LiveUpdate(at=at, audience=audience, kind=kind, data=data))
    db.session.info["woken"] = True
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text(f"NOTIFY {CHANNEL}"))


def wake(session: Session) -> None:
    """Wake the waiting streams of this process after a commit that posted something.

    The end of a savepoint is none: nobody else sees what it did before the whole is committed.
    """
    if session.in_nested_transaction():
        return
    if session.info.pop("woken", False):
        with awake:
            awake.notify_all()


event.listen(Session, "after_commit", wake)

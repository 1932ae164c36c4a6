"""What one person's pages should hear of: one policy for the stream and for polling."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, func, select

from hotline import access
from hotline.permissions import Permission, has
from models import LiveUpdate, User, db

AT_ONCE = 500
KEPT_FOR = timedelta(hours=2)
# What is younger may not be committed yet, or be committed behind what is: it is told again.
SETTLED_AFTER = timedelta(seconds=5)
# On PostgreSQL a lower id may be committed after a higher one: a stream looks back this far.
LOOK_BACK = 100
# Asked by every page. With one condition for both, or an order, SQLite would read all there are.
YOUNG_AND_NEWEST = (
    select(LiveUpdate.id)
    .where(LiveUpdate.at >= bindparam("since"))
    .union_all(select(func.max(LiveUpdate.id)))
)


@dataclass(frozen=True)
class Update:
    """One row of `live_updates` as it is told."""

    id: int
    audience: str
    kind: str
    data: dict[str, Any] = field(hash=False)


def audiences_of(user: User) -> list[str]:
    """Whose updates `user` hears: the own ones, the departments', the hotline's, supervisors'.

    A reviewer reads everything, and has the board open.
    """
    audiences = [f"user:{user.id}"]
    audiences += [f"department:{one}" for one in access.departments_of(user)]
    if has(user, Permission.HANDLE_CALLS, Permission.REVIEW):
        audiences.append("hotline")
    if has(user, Permission.SUPERVISE, Permission.REVIEW):
        audiences.append("supervisors")
    return audiences


def newest_id() -> int:
    """The id of the last update of all; 0 when there was none."""
    return db.session.scalar(select(func.max(LiveUpdate.id))) or 0


def known(at: datetime) -> list[int]:
    """What a page that begins to read at `at` shows already: the young updates and the newest."""
    found = db.session.scalars(YOUNG_AND_NEWEST, {"since": at - SETTLED_AFTER})
    return sorted({one for one in found if one is not None})


def settled(at: datetime) -> int:
    """The id up to which everything is committed at `at`; 0 when there is none."""
    old = LiveUpdate.at < at - SETTLED_AFTER
    newest_first = (LiveUpdate.at.desc(), LiveUpdate.id.desc())
    return db.session.scalar(select(LiveUpdate.id).where(old).order_by(*newest_first).limit(1)) or 0


def is_swept_away(last_id: int) -> bool:
    """Whether what came after `last_id` is not all there any more, or was never numbered so."""
    oldest, newest = db.session.execute(
        select(func.min(LiveUpdate.id), func.max(LiveUpdate.id))
    ).one()
    return last_id > (newest or 0) or last_id < (oldest or 0) - 1


def after(last_id: int, audiences: Iterable[str], *, limit: int = AT_ONCE) -> list[Update]:
    """The updates for `audiences` that came after `last_id`, in order, `limit` at most."""
    return _updates(last_id, limit, LiveUpdate.audience.in_(list(audiences)))


def _updates(last_id: int, limit: int, *conditions: ColumnElement[bool]) -> list[Update]:
    found = (
        select(LiveUpdate.id, LiveUpdate.audience, LiveUpdate.kind, LiveUpdate.data)
        .where(LiveUpdate.id > last_id, *conditions)
        .order_by(LiveUpdate.id)
        .limit(limit)
    )
    return [Update(*row) for row in db.session.execute(found)]


class Reader:
    """How far one stream has read. What was committed late, under a lower id, is read too."""

    def __init__(self, last_id: int) -> None:
        self.last_id = self._began_after = last_id
        self._seen: set[int] = set()

    def read(self, audiences: Iterable[str]) -> list[Update]:
        """What is new for `audiences` since the last reading."""
        return self._new(after(self._from_id, audiences, limit=AT_ONCE + LOOK_BACK))

    def read_all(self) -> list[Update]:
        """The same for everybody."""
        return self._new(_updates(self._from_id, AT_ONCE + LOOK_BACK))

    def pass_over(self, count: int) -> None:
        """Take what has been committed of the last `count` for read; what comes among it is new."""
        self._began_after = self.last_id - count
        self.read_all()

    @property
    def _from_id(self) -> int:
        return max(self._began_after, self.last_id - LOOK_BACK)

    def _new(self, found: list[Update]) -> list[Update]:
        new = [update for update in found if update.id not in self._seen]
        self.last_id = max([self.last_id, *(update.id for update in new)])
        self._seen |= {update.id for update in new}
        self._seen = {one for one in self._seen if one > self.last_id - LOOK_BACK}
        return new


def forget_old(at: datetime) -> int:
    """Sweep away what every page has long heard; the newest row stays, so that ids go on."""
    old = delete(LiveUpdate).where(LiveUpdate.at < at - KEPT_FOR, LiveUpdate.id < newest_id())
    return int(db.session.execute(old).rowcount)  # type: ignore[attr-defined]

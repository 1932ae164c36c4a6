"""What one person's pages should hear of: one policy for the stream and for polling."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from hotline import access
from hotline.permissions import Permission, has
from models import LiveUpdate, User, db

AT_ONCE = 200
KEPT_FOR = timedelta(hours=2)
# On PostgreSQL a lower id may be committed after a higher one: a stream looks back this far.
LOOK_BACK = 100


def audiences_of(user: User) -> list[str]:
    """Whose updates `user` hears: the own ones, the departments', the hotline's, supervisors'."""
    audiences = [f"user:{user.id}"]
    audiences += [f"department:{one}" for one in access.departments_of(user)]
    if has(user, Permission.HANDLE_CALLS):
        audiences.append("hotline")
    if has(user, Permission.SUPERVISE):
        audiences.append("supervisors")
    return audiences


def id_before(at: datetime) -> int:
    """The id of the last update from before `at`; 0 when there was none."""
    earlier = select(func.max(LiveUpdate.id)).where(LiveUpdate.at < at)
    return db.session.scalar(earlier) or 0


def newest_id() -> int:
    """The id of the last update of all; 0 when there was none."""
    return db.session.scalar(select(func.max(LiveUpdate.id))) or 0


def after(last_id: int, audiences: Iterable[str], *, limit: int = AT_ONCE) -> list[LiveUpdate]:
    """The updates for `audiences` that came after `last_id`, in order, `limit` at most."""
    found = (
        select(LiveUpdate)
        .where(LiveUpdate.id > last_id, LiveUpdate.audience.in_(list(audiences)))
        .order_by(LiveUpdate.id)
        .limit(limit)
    )
    return list(db.session.scalars(found))


class Reader:
    """How far one stream has read. What was committed late, under a lower id, is read too."""

    def __init__(self, last_id: int) -> None:
        self.last_id = self._began_after = last_id
        self._seen: set[int] = set()

    def read(self, audiences: Iterable[str]) -> list[LiveUpdate]:
        """What is new since the last reading."""
        from_id = max(self._began_after, self.last_id - LOOK_BACK)
        found = after(from_id, audiences, limit=AT_ONCE + LOOK_BACK)
        new = [update for update in found if update.id not in self._seen]
        self.last_id = max([self.last_id, *(update.id for update in new)])
        self._seen |= {update.id for update in new}
        self._seen = {one for one in self._seen if one > self.last_id - LOOK_BACK}
        return new


def forget_old(at: datetime) -> int:
    """Sweep away what every page has long heard; the newest row stays, so that ids go on."""
    old = delete(LiveUpdate).where(LiveUpdate.at < at - KEPT_FOR, LiveUpdate.id < newest_id())
    return int(db.session.execute(old).rowcount)  # type: ignore[attr-defined]

"""The lines under somebody's bell: read by that person alone."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, ScalarSelect, and_, func, select, update

from hotline.errors import NotFound
from hotline.live_updates import service as live_updates
from models import Notification, User, db

A_PAGE = 50


def notices_of(user: User, *, before: int | None = None) -> Sequence[Notification]:
    """A page of what `user` was told, the newest first, older than the notice `before`."""
    found = select(Notification).where(Notification.user_id == user.id)
    if before is not None:
        found = found.where(Notification.id < before)
    return db.session.scalars(found.order_by(Notification.id.desc()).limit(A_PAGE)).all()


def unread_count(user: User) -> ScalarSelect[int]:
    """How many of the lines `user` has not read: a figure of a larger query."""
    return select(func.count()).where(_unread_by(user)).scalar_subquery()


def read(notice_id: int, *, reader: User, at: datetime) -> Notification:
    """Mark one notice as read and return it. Raises NotFound for somebody else's."""
    notice = db.session.get(Notification, notice_id)
    if notice is None or notice.user_id != reader.id:
        raise NotFound
    if notice.read_at is None:
        notice.read_at = at
        live_updates.post(f"user:{reader.id}", "bell", at)
    return notice


def read_all(*, reader: User, at: datetime) -> None:
    """Mark everything as read."""
    unread = update(Notification).where(_unread_by(reader))
    db.session.execute(unread.values(read_at=at).execution_options(synchronize_session=False))
    live_updates.post(f"user:{reader.id}", "bell", at)


def withdraw(told: str, *, at: datetime) -> int:
    """What was `told`, by the beginning of its key, is no longer so: mark it as read for everybody;
    return for how many."""
    found = select(Notification).where(
        Notification.dedupe_key.startswith(f"{told}:", autoescape=True),
        Notification.read_at.is_(None),
    )
    notices = db.session.scalars(found).all()
    for notice in notices:
        notice.read_at = at
        live_updates.post(f"user:{notice.user_id}", "bell", at)
    return len(notices)


def _unread_by(user: User) -> ColumnElement[bool]:
    return and_(Notification.user_id == user.id, Notification.read_at.is_(None))

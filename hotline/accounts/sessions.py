"""Signed-in browsers as rows: a cookie counts only while its row does."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import joinedload, selectinload

from models import LoginSession, User, db

IDLE_LIMIT = timedelta(minutes=30)
ABSOLUTE_LIMIT = timedelta(hours=12)
MOVED_EVERY = timedelta(minutes=1)  # how often activity is worth a write
ADDRESS_LENGTH = 64
USER_AGENT_LENGTH = 200
# Made once: every request begins with it.
BY_TOKEN = (
    select(LoginSession)
    .where(LoginSession.token_hash == bindparam("token_hash"))
    .options(
        joinedload(LoginSession.user).options(
            joinedload(User.department),
            joinedload(User.role_rows),
            joinedload(User.kept_departments),
            joinedload(User.seat),
        )
    )
)


def fingerprint(token: str) -> str:
    """What is stored of a session's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def start(user: User, *, at: datetime, address: str = "", user_agent: str = "") -> str:
    """A new session of `user`; returns the token for its cookie, which is stored nowhere."""
    token = secrets.token_urlsafe(32)
    row = LoginSession(
        token_hash=fingerprint(token),
        user_id=user.id,
        started_at=at,
        active_at=at,
        address=address[:ADDRESS_LENGTH],
        user_agent=user_agent[:USER_AGENT_LENGTH],
    )
    db.session.add(row)
    db.session.flush()
    return token


def by_token(token: str) -> LoginSession | None:
    """The session of a cookie, whether it still counts or not, with its user and all that says
    what this person may do and where they sit: every page begins here, in one query."""
    found = db.session.scalars(BY_TOKEN, {"token_hash": fingerprint(token)})
    return found.unique().one_or_none()


def is_alive(session: LoginSession, at: datetime) -> bool:
    """Whether `session` counts at `at`: idle 30 minutes and 12 hours in all are the limits."""
    return (
        session.ended_at is None
        and session.user.is_active
        and at - session.active_at < IDLE_LIMIT
        and at - session.started_at < ABSOLUTE_LIMIT
    )


def alive_among(session_ids: Collection[int], at: datetime) -> set[int]:
    """Those of `session_ids` that count at `at`, in one query."""
    found = (
        select(LoginSession.id)
        .join(LoginSession.user)
        .where(
            LoginSession.id.in_(session_ids),
            LoginSession.ended_at.is_(None),
            LoginSession.active_at > at - IDLE_LIMIT,
            LoginSession.started_at > at - ABSOLUTE_LIMIT,
            User.is_active,
        )
    )
    return set(db.session.scalars(found))


def users_among(session_ids: Collection[int]) -> dict[int, User]:
    """Whose `session_ids` are, whether they still count or not, with all that says what these
    people may do: in as many queries for hundreds as for one."""
    found = (
        select(LoginSession.id, User)
        .join(LoginSession.user)
        .where(LoginSession.id.in_(session_ids))
        .options(selectinload(User.kept_departments))
    )
    return dict(db.session.execute(found).tuples().all())


def is_here(user: User, at: datetime) -> bool:
    """Whether `user` is signed in anywhere at `at`."""
    mine = select(LoginSession).where(
        LoginSession.user_id == user.id, LoginSession.ended_at.is_(None)
    )
    return any(is_alive(session, at) for session in db.session.scalars(mine))


def is_worth_moving(session: LoginSession, at: datetime) -> bool:
    """Whether the last noted activity is more than a minute old."""
    return at - session.active_at >= MOVED_EVERY


def move(session_id: int, at: datetime) -> None:
    """Note that a person did something in this session just now, unless it has ended meanwhile."""
    db.session.execute(
        update(LoginSession)
        .where(
            LoginSession.id == session_id,
            LoginSession.ended_at.is_(None),
            LoginSession.active_at <= at - MOVED_EVERY,
        )
        .values(active_at=at)
        .execution_options(synchronize_session=False)
    )


def end(session: LoginSession, *, at: datetime) -> None:
    """Sign this browser out; an end that stands already stays."""
    session.ended_at = session.ended_at or at


def end_all(user: User, *, at: datetime) -> int:
    """Sign every browser of `user` out at once; return how many there were."""
    open_ones = select(LoginSession).where(
        LoginSession.user_id == user.id, LoginSession.ended_at.is_(None)
    )
    ended = 0
    for session in db.session.scalars(open_ones):
        end(session, at=at)
        ended += 1
    return ended


def forget_before(at: datetime) -> int:
    """Delete the sessions that began before `at`; the trail keeps their logins. Return how many."""
    done = db.session.execute(delete(LoginSession).where(LoginSession.started_at < at))
    return int(done.rowcount)  # type: ignore[attr-defined]

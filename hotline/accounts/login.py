"""Signing in with Flask-Login over a server-side row: ended rows end the session at once."""

import hashlib
import secrets
from datetime import datetime, timedelta

from flask import Flask
from flask_login import UserMixin
from sqlalchemy import select

from hotline import clock
from hotline.extensions import login_manager
from models import LoginSession, User, db

IDLE_LIMIT = timedelta(minutes=30)
ABSOLUTE_LIMIT = timedelta(hours=12)


class SignedIn(UserMixin):  # type: ignore[misc]
    """What Flask-Login holds for one request: the session row and its user."""

    def __init__(self, session: LoginSession, token: str) -> None:
        self.session = session
        self.user = session.user
        self._token = token

    def get_id(self) -> str:
        return self._token


def init_app(app: Flask) -> None:
    """Bind Flask-Login to `app`."""
    login_manager.init_app(app)
    login_manager.user_loader(load)
    login_manager.session_protection = None  # the row decides, not a guess about the browser


def fingerprint(token: str) -> str:
    """What is stored of a session's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_token() -> str:
    return secrets.token_urlsafe(32)


def load(token: str) -> SignedIn | None:
    """The person behind a cookie, if the row still counts: not ended, not idle, not too old."""
    session = db.session.scalar(
        select(LoginSession).where(LoginSession.token_hash == fingerprint(token))
    )
    if session is None or not is_alive(session, clock.now()):
        return None
    return SignedIn(session, token)


def is_alive(session: LoginSession, at: datetime) -> bool:
    """Whether `session` counts at `at`: idle 30 minutes and 12 hours in all are the limits."""
    return (
        session.ended_at is None
        and session.user.is_active
        and at - session.active_at < IDLE_LIMIT
        and at - session.started_at < ABSOLUTE_LIMIT
    )


def current_sessions(user: User) -> list[LoginSession]:
    """The sessions of `user` that were not ended."""
    found = select(LoginSession).where(
        LoginSession.user_id == user.id, LoginSession.ended_at.is_(None)
    )
    return list(db.session.scalars(found))

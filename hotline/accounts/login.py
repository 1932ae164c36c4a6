"""Signing in with Flask-Login over a server-side row: ended rows end the session at once."""

from collections.abc import Mapping
from http import HTTPStatus

import structlog
from flask import Flask, Response, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import UserMixin, current_user, login_user, logout_user
from sqlalchemy.exc import OperationalError
from werkzeug.wrappers import Response as BaseResponse

from hotline import clock
from hotline.accounts import sessions
from hotline.extensions import login_manager
from hotline.unit_of_work import unit_of_work
from models import LoginSession

log = structlog.get_logger()
A_YEAR = 365 * 24 * 3600
# What the page asks for by itself is no sign that somebody sits there.
BY_ITSELF = ("static", "live_updates.", "wall.")
# All that is open to who still has the password that somebody else chose.
OPEN_BEFORE_CHANGE = (
    *("static", "accounts.", "profile.change_password", "live_updates.", "health.", "wall."),
)


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
    login_manager.init_app(app, add_context_processor=False)  # pages have `viewer`
    login_manager.user_loader(load)
    login_manager.session_protection = None  # the row decides, not a guess about the browser
    app.before_request(ask_for_own_password)
    app.after_request(note_activity)


def load(token: str) -> SignedIn | None:
    """The person behind a cookie, if the row still counts: not ended, not idle, not too old."""
    row = sessions.by_token(token)
    if row is None or not sessions.is_alive(row, clock.now()):
        return None
    return SignedIn(row, token)


def remember(token: str) -> None:
    """Give this browser the session of `token`, and nothing of what it held before."""
    session.clear()
    row = sessions.by_token(token)
    if row is not None:
        login_user(SignedIn(row, token))


def forget() -> None:
    """Take the session from this browser."""
    logout_user()
    session.clear()


def keep_in_browser(answer: BaseResponse, chosen: Mapping[str, str]) -> BaseResponse:
    """Let this browser remember language and theme for the pages before the next login."""
    for name, value in chosen.items():
        answer.set_cookie(name, value, max_age=A_YEAR, samesite="Lax", secure=request.is_secure)
    return answer


def ask_for_own_password() -> ResponseReturnValue | None:
    """Who came in with a one-time password chooses an own one before anything else."""
    if (request.endpoint or "").startswith(OPEN_BEFORE_CHANGE) or not current_user.is_authenticated:
        return None
    if current_user.user.must_change_password:
        return redirect(url_for("profile.change_password"), 303)
    return None


def note_activity(response: Response) -> Response:
    """Move the idle limit for what a person did, at most once a minute.

    Streams, polling and the fragments that a page fetches by itself do not count, nor does what
    failed: the database may be away, and who it was cannot be asked.
    """
    has_failed = response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR
    if has_failed or not _is_by_a_person() or not current_user.is_authenticated:
        return response
    row, now = current_user.session, clock.now()
    if sessions.is_worth_moving(row, now):
        row_id = row.id
        try:
            with unit_of_work():
                sessions.move(row_id, now)
        except OperationalError:  # nobody may write just now: what was read is shown all the same
            log.warning("activity not noted")
    return response


def _is_by_a_person() -> bool:
    if request.endpoint is None or request.endpoint.startswith(BY_ITSELF):
        return False
    is_fragment = request.headers.get("HX-Request") == "true"
    return request.method not in ("GET", "HEAD") or not is_fragment

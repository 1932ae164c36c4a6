"""Live updates for the open pages of who is signed in."""

from collections.abc import Collection, Iterable

from flask import Blueprint, g
from flask.typing import ResponseReturnValue
from flask_login import current_user

from hotline import clock
from hotline.accounts import sessions
from hotline.guards import guard
from hotline.live_updates import feed, wire
from hotline.live_updates.news import Listener
from models import LoginSession, db

bp = Blueprint("live_updates", __name__)
bp.before_request(guard())


@bp.get("/live")
def stream() -> ResponseReturnValue:
    """Everything the viewer should hear of, until the session ends."""
    session_id = current_user.session.id

    def hears() -> Iterable[str] | None:
        session = db.session.get(LoginSession, session_id)
        if session is None or not sessions.is_alive(session, clock.now()):
            return None
        return feed.audiences_of(session.user)

    return wire.stream(f"user:{g.user.id}", Listener(session_id, _signed_in), hears)


def _signed_in(session_ids: Collection[int]) -> set[int]:
    return sessions.alive_among(session_ids, clock.now())


@bp.get("/live/poll")
def poll() -> ResponseReturnValue:
    """The same for a page without a stream."""
    return wire.poll(feed.audiences_of(g.user))

"""Live updates for the open pages of who is signed in."""

from collections.abc import Collection, Mapping

from flask import Blueprint, g
from flask.typing import ResponseReturnValue
from flask_login import current_user

from hotline import clock
from hotline.accounts import sessions
from hotline.guards import guard
from hotline.live_updates import feed, wire
from hotline.live_updates.ear import Listener

bp = Blueprint("live_updates", __name__)
bp.before_request(guard())


@bp.get("/live")
def stream() -> ResponseReturnValue:
    """Everything the viewer should hear of, until the session ends."""
    listener = Listener(current_user.session.id, _signed_in, _audiences)
    return wire.stream(f"user:{g.user.id}", listener)


def _signed_in(session_ids: Collection[int]) -> set[int]:
    return sessions.alive_among(session_ids, clock.now())


def _audiences(session_ids: Collection[int]) -> Mapping[int, list[str]]:
    signed_in = sessions.users_among(session_ids)
    return {session_id: feed.audiences_of(user) for session_id, user in signed_in.items()}


@bp.get("/live/poll")
def poll() -> ResponseReturnValue:
    """The same for a page without a stream."""
    return wire.poll(feed.audiences_of(g.user))

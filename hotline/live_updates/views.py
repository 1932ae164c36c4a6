"""Live updates for open pages: a stream of server-sent events, and polling where there is none."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta

from flask import Blueprint, Flask, Response, current_app, g, jsonify, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from hotline import clock
from hotline.accounts import sessions
from hotline.guards import guard
from hotline.live_updates import feed, listening, streams
from models import LiveUpdate, LoginSession, db

RETRY_AFTER_SECONDS = 10
WHILE_A_PAGE_LOADS = timedelta(seconds=5)
RECONNECT_MILLISECONDS = 2000
NUMBER = re.compile(r"[0-9]{1,18}")

bp = Blueprint("live_updates", __name__)
bp.before_request(guard())


@bp.get("/live")
def stream() -> ResponseReturnValue:
    """Everything the viewer should hear of, from `Last-Event-ID` on.

    A page that has just been loaded hears again what may have happened while it was loading.
    """
    listening.ensure(db.engine)
    just_now = clock.now() - WHILE_A_PAGE_LOADS
    reader = feed.Reader(_last_id() if _says_where() else feed.id_before(just_now))
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    frames = _frames(app, current_user.session.id, reader)
    give_back = streams.places.take(app.config["MAX_STREAMS"], frames)
    if streams.stopping.is_set() or give_back is None:
        headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
        return Response("busy\n", 503, headers, mimetype="text/plain")
    answer = Response(frames, mimetype="text/event-stream")
    answer.call_on_close(give_back)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


@bp.get("/live/poll")
def poll() -> ResponseReturnValue:
    """The same for a page without a stream: what came after `after`, and where to go on."""
    last_id = _last_id()
    found = feed.after(last_id, feed.audiences_of(g.user))
    updates = [{"id": one.id, "kind": one.kind, "data": one.data} for one in found]
    return jsonify(last=found[-1].id if found else last_id, updates=updates)


def _says_where() -> str:
    """Where the browser stopped hearing, in its own words; empty at first, or for nonsense."""
    given = request.headers.get("Last-Event-ID") or request.args.get("after", "")
    return given if NUMBER.fullmatch(given) else ""


def _last_id() -> int:
    """Where to go on; a browser that never heard anything begins now."""
    newest = feed.newest_id()
    return min(int(_says_where() or newest), newest)


def _frames(app: Flask, session_id: int, reader: feed.Reader) -> Iterator[str]:
    """The stream itself. Between two readings it holds no connection to the database."""
    silence = streams.Silence()
    yield f"retry: {RECONNECT_MILLISECONDS}\nid: {reader.last_id}\n\n"
    while not streams.stopping.is_set():
        with app.app_context():
            updates = _read(session_id, reader)
        if updates is None:
            return
        if updates or silence.is_long:
            silence.broken()
            yield "".join(updates) or ": still here\n\n"
        streams.wait()


def _read(session_id: int, reader: feed.Reader) -> list[str] | None:
    """What is new for the person of a session; None when that has ended."""
    session = db.session.get(LoginSession, session_id)
    if session is None or not sessions.is_alive(session, clock.now()):
        return None
    return [_frame(update) for update in reader.read(feed.audiences_of(session.user))]


def _frame(update: LiveUpdate) -> str:
    return f"id: {update.id}\nevent: {update.kind}\ndata: {json.dumps(update.data)}\n\n"

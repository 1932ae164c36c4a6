"""Live updates for open pages: a stream of server-sent events, and polling where there is none.

Both go on where the browser stopped, and tell again what is a few seconds old; the page knows
which it has heard. What was swept away meanwhile is told as one update of the kind `all`.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Flask, Response, current_app, g, jsonify, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from hotline import clock
from hotline.accounts import sessions
from hotline.guards import guard
from hotline.live_updates import feed, listening, streams
from hotline.live_updates.line import Line
from models import LiveUpdate, LoginSession, db

RETRY_AFTER_SECONDS = 10
RECONNECT_MILLISECONDS = 2000
NUMBER = re.compile(r"[0-9]{1,18}")
ALL: dict[str, Any] = {"kind": "all", "data": {}}
STILL_HERE: dict[str, Any] = {"kind": "still", "data": {}}  # a comment would not reach the page

bp = Blueprint("live_updates", __name__)
bp.before_request(guard())


@bp.get("/live")
def stream() -> ResponseReturnValue:
    """Everything the viewer should hear of, from `Last-Event-ID` on."""
    listening.ensure(db.engine)
    last_id = _last_id()
    reader = feed.Reader(_from(last_id))
    first = [_hello(reader.last_id)] + ([_frame(ALL)] if feed.is_swept_away(last_id) else [])
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    place = streams.places.take(app.config["MAX_STREAMS"], g.user.id)
    if place is None:
        headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
        return Response("busy\n", 503, headers, mimetype="text/plain")
    more = _frames(app, current_user.session.id, reader, Line(request.environ))
    answer = Response(_in(place, first, more), mimetype="text/event-stream")
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


@bp.get("/live/poll")
def poll() -> ResponseReturnValue:
    """The same for a page without a stream: what came after `after`, and where to go on."""
    last_id, newest = _last_id(), feed.newest_id()
    found = feed.after(_from(last_id), feed.audiences_of(g.user))
    updates = [{"id": one.id, **_told(one)} for one in found]
    if feed.is_swept_away(last_id):
        updates = [{"id": newest, **ALL}]
    elif len(found) == feed.AT_ONCE:
        newest = found[-1].id
    return jsonify(last=newest, updates=updates)


def _last_id() -> int:
    """Where the browser stopped hearing; one that never heard anything, or says nonsense: now."""
    given = request.headers.get("Last-Event-ID") or request.args.get("after", "")
    return int(given) if NUMBER.fullmatch(given) else feed.newest_id()


def _from(last_id: int) -> int:
    """After which id to read."""
    return min(last_id, feed.settled(clock.now()))


def _in(place: streams.Place, *parts: Iterator[str] | list[str]) -> Iterator[str]:
    with place:
        for part in parts:
            yield from part


def _frames(app: Flask, session_id: int, reader: feed.Reader, line: Line) -> Iterator[str]:
    """The stream itself. Between two readings it holds no connection to the database."""
    silence = streams.Silence()
    while not streams.stopping.is_set() and not line.is_cut:
        with app.app_context():
            updates = _read(session_id, reader)
        if updates is None:
            return
        if updates or silence.is_long:
            silence.broken()
            yield "".join(updates) or _frame(STILL_HERE)
        streams.wait()


def _read(session_id: int, reader: feed.Reader) -> list[str] | None:
    """What is new for the person of a session; None when that has ended."""
    session = db.session.get(LoginSession, session_id)
    if session is None or not sessions.is_alive(session, clock.now()):
        return None
    new = reader.read(feed.audiences_of(session.user))
    return [f"id: {update.id}\n{_frame(_told(update))}" for update in new]


def _told(update: LiveUpdate) -> dict[str, Any]:
    return {"kind": update.kind, "data": update.data}


def _hello(last_id: int) -> str:
    return f"retry: {RECONNECT_MILLISECONDS}\nid: {last_id}\n\n"


def _frame(told: dict[str, Any]) -> str:
    return f"data: {json.dumps(told)}\n\n"

"""How updates reach a browser: as a stream of server-sent events, or as the answer to a poll.

Both go on where the browser stopped, and tell again what is a few seconds old; the page knows
which it has heard. What was swept away meanwhile is told as one update of the kind `all`.
"""

import json
import re
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Any

from flask import Response, current_app, jsonify, request

from hotline import clock
from hotline.live_updates import feed, listening, streams
from hotline.live_updates.ear import Ear, Hears
from hotline.live_updates.feed import Update
from hotline.live_updates.line import Line
from hotline.live_updates.news import Listener
from hotline.live_updates.service import awake
from models import db

RETRY_AFTER_SECONDS = 10
RECONNECT_MILLISECONDS = 2000
NUMBER = re.compile(r"[0-9]{1,18}")
ALL: dict[str, Any] = {"kind": "all", "data": {}}
STILL_HERE: dict[str, Any] = {"kind": "still", "data": {}}  # a comment would not reach the page

Tell = Callable[[Update], dict[str, Any]]


def whole(update: Update) -> dict[str, Any]:
    """What a page of ours is told: what happened, and to which rows."""
    return {"kind": update.kind, "data": update.data}


def kind_alone(update: Update) -> dict[str, Any]:
    """What a screen is told that may know of no row."""
    return {"kind": update.kind, "data": {}}


def stream(whose: Hashable, listener: Listener, hears: Hears, tell: Tell = whole) -> Response:
    """Everything that `hears` says, from `Last-Event-ID` on; 503 when there is no place for it."""
    listening.ensure(db.engine)
    last_id = _last_id()
    reader = feed.Reader(_from(last_id))
    first = [_hello(reader.last_id)] + ([_frame(ALL)] if feed.is_swept_away(last_id) else [])
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    place = streams.places.take(app.config["MAX_STREAMS"], whose)
    if place is None:
        headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
        return Response("busy\n", 503, headers, mimetype="text/plain")
    ear = Ear(app, listener, hears, reader)
    more = _frames(ear, tell, Line(request.environ))
    answer = Response(_in(place, first, more), mimetype="text/event-stream")
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


def poll(audiences: Iterable[str], tell: Tell = whole) -> Response:
    """The same for a page without a stream: what came after `after`, and where to go on."""
    last_id, newest = _last_id(), feed.newest_id()
    found = feed.after(_from(last_id), audiences)
    updates = [{"id": one.id, **tell(one)} for one in found]
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


def _frames(ear: Ear, tell: Tell, line: Line) -> Iterator[str]:
    """The stream itself. Between two readings it holds no connection to the database."""
    silence = streams.Silence()
    with ear:
        while not streams.stopping.is_set() and not line.is_cut:
            rung = awake.rung
            updates = ear.hear()
            if updates is None:
                return
            if updates or silence.is_long:
                silence.broken()
                told = "".join(_told(update, tell, ear) for update in updates)
                yield told or _frame(STILL_HERE)
            streams.wait(rung)


def _told(update: Update | None, tell: Tell, ear: Ear) -> str:
    """One update; of what many hear, how many they are: their pages do not all ask at once."""
    if update is None:
        return _frame(ALL)
    among = {"among": streams.places.taken} if ear.is_one_of_many(update) else {}
    return f"id: {update.id}\n{_frame(tell(update) | among)}"


def _hello(last_id: int) -> str:
    return f"retry: {RECONNECT_MILLISECONDS}\nid: {last_id}\n\n"


def _frame(told: dict[str, Any]) -> str:
    return f"data: {json.dumps(told)}\n\n"

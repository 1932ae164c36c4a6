"""How updates reach a browser: as a stream of server-sent events, or as the answer to a poll.

Both go on where the browser stopped, and tell again what is a few seconds old; the page knows
which it has heard. What was swept away meanwhile is told as one update of the kind `all`.
"""

import json
import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from flask import Response, current_app, jsonify, request

from hotline import clock
from hotline.live_updates import feed, listening, news, streams
from hotline.live_updates.ear import Ear, Listener
from hotline.live_updates.feed import Update
from hotline.live_updates.line import Line
from hotline.live_updates.news import News
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


def stream(whose: Hashable, listener: Listener, tell: Tell = whole) -> Response:
    """Everything for `listener`, from `Last-Event-ID` on; 503 when there is no place for it."""
    listening.ensure(db.engine)
    last_id = _last_id()
    reader = feed.Reader(_from(last_id))
    first = [_hello(reader.last_id)] + ([_frame(ALL)] if feed.is_swept_away(last_id) else [])
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    place = streams.places.take(app.config["MAX_STREAMS"], whose)
    if place is None:
        headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
        return Response("busy\n", 503, headers, mimetype="text/plain")
    ear = Ear(listener, Line(request.environ))
    more = _frames(news.of(app), ear, reader, tell)
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


def _frames(its_news: News, ear: Ear, reader: feed.Reader, tell: Tell) -> Iterator[str]:
    """The stream itself. While it waits it holds no connection to the database."""
    with its_news.told_to(ear):
        updates: Sequence[Update | None] | None = its_news.catch_up(ear, reader)
        if updates:
            yield _told(updates, ear, tell)
        while updates is not None and (updates := ear.hear()) is not None:
            yield _told(updates, ear, tell) or _frame(STILL_HERE)


def _told(updates: Iterable[Update | None], ear: Ear, tell: Tell) -> str:
    """Of what many hear, how many they are: their pages do not all ask at once."""
    many = streams.places.taken
    return "".join(
        _frame(ALL) if one is None else _one(one, tell, many if ear.is_one_of_many(one) else 0)
        for one in updates
    )


@lru_cache(maxsize=64)  # hundreds of streams say the same
def _one(update: Update, tell: Tell, among: int) -> str:
    told = tell(update) | ({"among": among} if among else {})
    return f"id: {update.id}\n{_frame(told)}"


def _hello(last_id: int) -> str:
    return f"retry: {RECONNECT_MILLISECONDS}\nid: {last_id}\n\n"


def _frame(told: dict[str, Any]) -> str:
    return f"data: {json.dumps(told)}\n\n"

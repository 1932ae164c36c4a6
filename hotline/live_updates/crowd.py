"""What hundreds of pages ask for after the same news: one after the other, so that it never stands
in the way of a call that arrives, or of the page of whoever is rung."""

import threading

from flask import Flask, Response, g, request

CAN_WAIT = "Huiyin-Can-Wait"  # static/js/parts.js says so
LONGEST_SECONDS = 2.0
MOST_WAITING = 8  # each holds a thread

_turn = threading.Lock()
_waiting = threading.BoundedSemaphore(MOST_WAITING)


def init_app(app: Flask) -> None:
    """Let such questions to `app` wait before anything is read for them."""
    app.before_request(take_turn)
    app.teardown_request(give_turn)


def take_turn() -> Response | None:
    """Wait until nobody else is served who can wait; 503 after two seconds, or when enough wait
    already: the page asks again later. A form, which may arrive by drips, takes no turn."""
    if CAN_WAIT not in request.headers or request.method != "GET":
        return None
    if _waiting.acquire(blocking=False):
        try:
            g.has_turn = _turn.acquire(timeout=LONGEST_SECONDS)
        finally:
            _waiting.release()
    return None if g.get("has_turn") else Response("busy\n", 503, mimetype="text/plain")


def give_turn(_error: BaseException | None) -> None:
    """Let the next one be served."""
    if g.pop("has_turn", False):
        _turn.release()

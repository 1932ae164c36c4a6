"""The wall itself: a page for a screen that nobody is signed in at. It may look, and that is all.

The token travels behind the # of the link, which no server, log or referrer sees; the page posts
it, and gets a cookie for these addresses alone. It is signed, so that none can be tried but by
that door, which counts the tries.
"""

from collections.abc import Collection
from typing import Any

from flask import (
    Blueprint,
    Response,
    current_app,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response as BaseResponse

from hotline import clock
from hotline.accounts.service import TooManyTries
from hotline.error_pages import say
from hotline.figures import board, board_pages
from hotline.live_updates import feed, wire
from hotline.live_updates.ear import Listener
from hotline.tickets import filters
from hotline.unit_of_work import unit_of_work
from hotline.wall_clock import zone
from hotline.walls import service

COOKIE = "huiyin_wall"
A_YEAR = 365 * 24 * 3600
DEPARTMENTS_SHOWN = 7
NAMES_SHOWN = 14
DOOR = ("wall.screen", "wall.enter")

bp = Blueprint("wall", __name__)


def by_token() -> ResponseReturnValue | None:
    """A `before_request`: let in what has the cookie of a wall that is on; others to its door."""
    g.user, g.wall = None, None
    token = _token_of_cookie()
    g.wall = service.by_token(token) if token else None
    if g.wall is not None:
        g.locale = g.wall.locale
        return None
    return None if request.endpoint in DOOR else ("", 401)


by_token.is_guard = True  # type: ignore[attr-defined]
bp.before_request(by_token)


@bp.after_request
def note_seen(answer: Response) -> Response:
    """Note when a screen was last there, at most once a minute."""
    wall, now = g.get("wall"), clock.now()
    if wall is not None and service.is_worth_noting(wall, now):
        wall_id = wall.id
        with unit_of_work():
            service.note_seen(wall_id, now)
    return answer


@bp.get("/wall")
def screen() -> ResponseReturnValue:
    """The screen, or the door to it."""
    if g.wall is None:
        return render_template("walls/door.html", errors={})
    known = feed.known(clock.now())  # before the board is read
    shown = render_template("walls/screen.html", known=known, **_shown())
    return _remember(make_response(shown), _token_of_cookie())


@bp.post("/wall")
def enter() -> ResponseReturnValue:
    """A browser that has the token of a wall becomes that wall."""
    typed, at, address = request.form.get("token", ""), clock.now(), request.remote_addr or ""
    try:
        with unit_of_work():
            service.count_try(at=at, address=address)
    except TooManyTries as refusal:
        return render_template("walls/door.html", errors={"token": say(refusal)}), refusal.status
    with unit_of_work():
        wall = service.enter(typed, at=at, address=address)
    if wall is None:
        wrong = _("No screen has this token, or it was switched off.")
        return render_template("walls/door.html", errors={"token": wrong}), 422
    return _remember(redirect(url_for("wall.screen"), 303), service.spelled(typed))


@bp.get("/wall/board")
def show() -> ResponseReturnValue:
    """The figures alone, for the screen that stays open."""
    shown = _shown()
    return board_pages.stamped(render_template("walls/_screen.html", **shown), shown["board"].at)


@bp.get("/wall/live")
def stream() -> ResponseReturnValue:
    """That something moved, never what; it ends with the wall."""
    listener = Listener(g.wall.id, service.on_among, _audiences)
    return wire.stream(service.audience_of(g.wall.id), listener, wire.kind_alone)


def _audiences(wall_ids: Collection[int]) -> dict[int, list[str]]:
    return {wall_id: service.audiences_of(wall_id) for wall_id in wall_ids}


@bp.get("/wall/live/poll")
def poll() -> ResponseReturnValue:
    """The same for a screen without a stream."""
    return wire.poll(service.audiences_of(g.wall.id), wire.kind_alone)


def _shown() -> dict[str, Any]:
    at = clock.now()
    tomorrow = filters.end_of_day(at, zone())
    shown = board.read(at, tomorrow, None)
    return {
        "board": shown,
        "stamp": board_pages.stamp(at),
        "debts": board.debts(at, tomorrow),
        "seats": board_pages.for_a_wall(shown.seats),
        "departments_shown": DEPARTMENTS_SHOWN,
        "names_shown": NAMES_SHOWN,
    }


def _token_of_cookie() -> str:
    """The token this browser came in with; empty without a cookie that we have signed."""
    try:
        return str(_signer().loads(request.cookies.get(COOKIE, "")))
    except BadSignature:
        return ""


def _remember(answer: BaseResponse, token: str) -> BaseResponse:
    """Let this browser be that wall for another year, at the addresses of the wall alone."""
    answer.set_cookie(
        COOKIE,
        _signer().dumps(token),
        max_age=A_YEAR,
        path=url_for("wall.screen"),
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Strict",
    )
    return answer


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="wall")

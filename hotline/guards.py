"""Who gets past a blueprint's door."""

from collections.abc import Callable
from urllib.parse import urlsplit

from flask import g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from hotline import clock
from hotline.live_updates import feed
from hotline.permissions import Permission, require

Guard = Callable[[], ResponseReturnValue | None]


def guard(*permissions: Permission) -> Guard:
    """A `before_request`: let in who is signed in, and has one of `permissions` if any are named.

    Raises Forbidden. Sends a stranger to the login page, and back afterwards.
    """

    def check() -> ResponseReturnValue | None:
        if not current_user.is_authenticated:
            return to_the_door()
        g.user = current_user.user
        if permissions:
            require(g.user, *permissions)
        if "text/html" in request.headers.get("Accept", ""):
            g.known_updates = feed.known(clock.now())  # before the page reads what it shows
        return None

    check.is_guard = True  # type: ignore[attr-defined]
    return check


def to_the_door() -> ResponseReturnValue:
    """To the login, and back to the page afterwards; a script that asks for a part gets none."""
    is_stream = request.accept_mimetypes.best == "text/event-stream"
    if is_stream or request.is_json or "HX-Request" in request.headers:
        return "", 401
    page = urlsplit(request.referrer or "").path or "/"  # where the form was
    if request.method == "GET":
        page = request.full_path.rstrip("?")
    return redirect(url_for("accounts.login", next=page), 303)


def public() -> None:
    """A `before_request` that says: this blueprint is meant for strangers."""
    g.user = current_user.user if current_user.is_authenticated else None


public.is_guard = True  # type: ignore[attr-defined]

"""Who gets past a blueprint's door."""

from collections.abc import Callable

from flask import g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from hotline.permissions import Permission, require

Guard = Callable[[], ResponseReturnValue | None]


def guard(*permissions: Permission) -> Guard:
    """A `before_request`: let in who is signed in, and has one of `permissions` if any are named.

    Raises Forbidden. Sends a stranger to the login page, and back afterwards.
    """

    def check() -> ResponseReturnValue | None:
        if not current_user.is_authenticated:
            return redirect(url_for("accounts.login", next=request.full_path.rstrip("?")), 303)
        g.user = current_user.user
        if permissions:
            require(g.user, *permissions)
        return None

    check.is_guard = True  # type: ignore[attr-defined]
    return check


def public() -> None:
    """A `before_request` that says: this blueprint is meant for strangers."""
    g.user = current_user.user if current_user.is_authenticated else None


public.is_guard = True  # type: ignore[attr-defined]

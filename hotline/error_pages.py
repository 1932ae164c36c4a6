"""Refusals as pages: a sentence in the reader's language, the right status, nothing written."""

from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

import structlog
from flask import Flask, current_app, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from hotline import languages
from hotline.errors import HotlineError, Stale
from hotline.guards import to_the_door
from hotline.i18n import N_
from hotline.refusals import each_of
from hotline.safe_next import safe_next
from hotline.template_filters import label

log = structlog.get_logger()
SENTENCES = {
    400: N_("The request was not understood."),
    401: N_("Please sign in."),
    403: N_("You may not do this."),
    404: N_("There is no such page."),
    405: N_("This cannot be done here."),
    413: N_("That is too much at once."),
    429: N_("Too many tries. Wait a little."),
    500: N_("Something went wrong on our side. Nothing was lost: try again."),
    503: N_("The hotline is busy. Try again in a moment."),
}
# It is locked, too slow or gone, or has no connection to spare.
DATABASE_AWAY = (OperationalError, InterfaceError, PoolTimeout)
# SQLite calls everything operational, also a table that is missing.
FILE_AWAY = tuple(f"SQLITE_{why}" for why in ("BUSY", "LOCKED", "CANTOPEN", "IOERR", "FULL"))


def say(error: HotlineError) -> str:
    """The sentence of `error` in the reader's language; words of an enum by their labels."""
    params = {
        name: label(value) if isinstance(value, StrEnum) else value
        for name, value in error.params.items()
    }
    return _(error.sentence, **params)


def beside_fields(error: HotlineError) -> dict[str, str]:
    """Every sentence of `error` by the field it belongs beside; "" is the form as a whole."""
    return {one.field: say(one) for one in each_of(error)}


def register(app: Flask) -> None:
    """Show every refusal of `app` as a page, or as a line where a fragment was asked for."""
    app.register_error_handler(HotlineError, _refused)
    app.register_error_handler(StaleDataError, lambda error: _refused(Stale()))
    app.register_error_handler(CSRFError, _expired_form)
    app.register_error_handler(HTTPException, _http)
    for error in DATABASE_AWAY:
        app.register_error_handler(error, _database_away)


def _refused(error: HotlineError) -> ResponseReturnValue:
    return _page(say(error), error.status)


def _expired_form(error: CSRFError) -> ResponseReturnValue:
    if not current_user.is_authenticated and request.blueprint not in ("accounts", "wall"):
        return to_the_door()  # the session has ended, and the form's token with it
    return _page(_("This form has grown too old. Go back, load the page again and send it."), 400)


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None:
        return error
    status = error.code or 500
    page = _page(_(SENTENCES.get(status, SENTENCES[500])), status)
    headers: dict[str, Any] = dict(error.get_headers())
    allow = headers.get("Allow")
    return (*page, {"Allow": allow}) if allow else page


def _database_away(error: Exception) -> ResponseReturnValue:
    """A page without a viewer: who it is stands in the database, too."""
    of_sqlite = getattr(getattr(error, "orig", None), "sqlite_errorname", None)
    if of_sqlite is not None and not of_sqlite.startswith(FILE_AWAY):
        raise error
    log.error("the database does not answer", why=str(error), endpoint=request.endpoint)
    g.user, g.locale = None, languages.of_the_browser()
    sentence = _("The database does not answer just now. Nothing was lost: try again in a moment.")
    return (*_page(sentence, 503), {"Retry-After": "5"})


def _page(sentence: str, status: int) -> tuple[str, int]:
    is_fragment = request.headers.get("HX-Request") == "true"
    template = "errors/_line.html" if is_fragment else "errors/page.html"
    back = _came_from() if request.method == "POST" else ""
    return render_template(template, sentence=sentence, status=status, back=back), status


def _came_from() -> str:
    """The page of ours on which the refused button stood; "" where the browser does not say."""
    try:
        came_from = urlsplit(request.referrer or "")
    except ValueError:
        return ""
    page = safe_next(came_from._replace(scheme="", netloc="", fragment="").geturl())
    pages = current_app.create_url_adapter(request)
    if pages is None or came_from.netloc != request.host:
        return ""
    return page if pages.test(came_from.path, "GET") else ""

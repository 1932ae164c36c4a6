"""What no page of ours sends: numbers and days beyond every limit, NUL characters, endless forms.

It is refused as a request that is not understood, wherever it comes in; nothing is written.
"""

from collections.abc import Iterator
from io import BytesIO
from typing import IO, Any

import structlog
from flask import Flask, Request, abort, current_app, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DataError, StatementError
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge
from werkzeug.formparser import FormDataParser
from werkzeug.routing import IntegerConverter, Map

from models import db

log = structlog.get_logger()
LARGEST = 2**63 - 1  # what a database can compare an id with
FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 2000  # a stranger's form of two megabytes of names alone takes seconds to read
# A number or a day that nothing can hold; a value a column cannot; JSON nested without end.
IMPOSSIBLE = (OverflowError, DataError, RecursionError)


class RowNumber(IntegerConverter):
    """An id in an address: one that no row can have leads to no page."""

    def __init__(self, map: Map, **options: Any) -> None:
        super().__init__(map, **{"max": LARGEST, **options})


class ShortForms(FormDataParser):
    """Reads no form with more fields than any of ours has; counted before one of them is read."""

    def parse(
        self,
        stream: IO[bytes],
        mimetype: str,
        content_length: int | None,
        options: dict[str, str] | None = None,
    ) -> Any:
        if mimetype == FORM:
            body = stream.read()
            if body.count(b"&") >= MOST_FIELDS:
                raise RequestEntityTooLarge
            stream = BytesIO(body)
        return super().parse(stream, mimetype, content_length, options)


class OurRequest(Request):
    form_data_parser_class = ShortForms


def init_app(app: Flask) -> None:
    """Refuse such input on every route of `app`; before the blueprints are registered."""
    app.request_class = OurRequest
    app.url_map.converters["int"] = RowNumber
    app.before_request(refuse_nul)
    for impossible in IMPOSSIBLE:
        app.register_error_handler(impossible, _not_understood)
    app.register_error_handler(StatementError, _not_sent)


def refuse_nul() -> None:
    """PostgreSQL has no text with a NUL. What a provider signed is kept whatever it holds."""
    if request.blueprint != "hooks" and any("\0" in text for text in _texts()):
        abort(400)


def _texts() -> Iterator[str]:
    yield from (value for value in (request.view_args or {}).values() if isinstance(value, str))
    for fields in (request.args, request.form):
        for name, values in fields.lists():
            yield name
            yield from values


def _not_sent(error: StatementError) -> ResponseReturnValue:
    """What could not even be handed to the database, as a day before all days in UTC."""
    if not isinstance(error.orig, IMPOSSIBLE):
        raise error
    return _not_understood(error)


def _not_understood(error: Exception) -> ResponseReturnValue:
    log.warning("odd input", error=type(error).__name__, endpoint=request.endpoint)
    db.session.rollback()  # on PostgreSQL nothing can be read until the failed transaction ends
    return current_app.handle_http_exception(BadRequest())

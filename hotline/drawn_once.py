"""Parts of a page that are drawn once, and shown again wherever they would look the same.

A part is made of its values and of the language. What was drawn of the same values is what would be
drawn of them now, so nothing here can be out of date, or meant for somebody else. Who asks gives it
all that it shows: times in words and never a clock, what the viewer may read and never the viewer.
Neither the token of the session nor the page's own address is kept: their places are.
"""

import secrets
from collections import OrderedDict
from collections.abc import Hashable
from contextvars import ContextVar
from threading import Lock

from flask import Flask, request
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup, escape

from hotline.languages import WORDS

MOST = 3 * 2**20  # bytes of each process
# Nobody can write these into a text.
OF_THE_TOKEN, OF_THE_PAGE = secrets.token_hex(16), secrets.token_hex(16)
NOTHING_ELSE = dict.fromkeys(("request", "session", "g", "now", "viewer"))
_is_drawing: ContextVar[bool] = ContextVar("is_drawing", default=False)


class Shelf:
    """What was shown last, as much as fits into so many bytes."""

    def __init__(self, most: int = MOST) -> None:
        self._most, self._size = most, 0
        self._kept: OrderedDict[Hashable, Markup] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> Markup | None:
        with self._lock:
            html = self._kept.get(key)
            if html is not None:
                self._kept.move_to_end(key)
            return html

    def put(self, key: Hashable, html: Markup) -> None:
        with self._lock:
            self._size += _size(html) - _size(self._kept.pop(key, None))
            self._kept[key] = html
            while self._size > self._most:
                _, oldest = self._kept.popitem(last=False)
                self._size -= _size(oldest)


def _size(html: Markup | None) -> int:
    """With its values, which take about as much."""
    return 2 * html.__sizeof__() if html is not None else 0


def register(app: Flask) -> None:
    """Give the templates of `app` the function `drawn`."""
    shelf = Shelf()

    def drawn(template: str, *values: Hashable) -> Markup:
        """`template` made of `values`, which it has as `the`: one value, or several in order.

        They are compared: no Markup among them, which is equal to a text that is none.
        """
        key = template, WORDS.get_translations(), values
        html = shelf.get(key)
        if html is None:
            html = _draw(app, template, values)
            shelf.put(key, html)
        return html if _is_drawing.get() else _filled(html)

    app.add_template_global(drawn, "drawn")
    app.add_template_global(_token, "csrf_token")
    app.add_template_global(_page, "this_page")


def _draw(app: Flask, template: str, values: tuple[Hashable, ...]) -> Markup:
    the = values[0] if len(values) == 1 else values
    was_drawing = _is_drawing.set(True)
    try:
        return Markup(  # noqa: S704 - by a template, which escapes
            app.jinja_env.get_template(template).render(NOTHING_ELSE, the=the)
        )
    finally:
        _is_drawing.reset(was_drawing)


def _token() -> str:
    """The token of the session, or the place for it in what is kept."""
    return OF_THE_TOKEN if _is_drawing.get() else generate_csrf()


def _page() -> str:
    """Where to come back to, or the place for it."""
    if _is_drawing.get():
        return OF_THE_PAGE
    return request.full_path if request.method == "GET" else "/"


def _filled(html: Markup) -> Markup:
    """`html` with what belongs to this request alone."""
    filled = str(html)
    if OF_THE_TOKEN in filled:
        filled = filled.replace(OF_THE_TOKEN, generate_csrf())
    if OF_THE_PAGE in filled:
        filled = filled.replace(OF_THE_PAGE, escape(_page()))
    return Markup(filled)  # noqa: S704 - a signed word, an escaped address

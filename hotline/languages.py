"""Which of the two languages a page speaks, and the words of its templates."""

from collections.abc import Callable
from functools import lru_cache, wraps
from gettext import NullTranslations
from typing import Any, TypeVarTuple, cast

from babel import Locale
from flask import Flask, g, request
from flask_babel import Domain, get_locale
from flask_login import current_user
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from hotline.extensions import babel

LOCALES = ("zh", "en")
SAID_BEFORE = 2048  # of each kind of words, which a list has by the hundred
Ts = TypeVarTuple("Ts")


class Words(Domain):
    """The catalogue, looked up once for a page and not once for each of its hundreds of words."""

    def get_translations(self) -> NullTranslations:
        locale = spoken()
        if locale is None:
            return NO_WORDS
        here = g._get_current_object()
        kept = here.get("words")
        if kept is None or kept[0] is not locale:  # another language for a while: force_locale
            kept = here.words = locale, super().get_translations()  # type: ignore[no-untyped-call]
        return cast(NullTranslations, kept[1])


NO_WORDS = NullTranslations()
WORDS = Words()  # type: ignore[no-untyped-call]


def init_app(app: Flask) -> None:
    """Bind the translations of `app` and say how its language is chosen."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = f"{app.root_path}/translations"
    babel.init_app(app, locale_selector=choose_locale)
    babel.domain_instance = WORDS
    app.jinja_env.globals.update(gettext=in_words, _=in_words)


def spoken() -> Locale | None:
    """The language of this page, or that which is spoken for a while (force_locale): what
    `get_locale` says, which asks its way there in ten steps at each word of a page."""
    try:
        here = g._get_current_object()
    except RuntimeError:  # nobody asked for a page
        return None
    return getattr(here.get("_flask_babel"), "babel_locale", None) or cast(Locale, get_locale())


def is_chinese() -> bool:
    """Whether the page speaks Chinese."""
    locale = spoken()
    return locale is not None and locale.language == "zh"


def said_once(words: Callable[[*Ts], str]) -> Callable[[*Ts], str]:
    """Remember what `words` said of the same values, in the language it was said in. They must be
    all that it depends on: a day or a length of time, never the clock."""

    @lru_cache(SAID_BEFORE)
    def said(catalogue: NullTranslations, *values: *Ts) -> str:
        return words(*values)

    @wraps(words)
    def say(*values: *Ts) -> str:
        return said(WORDS.get_translations(), *values)

    return say


@pass_eval_context
def in_words(eval_ctx: EvalContext, sentence: str, **values: Any) -> str:
    """The `_()` of templates: `sentence` in the page's language, `values` escaped into it.

    Jinja takes every sentence for a format, which most are not, and asks for it in five calls.
    """
    words = WORDS.get_translations().gettext(sentence)
    said = Markup(words) if eval_ctx.autoescape else words  # noqa: S704 - our own catalogue
    return said % values if "%" in words else said


def choose_locale() -> str:
    """The person's own choice, then the browser's cookie, then its header; Chinese otherwise."""
    if forced := g.get("locale"):
        return str(forced)
    if current_user and current_user.is_authenticated and current_user.user.locale:
        return str(current_user.user.locale)
    return of_the_browser()


def of_the_browser() -> str:
    """The language of whoever asks, where nobody can be asked who it is."""
    chosen = request.cookies.get("locale", "")
    if chosen in LOCALES:
        return chosen
    return request.accept_languages.best_match(LOCALES) or LOCALES[0]

"""Which of the two languages a page speaks, and the words of its templates."""

from gettext import NullTranslations
from typing import Any, cast

from flask import Flask, g, request
from flask_babel import Domain, get_locale, get_translations
from flask_login import current_user
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from hotline.extensions import babel

LOCALES = ("zh", "en")


class Words(Domain):
    """The catalogue, looked up once for a page and not once for each of its hundreds of words."""

    def get_translations(self) -> NullTranslations:
        locale = get_locale()
        if locale is None:
            return NullTranslations()
        kept = g.get("words")
        if kept is None or kept[0] is not locale:  # another language for a while: force_locale
            kept = g.words = locale, super().get_translations()  # type: ignore[no-untyped-call]
        return cast(NullTranslations, kept[1])


def init_app(app: Flask) -> None:
    """Bind the translations of `app` and say how its language is chosen."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = f"{app.root_path}/translations"
    babel.init_app(app, locale_selector=choose_locale)
    babel.domain_instance = Words()  # type: ignore[no-untyped-call]
    app.jinja_env.globals.update(gettext=in_words, _=in_words)


@pass_eval_context
def in_words(eval_ctx: EvalContext, sentence: str, **values: Any) -> str:
    """The `_()` of templates: `sentence` in the page's language, `values` escaped into it.

    Jinja takes every sentence for a format, which most are not, and asks for it in five calls.
    """
    words = get_translations().gettext(sentence)
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

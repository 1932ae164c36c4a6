"""Which of the two languages a page speaks."""

from flask import Flask, g, request
from flask_login import current_user

from hotline.extensions import babel

LOCALES = ("zh", "en")


def init_app(app: Flask) -> None:
    """Bind the translations of `app` and say how its language is chosen."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = f"{app.root_path}/translations"
    babel.init_app(app, locale_selector=choose_locale)


def choose_locale() -> str:
    """The person's own choice, then the browser's cookie, then its header; Chinese otherwise."""
    if forced := g.get("locale"):
        return str(forced)
    if current_user and current_user.is_authenticated and current_user.user.locale:
        return str(current_user.user.locale)
    chosen = request.cookies.get("locale", "")
    if chosen in LOCALES:
        return chosen
    return request.accept_languages.best_match(LOCALES) or LOCALES[0]

"""What a notice says, in the language of who reads it: marked sentences and the message templates.

Services run where nobody is reading (webhooks, sweeps), so the language is the recipient's and not
that of a request.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from babel.dates import format_datetime
from babel.support import NullTranslations, Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from hotline.calendars.chinese import ZONE
from models import Category, Department

ROOT = Path(__file__).resolve().parents[2]
MOMENT = {"zh": "M月d日HH:mm", "en": "d MMM HH:mm"}


def packed(params: Mapping[str, object]) -> dict[str, Any]:
    """`params` as they are kept until somebody reads them: instants and names in two languages."""
    return {name: _packed(value) for name, value in params.items()}


def say(sentence: str, params: Mapping[str, Any], locale: str) -> str:
    """A marked sentence with its packed parameters, in `locale`."""
    words = {name: _unpacked(value, locale) for name, value in params.items()}
    translated = _translations(locale).gettext(sentence)
    return translated % words if words else translated


def render(template: str, locale: str, **values: object) -> str:
    """A file of templates/messages in `locale`, without the line break at its end."""
    return _environment(locale).get_template(template).render(values).strip()


def _packed(value: object) -> object:
    if isinstance(value, datetime):
        return {"at": value.isoformat()}
    if isinstance(value, Department | Category):
        return {"zh": value.name_zh, "en": value.name_en or value.name_zh}
    return value


def _unpacked(value: Any, locale: str) -> object:
    if not isinstance(value, dict):
        return value
    if "at" in value:
        local = datetime.fromisoformat(value["at"]).astimezone(ZONE)
        return format_datetime(local, MOMENT[locale], tzinfo=ZONE, locale=locale)
    return value[locale]


@cache
def _translations(locale: str) -> NullTranslations:
    return Translations.load(ROOT / "translations", [locale])


@cache
def _environment(locale: str) -> Environment:
    environment = Environment(  # noqa: S701 - plain text, nothing is read as markup
        loader=FileSystemLoader(ROOT / "templates" / "messages"),
        extensions=["jinja2.ext.i18n"],
        undefined=StrictUndefined,
        auto_reload=False,  # a letter would ask the disk whether its template has changed
    )
    translations = _translations(locale)
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        translations.gettext, translations.ngettext, newstyle=True
    )
    return environment

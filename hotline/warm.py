"""What every process would make of its own on its first pages, made once before any is forked.

Whoever asks first after a start does not wait for it, and the processes share it.
"""

from babel.dates import format_datetime
from flask import Flask
from flask_babel import force_locale, get_translations
from sqlalchemy.orm import configure_mappers

from hotline import clock
from hotline.calendars import official
from hotline.calendars.chinese import ZONE
from hotline.languages import LOCALES


def up(app: Flask) -> None:
    """Nothing of this asks the database."""
    configure_mappers()
    for name in app.jinja_env.list_templates(extensions=["html"]):
        app.jinja_env.get_template(name)
    now = clock.now()
    this_year = now.astimezone(ZONE).year
    for year in (this_year - 1, this_year, this_year + 1):
        official.days_of(year)
    for locale in LOCALES:
        with app.test_request_context(), force_locale(locale):
            get_translations()
        format_datetime(now, locale=locale)

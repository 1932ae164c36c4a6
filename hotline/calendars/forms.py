"""What an administrator types about hours and days, read into typed values."""

from datetime import date
from typing import Any

from flask import request
from werkzeug.datastructures import FileStorage

from hotline.calendars import hours_text, list_file, queries
from hotline.calendars.official import Days
from hotline.calendars.queries import Week
from hotline.calendars.service import WEEKDAYS
from hotline.errors import Invalid
from hotline.fields import Typed, number, short
from hotline.i18n import N_
from hotline.refusals import Refusals
from models import Department

FIRST_YEAR, LAST_YEAR = 2015, 2099
NAME_LENGTH = 64


def shown(week: Week) -> dict[str, str]:
    """The hours of a week as its form shows them."""
    return {day: hours_text.write(week[number]) for number, day in enumerate(WEEKDAYS)}


def week(typed: Typed) -> Week:
    """The hours that were typed. Raises Invalid, or Several, naming the weekdays."""
    with Refusals() as wrong:
        hours = [wrong.read(hours_text.parse, typed.get(day, ""), field=day) for day in WEEKDAYS]
    return tuple(hours)


def special_day(typed: Typed) -> dict[str, Any]:
    """What was typed about one day, in the words of the service. Raises Invalid."""
    with Refusals() as wrong:
        if typed.get("is_working") not in ("no", "yes"):
            wrong.refuse(N_("Choose one."), field="is_working")
        return {
            "on": wrong.read(_date, typed),
            "is_working": typed.get("is_working") == "yes",
            "intervals": wrong.read(hours_text.parse, typed.get("hours", ""), field="hours"),
            "name": wrong.read(short, typed, "name", NAME_LENGTH),
        }


def official_list(typed: Typed, file: FileStorage | None) -> tuple[int, Days]:
    """The year that was typed and its list from the file that came with it. Raises Invalid."""
    with Refusals() as wrong:
        year = number(typed, "year")
        if year is None or not FIRST_YEAR <= year <= LAST_YEAR:
            sentence = N_("Choose a year between %(first)d and %(last)d.")
            wrong.refuse(sentence, field="year", first=FIRST_YEAR, last=LAST_YEAR)
        if file is None or not file.filename:
            wrong.refuse(N_("Choose a file."), field="file")
        elif year is not None:
            data = file.stream.read(list_file.LARGEST + 1)
            days = wrong.read(list_file.read, data, year)
    return year or 0, days


def chosen_department() -> Department | None:
    """The department of the query; None: the house. Raises NotFound."""
    if not request.args.get("department"):
        return None
    return queries.department(request.args.get("department", -1, type=int))


def day_or_none(text: str) -> date | None:
    """A date of the years that can be edited; None for anything else."""
    try:
        on = date.fromisoformat(text)
    except ValueError:
        return None
    return on if FIRST_YEAR <= on.year <= LAST_YEAR else None


def _date(typed: Typed) -> date:
    on = day_or_none(typed.get("on", ""))
    if on is None:
        sentence = N_("Choose a day between %(first)d and %(last)d.")
        raise Invalid(sentence, field="on", first=FIRST_YEAR, last=LAST_YEAR)
    return on

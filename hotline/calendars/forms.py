"""What an administrator types about hours and days, read into typed values."""

from datetime import date
from typing import Any

from flask import request

from hotline.calendars import hours_text, queries
from hotline.calendars.queries import Week
from hotline.calendars.service import WEEKDAYS
from hotline.errors import Invalid
from hotline.fields import Typed, short
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


def chosen_department() -> Department | None:
    """The department of the query; None: the house. Raises NotFound."""
    if not request.args.get("department"):
        return None
    return queries.department(request.args.get("department", -1, type=int))


def _date(typed: Typed) -> date:
    try:
        on = date.fromisoformat(typed.get("on", ""))
        if not FIRST_YEAR <= on.year <= LAST_YEAR:
            raise ValueError(on)
    except ValueError as error:
        sentence = N_("Choose a day between %(first)d and %(last)d.")
        raise Invalid(sentence, field="on", first=FIRST_YEAR, last=LAST_YEAR) from error
    return on

"""The page of a year: twelve months, and the form for the day that was chosen in them."""

from datetime import date
from functools import partial
from typing import Any

from flask import g, render_template, request, url_for
from flask_babel import format_date

from hotline import clock
from hotline.calendars import forms, hours_text, queries
from hotline.calendars.chinese import ZONE
from hotline.calendars.forms import FIRST_YEAR, LAST_YEAR, chosen_department
from hotline.calendars.month_grid import Cell, months_of
from hotline.errors import NotFound
from hotline.fields import Typed
from hotline.permissions import Permission, has
from models import SpecialDay


def show(typed: Typed | None = None, errors: dict[str, str] | None = None) -> str:
    """The year and the day of the query; `typed` and `errors` when a form was refused."""
    department, today = chosen_department(), clock.now().astimezone(ZONE).date()
    chosen = forms.day_or_none(request.args.get("on", ""))
    year = request.args.get("year", (chosen or today).year, type=int)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise NotFound
    calendar = queries.calendar_for(department)
    days = queries.special_days(year, department.id if department else None)
    cell = Cell(chosen, calendar.day(chosen)) if chosen else None
    own = next((day for day in days if day.on == chosen), None)
    months = list(months_of(year, calendar))
    return render_template(
        "calendars/year.html",
        typed=_suggested(cell, own) if typed is None else typed,
        errors=errors or {},
        year=year,
        years=range(max(year - 1, FIRST_YEAR), min(year + 1, LAST_YEAR) + 1),
        months=months,
        working_days=sum(month.working_days for month in months),
        is_known=queries.is_year_known(year),
        days=days,
        chosen=cell,
        own=own,
        department=department,
        departments=queries.departments(),
        today=today,
        may_edit=has(g.user, Permission.ADMINISTER),
        write_hours=hours_text.write,
        breaks_of=hours_text.breaks,
        month_name=partial(format_date, format="LLL"),
        weekday_name=partial(format_date, format="ccc"),
        long_date=partial(format_date, format="full"),
    )


def url_of(on: date) -> str:
    """The page of the year of a day, with that day chosen, for the same department."""
    department = request.args.get("department") or None
    return url_for("years.show", year=on.year, on=on.isoformat(), department=department)


def _suggested(cell: Cell | None, own: SpecialDay | None) -> dict[str, Any]:
    """What the form begins with: what was said of the day before, else the opposite of it."""
    if cell is None:
        return {"is_working": "no"}
    if own is not None:
        said = {"is_working": "yes" if own.is_working else "no", "name": own.name}
        hours = hours_text.write(tuple((opens, closes) for opens, closes in own.intervals))
        return {"on": own.on.isoformat(), "hours": hours, **said}
    return {"on": cell.on.isoformat(), "is_working": "no" if cell.is_open else "yes"}

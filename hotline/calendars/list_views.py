"""Importing the official list of a year: looked at first, then put in place as a whole."""

from datetime import date

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline import clock
from hotline.calendars import forms, importing, list_file, listed, official, queries
from hotline.calendars.change_views import calendar_change
from hotline.calendars.chinese import ZONE
from hotline.calendars.forms import FIRST_YEAR, LAST_YEAR
from hotline.calendars.official import Days
from hotline.error_pages import beside_fields
from hotline.errors import Invalid, NotFound
from hotline.fields import Typed
from hotline.guards import guard
from hotline.handoffs import calendar_change as calendar_changes
from hotline.notifications import service as notifications
from hotline.permissions import Permission

bp = Blueprint("official_lists", __name__)
bp.before_request(guard(Permission.ADMINISTER))


@bp.get("/official-lists")
def index() -> ResponseReturnValue:
    """Which years have a list, from where, and the form that brings another one."""
    today = clock.now().astimezone(ZONE).date()
    year = queries.missing_year(today) or today.year + 1
    return _page({"year": request.args.get("year", str(year))}, {})


@bp.post("/official-lists")
def preview() -> ResponseReturnValue:
    """What the list that was sent would change; nothing is written."""
    try:
        year, days = forms.official_list(request.form, request.files.get("file"))
    except Invalid as refusal:
        return _page(request.form, beside_fields(refusal)), refusal.status
    before = queries.current()
    after = before.with_list(year, days)
    return render_template(
        "calendars/list_preview.html",
        year=year,
        text=list_file.write_csv(days),
        differences=listed.differences(queries.list_of(year), days),
        unnamed=listed.statutory_days_not_in(days, year),
        special_days=_of_the_house_in(year, days),
        forecast=calendar_changes.forecast(before, after, at=clock.now()),
    )


@bp.post("/official-lists/<int:year>")
def import_list(year: int) -> ResponseReturnValue:
    """The list that was looked at, read once more. Raises Invalid, NotFound."""
    _check(year)
    days = list_file.read(request.form.get("text", "").encode(), year)
    with calendar_change():
        importing.import_list(year, days, actor=g.user, at=clock.now())
        notifications.withdraw(f"{importing.MISSING}:{year}", at=clock.now())
    flash(_("The official list of %(year)d holds now.", year=year))
    return redirect(url_for("years.show", year=year), 303)


@bp.post("/official-lists/<int:year>/remove")
def remove_list(year: int) -> ResponseReturnValue:
    """Back to what is built in. Raises NotFound."""
    with calendar_change():
        importing.remove_list(year, actor=g.user, at=clock.now())
    flash(_("The imported list of %(year)d is gone.", year=year))
    return redirect(url_for("official_lists.index"), 303)


def _page(typed: Typed, errors: dict[str, str]) -> str:
    today = clock.now().astimezone(ZONE).date()
    imported = queries.imported_lists()
    years = {*range(FIRST_YEAR, today.year + 2), *imported}
    known = {year: queries.list_of(year) for year in sorted(years, reverse=True)}
    return render_template(
        "calendars/official_lists.html",
        typed=typed,
        errors=errors,
        lists=known,
        imported=imported,
        is_known=queries.is_year_known,
        first_year=FIRST_YEAR,
        last_year=LAST_YEAR,
        largest=list_file.LARGEST // 1024,
        example=list_file.write_csv(dict(list(official.list_of(today.year).items())[:4])),
    )


def _of_the_house_in(year: int, days: Days) -> list[date]:
    """The dates of a list of which an administrator has said something else."""
    special = queries.special_days(year, None)
    return [
        day.on for day in special if day.on in days and day.is_working != days[day.on].is_working
    ]


def _check(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise NotFound

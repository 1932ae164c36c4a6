"""Opening hours, holidays and special days, for administrators."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date, ngettext
from flask_babel import gettext as _

from hotline import clock
from hotline.calendars import forms, hours_text, queries, service
from hotline.calendars.chinese import ZONE
from hotline.calendars.forms import FIRST_YEAR, LAST_YEAR, chosen_department
from hotline.calendars.month_grid import months_of
from hotline.error_pages import beside_fields
from hotline.errors import Invalid, NotFound
from hotline.fields import Typed
from hotline.guards import guard
from hotline.handoffs import calendar_change as calendar_changes
from hotline.i18n import N_
from hotline.permissions import Permission
from hotline.unit_of_work import unit_of_work
from models import CalendarKind, Department

WEEKDAY_NAMES = (
    N_("Monday"),
    N_("Tuesday"),
    N_("Wednesday"),
    N_("Thursday"),
    N_("Friday"),
    N_("Saturday"),
    N_("Sunday"),
)
NOVEMBER = 11  # when the State Council announces the next year

bp = Blueprint("calendars", __name__)
bp.before_request(guard(Permission.ADMINISTER))


@bp.route("/opening-hours/<any(business, contact, duty):kind>", methods=["GET", "POST"])
def opening_hours(kind: str) -> ResponseReturnValue:
    calendar, department = CalendarKind(kind), chosen_department()
    if department and calendar is not CalendarKind.BUSINESS:
        raise NotFound
    if request.method == "GET":
        week = queries.weekly_hours(calendar, _id(department))
        return _week_page(calendar, forms.shown(week), {})
    try:
        with calendar_change():
            service.set_opening_hours(
                calendar,
                forms.week(request.form),
                department=chosen_department(),
                actor=g.user,
                at=clock.now(),
            )
    except Invalid as refusal:
        return _week_page(calendar, request.form, beside_fields(refusal)), refusal.status
    flash(_("The opening hours are saved."))
    return redirect(_hours_page(kind), 303)


@bp.post("/opening-hours/business/use-default")
def use_default_hours() -> ResponseReturnValue:
    with calendar_change():
        department = chosen_department()
        if department is None:
            raise NotFound
        service.use_default_hours(department, actor=g.user, at=clock.now())
    flash(_("The hours of the house apply again."))
    return redirect(_hours_page("business"), 303)


@bp.route("/special-days", methods=["GET", "POST"])
def special_days() -> ResponseReturnValue:
    if request.method == "GET":
        return _year_of_days({"is_working": "no"}, {})
    try:
        with calendar_change():
            day = service.set_special_day(
                **forms.special_day(request.form),
                department=chosen_department(),
                actor=g.user,
                at=clock.now(),
            )
            year = day.on.year
    except Invalid as refusal:
        return _year_of_days(request.form, beside_fields(refusal)), refusal.status
    flash(_("The day is saved."))
    return redirect(_year_page(year), 303)


@bp.post("/special-days/<int:day_id>/remove")
def remove_special_day(day_id: int) -> ResponseReturnValue:
    with calendar_change():
        day = service.remove_special_day(day_id, actor=g.user, at=clock.now())
        year = day.on.year
    flash(_("The official list holds again for this day."))
    return redirect(_year_page(year), 303)


@contextmanager
def calendar_change() -> Iterator[None]:
    """A unit of work in which the due times that lie ahead follow what it changes."""
    with unit_of_work():
        before = queries.current()
        yield
        moved = calendar_changes.follow(before, actor=g.user, at=clock.now())
    if moved:
        sentence = ngettext(
            "%(num)d ticket was reckoned anew: its story says from when to when.",
            "%(num)d tickets were reckoned anew: their stories say from when to when.",
            moved,
        )
        flash(sentence, "warning")


def _week_page(calendar: CalendarKind, typed: Typed, errors: dict[str, str]) -> str:
    department = chosen_department()
    return render_template(
        "calendars/opening_hours.html",
        typed=typed,
        errors=errors,
        weekdays=zip(service.WEEKDAYS, WEEKDAY_NAMES, strict=True),
        kind=calendar,
        department=department,
        departments=queries.departments(),
        is_own=department is not None and queries.has_own_hours(department.id),
    )


def _year_of_days(typed: Typed, errors: dict[str, str]) -> str:
    department, today = chosen_department(), clock.now().astimezone(ZONE).date()
    year = request.args.get("year", today.year, type=int)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise NotFound
    is_late = today.month >= NOVEMBER and not queries.is_year_known(today.year + 1)
    return render_template(
        "calendars/special_days.html",
        typed=typed,
        errors=errors,
        year=year,
        years=range(max(year - 1, FIRST_YEAR), min(year + 1, LAST_YEAR) + 1),
        months=months_of(year, queries.calendar_for(department)),
        is_known=queries.is_year_known(year),
        unknown_year=today.year + 1 if is_late else None,
        days=queries.special_days(year, _id(department)),
        department=department,
        departments=queries.departments(),
        today=today,
        write_hours=hours_text.write,
        month_name=partial(format_date, format="LLL"),
        weekday_name=partial(format_date, format="ccc"),
    )


def _id(department: Department | None) -> int | None:
    return department.id if department else None


def _hours_page(kind: str) -> str:
    department = request.args.get("department") or None
    return url_for("calendars.opening_hours", kind=kind, department=department)


def _year_page(year: int) -> str:
    department = request.args.get("department") or None
    return url_for("calendars.special_days", year=year, department=department)

"""Opening hours and special days, for administrators."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import groupby

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline import clock
from hotline.calendars import forms, hours_text, queries, service, year_pages
from hotline.calendars.change_views import calendar_change
from hotline.calendars.chinese import ZONE
from hotline.calendars.forms import chosen_department
from hotline.calendars.queries import Week
from hotline.error_pages import beside_fields
from hotline.errors import Invalid, NotFound
from hotline.fields import Typed
from hotline.guards import guard
from hotline.i18n import N_
from hotline.permissions import Permission
from hotline.sla.business_time import Intervals
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

Run = tuple[str, str, str]  # from which weekday to which, and their hours

bp = Blueprint("calendars", __name__)
bp.before_request(guard(Permission.ADMINISTER))


@bp.app_template_global()
def missing_list_year() -> int | None:
    """The year whose official list should be here by now; pages warn of it."""
    return queries.missing_year(clock.now().astimezone(ZONE).date())


@bp.route("/opening-hours/<any(business, contact, duty):kind>", methods=["GET", "POST"])
def opening_hours(kind: str) -> ResponseReturnValue:
    calendar, department = CalendarKind(kind), chosen_department()
    if department and calendar is not CalendarKind.BUSINESS:
        raise NotFound
    if request.method == "GET":
        copied = department is not None and "copy" in request.args
        week = queries.weekly_hours(calendar, None if copied else _id(department))
        return _week_page(calendar, forms.shown(week), {}, week)
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


@bp.post("/special-days")
def set_special_day() -> ResponseReturnValue:
    try:
        with calendar_change():
            day = service.set_special_day(
                **forms.special_day(request.form),
                department=chosen_department(),
                actor=g.user,
                at=clock.now(),
            )
            on = day.on
    except Invalid as refusal:
        return year_pages.show(request.form, beside_fields(refusal)), refusal.status
    flash(_("The day is saved."))
    return redirect(year_pages.url_of(on), 303)


@bp.post("/special-days/<int:day_id>/remove")
def remove_special_day(day_id: int) -> ResponseReturnValue:
    with calendar_change():
        day = service.remove_special_day(day_id, actor=g.user, at=clock.now())
        on = day.on
    flash(_("The official list holds again for this day."))
    return redirect(year_pages.url_of(on), 303)


def _week_page(
    calendar: CalendarKind, typed: Typed, errors: dict[str, str], week: Week | None = None
) -> str:
    """`week` is what is typed where it makes sense: the page says what it adds up to."""
    department, house = chosen_department(), queries.weekly_hours(calendar)
    is_business = calendar is CalendarKind.BUSINESS
    return render_template(
        "calendars/opening_hours.html",
        typed=typed,
        errors=errors,
        weekdays=zip(service.WEEKDAYS, WEEKDAY_NAMES, week or ((),) * 7, strict=True),
        kind=calendar,
        department=department,
        departments=queries.departments(),
        is_own=department is not None and queries.has_own_hours(department.id),
        differing=list(_differing(house)) if is_business else [],
        length_of=_length,
        breaks_of=hours_text.breaks,
    )


def _differing(house: Week) -> Iterator[tuple[Department, list[Run]]]:
    """Each department with hours of its own, and the weekdays on which they are not the house's."""
    for department in queries.departments():
        if queries.has_own_hours(department.id):
            own = queries.weekly_hours(CalendarKind.BUSINESS, department.id)
            yield department, list(_runs(own, house))


def _runs(own: Week, house: Week) -> Iterator[Run]:
    """The weekdays that differ; those in a row with the same hours are told once."""
    days = enumerate(zip(own, house, strict=True))
    told = groupby(days, key=lambda day: (day[1][0], day[1][0] != day[1][1]))
    for (hours, differs), run in told:
        if differs:
            names = [WEEKDAY_NAMES[number] for number, _ in run]
            yield names[0], names[-1], hours_text.write(hours)


def _length(intervals: Intervals) -> timedelta:
    return timedelta(minutes=sum(closes - opens for opens, closes in intervals))


def _id(department: Department | None) -> int | None:
    return department.id if department else None


def _hours_page(kind: str) -> str:
    department = request.args.get("department") or None
    return url_for("calendars.opening_hours", kind=kind, department=department)

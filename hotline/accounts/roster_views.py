"""The duty roster by the week, and handing on what is open when one's duty ends."""

from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.datastructures import MultiDict

from hotline import clock, fields
from hotline.accounts import queries, roster
from hotline.audit import service as audit
from hotline.callbacks import end_of_duty
from hotline.error_pages import beside_fields
from hotline.errors import Invalid
from hotline.guards import guard
from hotline.i18n import N_
from hotline.permissions import Permission, has, require
from hotline.unit_of_work import unit_of_work
from hotline.wall_clock import zone
from models import DutyShift, User

ONE_DAY = timedelta(days=1)

bp = Blueprint("roster", __name__)
bp.before_request(guard(Permission.HANDLE_CALLS))


@bp.get("/duty")
def week() -> ResponseReturnValue:
    """Seven days: who is on duty when, and who leads."""
    return _week_page(_monday(request.args.get("week", "")))


@bp.post("/duty/shifts")
def add() -> ResponseReturnValue:
    """Put somebody on the roster; a time before the beginning is on the next day."""
    require(g.user, Permission.SUPERVISE)
    typed = request.form
    try:
        starts_at, ends_at = _stretch(typed)
        with unit_of_work():
            user = fields.row(User, typed, "user")
            is_leader = "is_leader" in typed
            shift = roster.add_shift(user, starts_at, ends_at, is_leader=is_leader)
            _written("add_shift", shift)
    except Invalid as refusal:
        page = _week_page(_monday(typed.get("on", "")), typed, beside_fields(refusal))
        return page, 422
    flash(_("On the roster."))
    return redirect(_url(typed.get("on", "")), 303)


@bp.post("/duty/shifts/<int:shift_id>/remove")
def remove(shift_id: int) -> ResponseReturnValue:
    """Take a duty off the roster; one that runs already ends now."""
    require(g.user, Permission.SUPERVISE)
    with unit_of_work():
        shift = roster.get(shift_id)
        day = shift.starts_at.astimezone(zone()).date()
        _written("remove_shift", shift)
        roster.remove_shift(shift, at=clock.now())
    flash(_("Taken off the roster."))
    return redirect(_url(day.isoformat()), 303)


@bp.post("/duty/copy")
def copy() -> ResponseReturnValue:
    """Repeat last week's roster in the week that is shown."""
    require(g.user, Permission.SUPERVISE)
    monday = _monday(request.form.get("week", ""))
    with unit_of_work():
        copied = roster.copy_week(monday, zone=zone())
        audit.record("copy_roster", actor=g.user, at=clock.now(), subject=monday.isoformat())
    flash(ngettext("%(num)d duty copied.", "%(num)d duties copied.", copied))
    return redirect(_url(monday.isoformat()), 303)


@bp.get("/duty/hand-over")
def hand_over() -> ResponseReturnValue:
    """What I hold, ready to be handed on."""
    return _hand_over_page({})


@bp.post("/duty/hand-over")
def hand_on() -> ResponseReturnValue:
    """Hand what is chosen on to a colleague, or put it into the pool."""
    typed, at = request.form, clock.now()
    try:
        with unit_of_work():
            to = None if typed.get("to") == "pool" else fields.row(User, typed, "to")
            count = end_of_duty.hand_on(
                g.user,
                to,
                ticket_ids=set(typed.getlist("tickets", type=int)),
                callback_ids=set(typed.getlist("callbacks", type=int)),
                at=at,
            )
    except Invalid as refusal:
        return _hand_over_page(beside_fields(refusal)), 422
    flash(ngettext("%(num)d handed on.", "%(num)d handed on.", count))
    return redirect(url_for("roster.hand_over"), 303)


def _week_page(monday: date, typed: Any = None, errors: dict[str, str] | None = None) -> str:
    now = clock.now()
    begins, ends = roster.week_of(monday, zone())
    may_edit = has(g.user, Permission.SUPERVISE)
    today = now.astimezone(zone()).date()
    first_free = max(monday, today) if today < monday + roster.WEEK else monday
    return render_template(
        "accounts/roster.html",
        monday=monday,
        previous=_url((monday - roster.WEEK).isoformat()),
        following=_url((monday + roster.WEEK).isoformat()),
        is_this_week=monday <= today < monday + roster.WEEK,
        days=_days(monday, roster.shifts_between(begins, ends)),
        on_duty=roster.on_duty(now),
        leader=roster.shift_leader(now),
        may_edit=may_edit,
        colleagues=queries.who_may(Permission.HANDLE_CALLS) if may_edit else [],
        typed=typed or {"on": first_free.isoformat(), "begins": "08:00", "ends": "20:00"},
        errors=errors or {},
    )


def _days(monday: date, shifts: list[DutyShift]) -> list[tuple[date, list[DutyShift]]]:
    days: dict[date, list[DutyShift]] = {monday + i * ONE_DAY: [] for i in range(7)}
    for shift in shifts:
        days[shift.starts_at.astimezone(zone()).date()].append(shift)
    return list(days.items())


def _hand_over_page(errors: dict[str, str]) -> str:
    now = clock.now()
    colleagues = queries.colleagues_who_came(g.user, Permission.HANDLE_CALLS)
    on_duty = [user for user in roster.on_duty(now) if user in colleagues]
    others = [user for user in colleagues if user not in on_duty]
    return render_template(
        "accounts/hand_over.html",
        left=end_of_duty.left_open(g.user),
        shift=roster.shift_of(g.user, now),
        on_duty=on_duty,
        others=others,
        next_duties=roster.next_duties(now),
        typed=request.form,
        errors=errors,
    )


def _stretch(typed: MultiDict[str, str]) -> tuple[datetime, datetime]:
    """Beginning and end as typed, local; an end at or before the beginning is the next day's."""
    begins = datetime.combine(fields.day(typed, "on"), _time(typed, "begins"), zone())
    ends = datetime.combine(fields.day(typed, "on"), _time(typed, "ends"), zone())
    return begins, ends if ends > begins else ends + ONE_DAY


def _time(typed: MultiDict[str, str], field: str) -> time:
    try:
        return time.fromisoformat(typed.get(field, "")).replace(tzinfo=None)
    except ValueError as error:
        raise Invalid(N_("Write a time, like 08:30."), field=field) from error


def _monday(text: str) -> date:
    """The Monday of the week of a typed date, else of this week."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = clock.now().astimezone(zone()).date()
    return day - timedelta(days=day.weekday())


def _url(day: str) -> str:
    return url_for("roster.week", week=_monday(day).isoformat())


def _written(kind: str, shift: DutyShift) -> None:
    """The trail names the person and the stretch of duty."""
    audit.record(
        kind,
        actor=g.user,
        at=clock.now(),
        subject=shift.user.display_name,
        starts_at=shift.starts_at.isoformat(),
        ends_at=shift.ends_at.isoformat(),
        is_leader=shift.is_leader,
    )

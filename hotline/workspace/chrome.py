"""The live parts around every page: what is owed, the bell, the seat, the call."""

from datetime import timedelta
from urllib.parse import urlsplit

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from hotline import clock
from hotline.callbacks import emergency
from hotline.calls import queries as calls
from hotline.calls import seats
from hotline.errors import Invalid
from hotline.guards import guard
from hotline.i18n import N_
from hotline.navigation import first_page
from hotline.permissions import Permission, has, require
from hotline.rhythm import nights, rests
from hotline.safe_next import safe_next
from hotline.unit_of_work import unit_of_work
from hotline.wall_clock import zone
from hotline.workspace import alarm_pages, queries
from models import SeatState

JUST_NOW = timedelta(minutes=1)

bp = Blueprint("chrome", __name__)
bp.before_request(guard())


@bp.get("/")
def start() -> ResponseReturnValue:
    """Everybody's first page; for who comes in the morning, the night if somebody waits."""
    return redirect(_last_night() or first_page(), 303)


def _last_night() -> str:
    """The morning page, until it is taken or the morning is over; empty when it need not be."""
    at = clock.now()
    if not has(g.user, Permission.HANDLE_CALLS) or current_user.session.started_at < at - JUST_NOW:
        return ""
    day = at.astimezone(zone()).date()
    waits = nights.is_morning(day, at) and nights.somebody_waits(day, at, viewer=g.user)
    return url_for("morning.show") if waits else ""


@bp.get("/chrome/owed")
def owed() -> ResponseReturnValue:
    return render_template("_owed.html")


@bp.get("/chrome/bell")
def bell() -> ResponseReturnValue:
    return render_template("_bell.html")


@bp.get("/chrome/call")
def call() -> ResponseReturnValue:
    """Emergencies of colleagues, and the call at the own seat unless the page shows that talk."""
    require(g.user, Permission.HANDLE_CALLS)
    now = calls.call_at_seat(g.user)
    if now is not None and now.answered_at and now.ticket_id == request.args.get("shown", type=int):
        now = None
    card = queries.caller_card(now.ticket, viewer=g.user) if now else None
    alarms = [
        alarm_pages.of(alarm.ticket, g.user)
        for alarm in emergency.alarms_for(g.user, at=clock.now())
    ]
    return render_template("workspace/_live_call.html", call=now, card=card, alarms=alarms)


@bp.get("/seat")
def seat() -> ResponseReturnValue:
    require(g.user, Permission.HANDLE_CALLS)
    return render_template("_seat.html")


@bp.post("/seat")
def set_seat() -> ResponseReturnValue:
    """Free, after-call or away, as the person says."""
    require(g.user, Permission.HANDLE_CALLS)
    try:
        state = SeatState(request.form.get("state", ""))
    except ValueError as error:
        raise Invalid(N_("Choose one of the list.")) from error
    with unit_of_work():
        seats.set_seat_state(g.user, state, at=clock.now())
    flash(
        {
            SeatState.FREE: _("You are free: the next call may ring here."),
            SeatState.AFTER_CALL: _("After-call work: nobody rings you."),
            SeatState.AWAY: _("You are away: calls go to your colleagues."),
        }[state]
    )
    return redirect(url_for("workspace.home"), 303)


@bp.post("/seat/rest")
def rest() -> ResponseReturnValue:
    """Some minutes off the queue, on whatever page the person is; no reason is asked."""
    require(g.user, Permission.HANDLE_CALLS)
    with unit_of_work():
        rests.take(g.user, at=clock.now())
    return _back_to_the_page()


@bp.post("/seat/back")
def end_rest() -> ResponseReturnValue:
    """Back on the queue before the minutes are over."""
    require(g.user, Permission.HANDLE_CALLS)
    with unit_of_work():
        rests.end(g.user, at=clock.now())
    return _back_to_the_page()


def _back_to_the_page() -> ResponseReturnValue:
    """A form that is being written stays as it is; without scripts the page comes again."""
    if request.headers.get("HX-Request") == "true":
        return render_template("_seat.html")
    return redirect(safe_next(urlsplit(request.referrer or "").path), 303)

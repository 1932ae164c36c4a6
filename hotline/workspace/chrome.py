"""The live parts around every page: what is owed, the bell, the seat, the call."""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline import clock
from hotline.callbacks import emergency
from hotline.calls import queries as calls
from hotline.calls import seats
from hotline.errors import Invalid
from hotline.guards import guard
from hotline.i18n import N_
from hotline.navigation import first_page
from hotline.permissions import Permission, require
from hotline.unit_of_work import unit_of_work
from hotline.workspace import alarm_pages, queries
from models import SeatState

bp = Blueprint("chrome", __name__)
bp.before_request(guard())


@bp.get("/")
def start() -> ResponseReturnValue:
    """Everybody's first page."""
    return redirect(first_page(), 303)


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

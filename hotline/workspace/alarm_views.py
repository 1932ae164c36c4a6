"""An emergency for whoever was called to it: how it stands, and the key to see to it."""

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hotline import clock
from hotline.callbacks import emergency
from hotline.callers import reveals
from hotline.callers.reveals import Reason
from hotline.guards import guard
from hotline.permissions import Permission
from hotline.tickets import queries as tickets
from hotline.unit_of_work import unit_of_work
from hotline.workspace import alarm_pages

bp = Blueprint("alarms", __name__)
bp.before_request(guard(Permission.HANDLE_CALLS))


@bp.get("/emergencies/<int:ticket_id>")
def show(ticket_id: int) -> ResponseReturnValue:
    """How the emergency stands: a part of the form and of the ticket's page."""
    ticket = tickets.get(ticket_id, viewer=g.user)
    in_form = "in_form" in request.args
    shown = alarm_pages.of(ticket, g.user)
    return render_template("workspace/_alarm.html", in_form=in_form, **shown)


@bp.post("/emergencies/<int:ticket_id>/take")
def take(ticket_id: int) -> ResponseReturnValue:
    """The viewer sees to it, and from now on the whole number; the trail says so."""
    with unit_of_work():
        ticket, at = tickets.get(ticket_id, viewer=g.user), clock.now()
        emergency.take(ticket, actor=g.user, at=at)
        address = request.remote_addr or ""
        reveals.note(g.user, ticket, Reason.EMERGENCY, at=at, address=address)
    return redirect(url_for("tickets.show", ticket_id=ticket_id), 303)

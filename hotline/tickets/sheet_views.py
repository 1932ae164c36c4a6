"""The audit sheet of one ticket: to be read through, and to be printed."""

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue

from hotline.guards import guard
from hotline.permissions import Permission
from hotline.tickets import queries, sheet_pages

bp = Blueprint("ticket_sheet", __name__)
bp.before_request(guard(Permission.HANDLE_CALLS, Permission.WORK_QUEUE, Permission.REVIEW))


@bp.get("/tickets/<int:ticket_id>/sheet")
def show(ticket_id: int) -> ResponseReturnValue:
    """Everything about one ticket on one sheet."""
    ticket = queries.get(ticket_id, viewer=g.user)
    return render_template("tickets/sheet.html", **sheet_pages.sheet_of(ticket))

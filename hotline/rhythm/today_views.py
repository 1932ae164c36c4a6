"""What is new today beside the work: sheets to take over, thanks. Pages that stay open ask for it
when they stand already, and whenever there is news."""

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue

from hotline.guards import guard
from hotline.permissions import Permission, has
from hotline.rhythm import gratitude, sheets

bp = Blueprint("today", __name__)
bp.before_request(guard())


@bp.get("/today")
def part() -> ResponseReturnValue:
    """The sheets that wait for who takes calls, and a few warm words for whoever looks."""
    waiting = sheets.waiting_for(g.user) if has(g.user, Permission.HANDLE_CALLS) else ()
    thanks = gratitude.latest_for(g.user)
    return render_template("rhythm/_today.html", sheets=waiting, thanks=thanks)

"""Why a callback is due when it is due, for whoever may see its ticket."""

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue

from hotline.callbacks import queries
from hotline.callbacks.reckoning import why
from hotline.callbacks.windows import WINDOWS
from hotline.guards import guard
from hotline.permissions import Permission

bp = Blueprint("callback_reckoning", __name__)
bp.before_request(guard(Permission.HANDLE_CALLS, Permission.WORK_QUEUE, Permission.REVIEW))


@bp.get("/callbacks/<int:callback_id>/reckoning")
def show(callback_id: int) -> ResponseReturnValue:
    callback = queries.of_a_ticket_seen(callback_id, viewer=g.user)
    is_fragment = request.headers.get("HX-Request") == "true"
    template = "callbacks/_reckoning.html" if is_fragment else "callbacks/reckoning.html"
    return render_template(template, callback=callback, why=why(callback), windows=WINDOWS)

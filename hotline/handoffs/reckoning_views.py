"""Why a handoff is due when it is due, for whoever may see its ticket."""

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue

from hotline.guards import guard
from hotline.handoffs import grounds
from hotline.handoffs.grounds import Clock
from hotline.permissions import Permission
from hotline.tickets import reading

bp = Blueprint("handoff_reckoning", __name__)
bp.before_request(guard(Permission.HANDLE_CALLS, Permission.WORK_QUEUE, Permission.REVIEW))


@bp.get("/handoffs/<int:handoff_id>/reckoning/<any(accept, handle):clock>")
def show(handoff_id: int, clock: str) -> ResponseReturnValue:
    handoff = grounds.get(handoff_id, viewer=g.user)
    is_fragment = request.headers.get("HX-Request") == "true"
    template = "handoffs/_reckoning.html" if is_fragment else "handoffs/reckoning.html"
    return render_template(
        template,
        ground=grounds.of(handoff, Clock(clock)),
        hidden=lambda text: reading.hidden_for(g.user, text, handoff.ticket),
    )

"""The operator's side of the telephone: the handset in the page, the recordings."""

from flask import Blueprint, Response, g, redirect, request, send_from_directory
from flask.typing import ResponseReturnValue

from hotline import clock
from hotline.calls import queries, recordings
from hotline.errors import NotFound, TransitionRefused
from hotline.guards import guard
from hotline.i18n import N_
from hotline.permissions import Permission, require
from hotline.safe_next import safe_next
from hotline.telephony import adapter
from hotline.telephony.provider import Handsets, NotPossible
from hotline.unit_of_work import unit_of_work
from models import db

bp = Blueprint("calls", __name__)
bp.before_request(guard())


@bp.post("/calls/<int:call_id>/answer")
def answer(call_id: int) -> ResponseReturnValue:
    """Pick up the telephone in the page: the simulated company then reports who answered."""
    handsets, leg_sid = _handset(call_id)
    try:
        handsets.answer(leg_sid, clock.now())
    except NotPossible as error:
        raise TransitionRefused(N_("It no longer rings here.")) from error
    return _back()


@bp.post("/calls/<int:call_id>/hangup")
def hang_up(call_id: int) -> ResponseReturnValue:
    """Put the telephone in the page down, or refuse the call that rings."""
    handsets, leg_sid = _handset(call_id)
    try:
        handsets.hang_up_seat(leg_sid, clock.now())
    except NotPossible as error:
        raise TransitionRefused(N_("The call is over already.")) from error
    return _back()


@bp.get("/recordings/<int:recording_id>")
def play(recording_id: int) -> Response:
    """A sound of a call for those who may see its ticket; every part played is written down."""
    with unit_of_work():
        recording = queries.recording(recording_id, viewer=g.user)
        if recording.fetched_at is None or recording.removed_at is not None:
            raise NotFound
        name, kind = recording.file_name, recording.content_type
        folder = adapter.recordings_folder()
        answer = send_from_directory(folder, name, mimetype=kind, conditional=True)
        recordings.note_played(
            recording,
            actor=g.user,
            at=clock.now(),
            address=request.remote_addr or "",
            part=answer.headers.get("Content-Range", ""),
        )
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["Content-Disposition"] = "inline"
    return answer


def _handset(call_id: int) -> tuple[Handsets, str]:
    """The telephones in our pages, and what this call lets ring or talk at the viewer's seat."""
    require(g.user, Permission.HANDLE_CALLS)
    handsets, call = adapter.handsets(), queries.call_at_seat(g.user)
    if handsets is None or call is None or call.id != call_id:
        raise NotFound
    leg = handsets.seat_leg(g.user.id)
    if leg is None or leg.parent_sid != call.call_ref:
        raise NotFound
    db.session.rollback()  # the company posts to us: nothing of this request may stand in its way
    return handsets, leg.sid


def _back() -> ResponseReturnValue:
    """To the page the button was on; nothing to show where htmx pressed it."""
    if request.headers.get("HX-Request") == "true":
        return "", 204
    return redirect(safe_next(request.form.get("next", "")), 303)

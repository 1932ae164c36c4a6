"""Where every form of ours sends what is being typed, again and again."""

from flask import Blueprint, g, request
from flask.typing import ResponseReturnValue

from hotline import clock
from hotline.calls import seats
from hotline.calls.jobs import CALLBACK_CARD
from hotline.drafts import service
from hotline.errors import Invalid
from hotline.guards import guard
from hotline.i18n import N_
from hotline.unit_of_work import unit_of_work
from hotline.workspace import alarm_pages

bp = Blueprint("drafts", __name__)
bp.before_request(guard())


@bp.post("/drafts/<key>")
def save(key: str) -> ResponseReturnValue:
    """What is being typed, as a JSON object of names and texts."""
    fields = request.get_json(silent=True)
    if not isinstance(fields, dict):
        raise Invalid(N_("This is too much to keep as a draft."))
    with unit_of_work():
        at = clock.now()
        service.save(g.user, key, fields, at=at)
        alarm_pages.follow_draft(key, g.user, at=at)
        if key.startswith(CALLBACK_CARD):
            seats.ring_out(g.user, at=at)
    return "", 204

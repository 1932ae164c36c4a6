"""Messages that did not leave as they should: a person judges what happened."""

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline import clock
from hotline.guards import guard
from hotline.outbox import judging
from hotline.permissions import Permission
from hotline.unit_of_work import unit_of_work

bp = Blueprint("outbox", __name__)
bp.before_request(guard(Permission.SUPERVISE))


@bp.get("/outbox")
def index() -> ResponseReturnValue:
    """What failed, and what nobody knows about."""
    messages = judging.to_judge()
    return render_template("outbox/index.html", messages=messages)


@bp.post("/outbox/<int:message_id>/send_again")
def send_again(message_id: int) -> ResponseReturnValue:
    """It did not arrive: once more."""
    with unit_of_work():
        judging.send_again(message_id, actor=g.user, at=clock.now())
    flash(_("The message will be sent again."))
    return redirect(url_for("outbox.index"), 303)


@bp.post("/outbox/<int:message_id>/let_be")
def let_be(message_id: int) -> ResponseReturnValue:
    """It arrived, or does not matter any more."""
    with unit_of_work():
        judging.let_be(message_id, actor=g.user, at=clock.now())
    flash(_("The message is left as it is."))
    return redirect(url_for("outbox.index"), 303)

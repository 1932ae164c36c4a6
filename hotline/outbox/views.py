"""Messages on their way and those that did not leave as they should: a person judges, or stops."""

from datetime import timedelta

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline import clock
from hotline.calls import placed
from hotline.errors import TransitionRefused
from hotline.guards import guard
from hotline.i18n import N_
from hotline.outbox import judging
from hotline.outbox.looking_jobs import look_up
from hotline.permissions import Permission
from hotline.sla import policies
from hotline.telephony.provider import ProviderError
from hotline.unit_of_work import unit_of_work
from models import MessageStatus

bp = Blueprint("outbox", __name__)
bp.before_request(guard(Permission.SUPERVISE))
LAST_DAY, FLAGGED_FOR = timedelta(days=1), timedelta(days=30)
CAPS = ("messages_per_person", "messages_per_number")


@bp.get("/outbox")
def index() -> ResponseReturnValue:
    """What failed, what nobody knows about, what waits; the caps and the brake."""
    return render_template(
        "outbox/index.html",
        messages=judging.to_judge(g.user),
        waiting=judging.waiting(g.user),
        not_placed=placed.not_placed(g.user, clock.now() - LAST_DAY),
        sent_again=judging.sent_again(g.user, clock.now() - FLAGGED_FOR),
        counts=judging.counts(clock.now() - LAST_DAY),
        leaves=policies.is_on("messages_leave"),
        caps={name: policies.get(name) for name in CAPS},
    )


@bp.post("/outbox/<int:message_id>/send_again")
def send_again(message_id: int) -> ResponseReturnValue:
    """It did not arrive: once more, unless the carrier says that it has it."""
    if _was_sent(message_id):
        flash(_("The telephone company has this message: it is not sent a second time."))
        return redirect(url_for("outbox.index"), 303)
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


@bp.post("/outbox/stop")
def stop() -> ResponseReturnValue:
    """Nothing leaves the house any more."""
    with unit_of_work():
        judging.let_leave(False, actor=g.user, at=clock.now())
    flash(_("No message leaves any more. What is written waits."))
    return redirect(url_for("outbox.index"), 303)


@bp.post("/outbox/go_on")
def go_on() -> ResponseReturnValue:
    """What has waited leaves now."""
    with unit_of_work():
        judging.let_leave(True, actor=g.user, at=clock.now())
    flash(_("Messages leave again."))
    return redirect(url_for("outbox.index"), 303)


def _was_sent(message_id: int) -> bool:
    """What the carrier says of a message nobody knows about. Refuses while it cannot be asked."""
    if judging.get(message_id, viewer=g.user).status is not MessageStatus.UNKNOWN:
        return False
    try:
        return look_up(message_id)
    except ProviderError as error:
        sentence = N_("The telephone company cannot be asked now whether it has this message.")
        raise TransitionRefused(sentence) from error

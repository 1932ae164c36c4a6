"""What a second person signs: who could not be reached, who cannot be, who is not satisfied."""

from collections.abc import Callable
from datetime import timedelta

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from hotline import clock, turns
from hotline.callbacks import list_pages, queries
from hotline.error_pages import say
from hotline.errors import HotlineError, NotFound
from hotline.feedback import evidence
from hotline.feedback import service as feedback
from hotline.guards import guard
from hotline.permissions import Permission
from hotline.sla import policies
from hotline.tickets import queries as tickets
from hotline.tickets.lifecycle import AT_HOTLINE
from hotline.unit_of_work import unit_of_work
from models import Feedback, Ticket, db

bp = Blueprint("signing", __name__)
bp.before_request(guard(Permission.SUPERVISE))
bp.context_processor(list_pages.surroundings)


@bp.get("/callbacks/unreachable")
def unreachable() -> ResponseReturnValue:
    """Everything that waits for this person's signature, with every attempt in sight."""
    days = policies.span("no_number_days")
    return render_template(
        "callbacks/sign.html",
        exhausted=queries.to_sign(g.user),
        own=[one for one in queries.exhausted(g.user) if queries.has_tried(one, g.user)],
        kept=_kept_for(days),
        days=days.days,
        explanations=feedback.explanations_to_sign(g.user),
        last_answer=evidence.last_answer,
        AT_HOTLINE=AT_HOTLINE,
    )


@bp.post("/callbacks/unreachable")
def sign_unreachable() -> ResponseReturnValue:
    """Sign one callback, or the ticked ones; what has moved on meanwhile is left out.

    What the hotline has is closed by it; of what goes on elsewhere the ring alone is over.
    """
    only = request.form.get("only", type=int)
    ticked = request.form.getlist("callback", type=int)
    return _signed([only] if only else ticked, _sign_callback)


@bp.post("/callbacks/kept")
def sign_kept() -> ResponseReturnValue:
    """Sign the ticked tickets of callers without a number."""
    return _signed(request.form.getlist("ticket", type=int), _sign_ticket)


@bp.post("/callbacks/explanations/<int:feedback_id>")
def sign_explanation(feedback_id: int) -> ResponseReturnValue:
    """Agree that more cannot be done for a caller who is not satisfied."""
    return _signed([feedback_id], _sign_explanation)


def _signed(ids: list[int], sign: Callable[[int], object]) -> ResponseReturnValue:
    signed = 0
    for row_id in ids:
        try:
            with unit_of_work():
                sign(row_id)
        except HotlineError as refusal:
            flash(say(refusal), "error")
        else:
            signed += 1
    if signed:
        flash(ngettext("%(num)d ticket is signed.", "%(num)d tickets are signed.", signed))
    elif not ids:
        flash(_("Nothing was ticked."), "warning")
    return redirect(url_for("signing.unreachable"), 303)


def _sign_callback(callback_id: int) -> None:
    callback = queries.get(callback_id, viewer=g.user)
    closes = callback.ticket.status in AT_HOTLINE
    sign = feedback.sign_unreachable if closes else feedback.sign_unreached
    sign(callback, actor=g.user, at=clock.now())


def _sign_ticket(ticket_id: int) -> None:
    ticket = tickets.get(ticket_id, viewer=g.user)
    feedback.sign_no_way_to_reach(ticket, actor=g.user, at=clock.now())


def _sign_explanation(feedback_id: int) -> None:
    turns.hold_about(Feedback, feedback_id)
    row = db.session.get(Feedback, feedback_id)
    if row is None:
        raise NotFound
    tickets.get(row.ticket_id, viewer=g.user)
    feedback.sign_explanation(row, actor=g.user, at=clock.now())


def _kept_for(days: timedelta) -> list[Ticket]:
    """The tickets whose answer was kept long enough, less the viewer's own."""
    found = queries.kept_answers(g.user, before=clock.now() - days)
    return [ticket for ticket in found if evidence.asked_by(ticket) not in (None, g.user.id)]

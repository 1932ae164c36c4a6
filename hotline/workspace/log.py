"""Writing down what came by any telephone, a visit or a letter, here or at a department's desk."""

from datetime import datetime

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hotline import clock, phone_numbers
from hotline.calls import service as calls
from hotline.drafts import service as drafts
from hotline.error_pages import say
from hotline.errors import Invalid, Stale, TransitionRefused
from hotline.guards import guard
from hotline.permissions import Permission
from hotline.tickets.forms import instant
from hotline.unit_of_work import unit_of_work
from hotline.workspace import desk as desks
from hotline.workspace import forms, outcomes
from hotline.workspace.forms import Typed
from models import Level, Source, Ticket, Urgency, User

DRAFT = "log"
FIRST = {
    "source": Source.PHONE.value,
    "urgency": Urgency.NORMAL.value,
    "level": Level.ORDINARY.value,
}

bp = Blueprint("log", __name__)
bp.before_request(guard(Permission.LOG_CALLS))


@bp.get("/log")
def new() -> ResponseReturnValue:
    draft = drafts.of(g.user, DRAFT)
    return _page(draft or FIRST, {}, restored=bool(draft))


@bp.post("/log/<any(save, answer, hand_off, call_back_later):outcome>")
def finish(outcome: str) -> ResponseReturnValue:
    """Make the ticket of what was typed, and end the contact the chosen way or write nothing."""
    typed = forms.typed_in(request.form)
    if errors := forms.missing(typed):
        return _page(typed, errors), 422
    try:
        with unit_of_work():
            at = clock.now()
            ticket = _open(typed, actor=g.user, at=at)
            sentence = outcomes.OUTCOMES[outcome](ticket, typed, actor=g.user, at=at)
            drafts.discard(g.user, DRAFT)
            ticket_id = ticket.id
    except (Invalid, TransitionRefused, Stale) as refusal:
        return _page(typed, {refusal.field: say(refusal)}), refusal.status
    flash(sentence)
    return redirect(url_for("tickets.show", ticket_id=ticket_id), 303)


def _open(typed: Typed, *, actor: User, at: datetime) -> Ticket:
    number = typed.get("number", "").strip()
    return calls.log_manually(
        actor=actor,
        at=at,
        source=forms.one_of(Source, typed, "source") or Source.PHONE,
        number=phone_numbers.normalise(number) if number else calls.NOBODY,
        happened_at=instant(typed, "happened_at"),
    )


def _page(typed: Typed, errors: dict[str, str], *, restored: bool = False) -> str:
    def finish_url(outcome: str) -> str:
        return url_for("log.finish", outcome=outcome)

    form = desks.by_hand(typed, errors, finish_url)
    return render_template("workspace/log.html", restored=restored, **form)

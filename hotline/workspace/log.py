"""Writing down what came by any telephone, a visit or a letter, here or at a department's desk."""

from datetime import datetime

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hotline import clock, phone_numbers
from hotline.calls import service as calls
from hotline.drafts import service as drafts
from hotline.error_pages import beside_fields
from hotline.errors import Invalid, Stale, TransitionRefused
from hotline.fields import Typed, instant, one_of_or_none
from hotline.guards import guard
from hotline.permissions import Permission, has
from hotline.refusals import Refusals
from hotline.tickets import numbering
from hotline.unit_of_work import unit_of_work
from hotline.workspace import forms, outcomes, pages
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
    draft = pages.draft_of(DRAFT)
    return _page(draft or FIRST, {}, restored_at=drafts.saved_at(g.user, DRAFT) if draft else None)


@bp.post("/log/begin-anew")
def begin_anew() -> ResponseReturnValue:
    """What was being typed is about somebody else, or over: an empty form."""
    with unit_of_work():
        drafts.discard(g.user, DRAFT)
    return redirect(url_for("log.new"), 303)


@bp.get("/log/words")
def words() -> ResponseReturnValue:
    """To whom it would go, by when, and the sentence for the caller; follows what is chosen."""
    typed = pages.followed(_with_code(request.args), request.headers.get("HX-Trigger-Name"))
    part = pages.handoff_part(None, typed)
    return render_template("workspace/_handoff.html", errors={}, **part)


@bp.post(f"/log/<any({', '.join(outcomes.OUTCOMES)}):outcome>")
def finish(outcome: str) -> ResponseReturnValue:
    """Make the ticket of what was typed, and end the contact the chosen way or write nothing."""
    typed = _with_code(forms.typed_in(request.form))
    try:
        with unit_of_work():
            at = clock.now()
            with Refusals() as wrong:  # what is wrong with the contact and with its end, at once
                ticket = wrong.read(_open, typed, actor=g.user, at=at) or _open(
                    {}, actor=g.user, at=at
                )
                do = outcomes.OUTCOMES[outcome]
                sentence = wrong.read(do, ticket, typed, actor=g.user, at=at)
            drafts.discard(g.user, DRAFT)
            ticket_id = ticket.id
    except (Invalid, TransitionRefused, Stale) as refusal:
        return _page(typed, beside_fields(refusal)), refusal.status
    flash(sentence)
    return redirect(url_for("tickets.show", ticket_id=ticket_id), 303)


@bp.post("/log/emergency")
def raise_alarm() -> ResponseReturnValue:
    """Danger on another telephone: the ticket is made of what there is, and the alarm is raised."""
    typed = _with_code(forms.typed_in(request.form))
    with unit_of_work():
        at = clock.now()
        ticket = _open(typed | {"happened_at": ""}, actor=g.user, at=at)
        outcomes.raise_alarm(ticket, typed, actor=g.user, at=at)
        drafts.discard(g.user, DRAFT)
        ticket_id = ticket.id
    page = "workspace.form" if has(g.user, Permission.HANDLE_CALLS) else "tickets.show"
    return redirect(url_for(page, ticket_id=ticket_id), 303)


def _open(typed: Typed, *, actor: User, at: datetime) -> Ticket:
    number = typed.get("number", "").strip()
    with Refusals() as wrong:
        source = wrong.read(one_of_or_none, Source, typed, "source")
        happened_at = wrong.read(instant, typed, "happened_at")
    return calls.log_manually(
        actor=actor,
        at=at,
        source=source or Source.PHONE,
        number=phone_numbers.normalise(number) if number else calls.NOBODY,
        query_code=typed.get("query_code", ""),
        happened_at=happened_at,
    )


def _with_code(typed: Typed) -> dict[str, str]:
    """What is typed, with the query code that the form says to the caller before it is sent."""
    code = typed.get("query_code", "")
    is_ours = len(code) == numbering.CODE_LENGTH and code.isascii() and code.isdigit()
    return dict(typed) | {"query_code": code if is_ours else numbering.new_query_code()}


def _page(typed: Typed, errors: dict[str, str], *, restored_at: datetime | None = None) -> str:
    form = pages.by_hand(_with_code(typed), errors)
    return render_template("workspace/log.html", restored_at=restored_at, **form)

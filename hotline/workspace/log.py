"""Writing down what came by any telephone, a visit or a letter, here or at a department's desk."""

from datetime import datetime

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from hotline import clock, phone_numbers, turns
from hotline.calls import service as calls
from hotline.drafts import service as drafts
from hotline.error_pages import beside_fields
from hotline.errors import Invalid, Stale, TransitionRefused
from hotline.fields import Typed, instant, one_of_or_none
from hotline.guards import guard
from hotline.permissions import Permission, has
from hotline.refusals import Refusals
from hotline.unit_of_work import unit_of_work
from hotline.workspace import form_keys, forms, outcomes, pages
from hotline.workspace.form_keys import FormKey
from models import Level, Source, Ticket, Urgency, User, db

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
    typed = pages.followed(
        _with(_key(request.args), request.args), request.headers.get("HX-Trigger-Name")
    )
    part = pages.handoff_part(None, typed)
    return render_template("workspace/_handoff.html", errors={}, **part)


@bp.post(f"/log/<any({', '.join(outcomes.OUTCOMES)}):outcome>")
def finish(outcome: str) -> ResponseReturnValue:
    """Make the ticket of what was typed, and end the contact the chosen way or write nothing."""
    key = _key(request.form)
    typed = _with(key, forms.typed_in(request.form))
    try:
        with unit_of_work():
            before = _made_before(key)
            if before is not None:
                return _lead_to(before)
            at = clock.now()
            with Refusals() as wrong:  # what is wrong with the contact and with its end, at once
                ticket = wrong.read(_open, typed, actor=g.user, at=at) or _open(
                    {}, actor=g.user, at=at
                )
                do = outcomes.OUTCOMES[outcome]
                sentence = wrong.read(do, ticket, typed, actor=g.user, at=at)
            ticket.form_key = key.mark
            drafts.discard(g.user, DRAFT)
            ticket_id = ticket.id
    except (Invalid, TransitionRefused, Stale) as refusal:
        return _page(typed, beside_fields(refusal)), refusal.status
    flash(sentence)
    return redirect(url_for("tickets.show", ticket_id=ticket_id), 303)


@bp.post("/log/emergency")
def raise_alarm() -> ResponseReturnValue:
    """Danger on another telephone: the ticket is made of what there is, and the alarm is raised."""
    key = _key(request.form)
    typed = _with(key, forms.typed_in(request.form))
    with unit_of_work():
        before = _made_before(key)
        if before is not None:
            return _lead_to(before)
        at = clock.now()
        ticket = _open(typed | {"happened_at": ""}, actor=g.user, at=at)
        outcomes.raise_alarm(ticket, typed, actor=g.user, at=at)
        ticket.form_key = key.mark
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


def _key(typed: Typed) -> FormKey:
    """The key of the form that was sent; a new one where it has none of ours."""
    secret, signed = str(current_app.config["SECRET_KEY"]), typed.get("form_key", "")
    at = clock.now()
    return form_keys.read(secret, signed, g.user.id, at=at) or form_keys.new(
        secret, g.user.id, at=at
    )


def _with(key: FormKey, typed: Typed) -> dict[str, str]:
    """What is typed, with the key and the query code that the form says before it is sent."""
    return dict(typed) | {"form_key": key.signed, "query_code": key.query_code}


def _made_before(key: FormKey) -> int | None:
    """The ticket this very form has made already: it was sent twice, or gone back to."""
    turns.take(f"form:{key.mark}")
    return db.session.scalar(select(Ticket.id).where(Ticket.form_key == key.mark))


def _lead_to(ticket_id: int) -> ResponseReturnValue:
    flash(_("This form was sent already: here is the ticket it made."))
    return redirect(url_for("tickets.show", ticket_id=ticket_id), 303)


def _page(typed: Typed, errors: dict[str, str], *, restored_at: datetime | None = None) -> str:
    key = _key(typed)
    if _made_before(key) is not None:  # a draft of what was sent: it may become another ticket
        key = _key({})
    form = pages.by_hand(_with(key, typed), errors)
    return render_template("workspace/log.html", restored_at=restored_at, **form)

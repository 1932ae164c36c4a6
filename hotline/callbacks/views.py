"""Who is to be rung: my callbacks, the pool, last night's calls, and the card for one ring."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline import clock
from hotline.callbacks import card_pages as card
from hotline.callbacks import (
    choices,
    forms,
    list_pages,
    messages,
    outcome_pages,
    queries,
    service,
)
from hotline.callers import reveals
from hotline.callers.reveals import Reason
from hotline.calls import intents, placing_jobs, seats
from hotline.drafts import service as drafts
from hotline.error_pages import beside_fields
from hotline.errors import Invalid, Stale, TransitionRefused
from hotline.feedback import evidence
from hotline.feedback import service as feedback
from hotline.fields import version
from hotline.guards import guard
from hotline.i18n import N_
from hotline.outbox import adapter
from hotline.permissions import Permission
from hotline.template_filters import local_datetime
from hotline.tickets import lifecycle
from hotline.unit_of_work import unit_of_work
from models import Callback

bp = Blueprint("callbacks", __name__)
bp.before_request(guard(Permission.HANDLE_CALLS, Permission.LOG_CALLS))
bp.context_processor(list_pages.surroundings)


@bp.get("/callbacks")
def due() -> ResponseReturnValue:
    """What the viewer has promised to ring."""
    return _list("due", queries.owed_by(g.user), queries.to_close(g.user, owner=g.user))


@bp.get("/callbacks/pool")
def pool() -> ResponseReturnValue:
    """What anybody on duty may take."""
    return _list("pool", queries.in_pool(g.user), queries.to_close(g.user, owner=None))


@bp.get("/callbacks/colleagues")
def colleagues() -> ResponseReturnValue:
    """What the others have to ring, for who leads them."""
    return _list("colleagues", queries.with_colleagues(g.user), ())


@bp.get("/callbacks/<int:callback_id>")
def show(callback_id: int) -> ResponseReturnValue:
    """The card of one callback. Whoever has to ring sees the number, and the trail says so."""
    callback = queries.get(callback_id, viewer=g.user)
    at, ticket = clock.now(), callback.ticket
    shown = card.shows_number(callback, g.user, at)
    if shown and not reveals.is_noted(g.user, ticket, since=callback.promised_at):
        with unit_of_work():
            address = request.remote_addr or ""
            reveals.note(g.user, ticket, Reason.CALLBACK, at=at, address=address)
    return _card(callback_id)


@bp.post("/callbacks/<int:callback_id>/claim")
def claim(callback_id: int) -> ResponseReturnValue:
    with unit_of_work():
        callback = queries.get(callback_id, viewer=g.user)
        service.claim(callback, actor=g.user, at=clock.now())
    return redirect(url_for("callbacks.show", callback_id=callback_id), 303)


@bp.post("/callbacks/<int:callback_id>/release")
def release(callback_id: int) -> ResponseReturnValue:
    with unit_of_work():
        callback = queries.get(callback_id, viewer=g.user)
        service.release(callback, actor=g.user, at=clock.now())
    flash(_("The callback is in the pool again."))
    return redirect(url_for("callbacks.due"), 303)


@bp.post("/callbacks/<int:callback_id>/ringing")
def ringing(callback_id: int) -> ResponseReturnValue:
    """The viewer dials now: no call rings at this seat until it is written down how it went."""
    with unit_of_work():
        callback, at = queries.get(callback_id, viewer=g.user), clock.now()
        key = card.draft_key(callback)
        drafts.save(g.user, key, drafts.of(g.user, key), at=at)
        seats.ring_out(g.user, at=at)
    flash(_("No call rings here until you write down how it went, ten minutes at most."))
    return redirect(url_for("callbacks.show", callback_id=callback_id), 303)


@bp.post("/callbacks/<int:callback_id>/place")
def place(callback_id: int) -> ResponseReturnValue:
    """The company rings the viewer's telephone, then the caller's: written down first, then asked
    for."""
    try:
        with unit_of_work():
            callback, at = queries.get(callback_id, viewer=g.user), clock.now()
            number = request.form.get("number") or callback.number
            line = placing_jobs.line_for(g.user, number)
            intent_id = intents.intend(callback, number, line, actor=g.user, at=at).id
            key = card.draft_key(callback)
            drafts.save(g.user, key, drafts.of(g.user, key) | forms.typed_in(request.form), at=at)
            seats.ring_out(g.user, at=at)
    except (Invalid, TransitionRefused) as refusal:
        return _card(callback_id, request.form, beside_fields(refusal)), refusal.status
    placing_jobs.place(intent_id)
    return redirect(url_for("callbacks.show", callback_id=callback_id), 303)


@bp.post("/callbacks/<int:callback_id>/attempt")
def attempt(callback_id: int) -> ResponseReturnValue:
    """How one ring went, and all that follows from it."""
    try:
        ring = forms.ring(request.form)
        with unit_of_work():
            callback = queries.get(callback_id, viewer=g.user)
            lifecycle.check_version(callback.ticket, version(request.form))
            done = outcome_pages.record(callback, ring, actor=g.user, at=clock.now())
            seats.rung_out(g.user, at=clock.now())
    except (Invalid, TransitionRefused, Stale) as refusal:
        errors = beside_fields(refusal)
        return _card(callback_id, request.form, errors), refusal.status
    flash(done.sentence)
    if done.opens_ticket_id:
        return redirect(url_for("workspace.form", ticket_id=done.opens_ticket_id), 303)
    if done.stays:
        return redirect(url_for("callbacks.show", callback_id=callback_id), 303)
    return redirect(url_for("callbacks.due"), 303)


@bp.post("/callbacks/<int:callback_id>/send")
def send(callback_id: int) -> ResponseReturnValue:
    """The message, as it stood on the card, to a caller who chose to read the result."""
    try:
        if not adapter.proves_messages():
            raise TransitionRefused(N_("Nothing proves here that a short message arrives."))
        with unit_of_work():
            callback = queries.get(callback_id, viewer=g.user)
            lifecycle.check_version(callback.ticket, version(request.form))
            at = clock.now()
            sent = service.send(callback, request.form.get("words", ""), actor=g.user, at=at)
            drafts.discard(g.user, card.draft_key(callback))
            leaves_at = sent.due_at
    except (Invalid, TransitionRefused, Stale) as refusal:
        errors = beside_fields(refusal)
        return _card(callback_id, request.form, errors), refusal.status
    if leaves_at > at:
        moment = local_datetime(leaves_at, at)
        flash(_("The message leaves %(moment)s. When it has arrived, close.", moment=moment))
    else:
        flash(_("The message goes out. When it has arrived, close the ticket."))
    return redirect(url_for("callbacks.due"), 303)


@bp.post("/callbacks/<int:callback_id>/ring_instead")
def ring_instead(callback_id: int) -> ResponseReturnValue:
    """No message after all: the card asks how the ring went, as always."""
    with unit_of_work():
        callback = queries.get(callback_id, viewer=g.user)
        service.ring_instead(callback, actor=g.user, at=clock.now())
    return redirect(url_for("callbacks.show", callback_id=callback_id), 303)


@bp.post("/callbacks/<int:callback_id>/close")
def close(callback_id: int) -> ResponseReturnValue:
    """The message has arrived: the receipt is the proof that closes the ticket."""
    with unit_of_work():
        ticket = queries.get(callback_id, viewer=g.user).ticket
        message = evidence.delivered_message(ticket)
        if message is None:
            raise TransitionRefused(N_("No receipt says that the message has arrived."))
        feedback.close_told_by_message(ticket, message, actor=g.user, at=clock.now())
    flash(_("Told and closed: %(number)s.", number=ticket.number))
    return redirect(url_for("callbacks.due"), 303)


def _list(place: str, owed: Sequence[Callback], to_close: Sequence[Callback]) -> str:
    return render_template(
        "callbacks/list.html",
        place=place,
        owed=owed,
        groups=list_pages.grouped(owed, clock.now()),
        to_close=to_close,
        by_message=choices.in_force_among([callback.ticket for callback in owed]),
        leaves=messages.waiting(owed, clock.now()),
    )


def _card(
    callback_id: int, typed: Mapping[str, str] | None = None, errors: dict[str, str] | None = None
) -> str:
    """The card with what was typed; without that, with the draft."""
    callback = queries.get(callback_id, viewer=g.user)
    shown: dict[str, Any] = card.of(callback, g.user, at=clock.now(), typed=typed)
    return render_template("callbacks/card.html", errors=errors or {}, **shown)

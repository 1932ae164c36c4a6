"""Revealing a caller's number: shown once, with a reason, and written down."""

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline import access, clock
from hotline.callers import reveals
from hotline.error_pages import beside_fields
from hotline.errors import Forbidden, Invalid
from hotline.guards import guard
from hotline.permissions import Permission
from hotline.tickets import queries as tickets
from hotline.unit_of_work import unit_of_work
from models import Ticket

bp = Blueprint("callers", __name__)
bp.before_request(guard(Permission.HANDLE_CALLS, Permission.WORK_QUEUE, Permission.REVIEW))


@bp.get("/tickets/<int:ticket_id>/reveal")
def ask_why(ticket_id: int) -> ResponseReturnValue:
    """The number still masked, and the list of reasons."""
    ticket = tickets.get(ticket_id, viewer=g.user)
    if not access.may_know_caller(g.user, ticket):
        raise Forbidden
    return _page(ticket, {})


@bp.post("/tickets/<int:ticket_id>/reveal")
def reveal(ticket_id: int) -> ResponseReturnValue:
    """The whole number, on this answer only."""
    try:
        with unit_of_work():
            ticket = tickets.get(ticket_id, viewer=g.user)
            at = clock.now()
            reason = reveals.why(g.user, ticket, request.form.get("reason", ""), at=at)
            reveals.note(g.user, ticket, reason, at=at, address=request.remote_addr or "")
    except Invalid as refusal:
        ticket = tickets.get(ticket_id, viewer=g.user)
        return _page(ticket, beside_fields(refusal)), 422
    return _page(tickets.get(ticket_id, viewer=g.user), {}, is_shown=True)


def _page(ticket: Ticket, errors: dict[str, str], *, is_shown: bool = False) -> str:
    is_fragment = request.headers.get("HX-Request") == "true"
    return render_template(
        "callers/_reveal.html" if is_fragment else "callers/reveal.html",
        ticket=ticket,
        is_shown=is_shown,
        task=reveals.task_of(g.user, ticket, at=clock.now()),
        reasons=[(reason.value, _(reveals.LABELS[reason])) for reason in reveals.CHOICES],
        typed=request.form,
        errors=errors,
    )

"""The operator's workspace: one page for a call, from the ring to the key that ends it."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hotline import clock, turns
from hotline.callers import reveals
from hotline.calls import queries as calls
from hotline.calls import seats
from hotline.drafts import service as drafts
from hotline.error_pages import beside_fields
from hotline.errors import Invalid, Stale, TransitionRefused
from hotline.fields import version
from hotline.guards import guard
from hotline.permissions import Permission
from hotline.tickets import lifecycle
from hotline.tickets import queries as tickets
from hotline.unit_of_work import unit_of_work
from hotline.workspace import forms, numbers, outcomes, pages, queries
from models import Call, Ticket, TicketStatus

bp = Blueprint("workspace", __name__)
bp.before_request(guard(Permission.HANDLE_CALLS))


@bp.get("/workspace")
def home() -> ResponseReturnValue:
    """The call at this seat, or the calm before it."""
    call = _call_to_write_up()
    if call is not None:
        return _page(_form_of(call.ticket))
    return _page({"ticket": None, **_calm()})


@bp.get("/workspace/now")
def now() -> ResponseReturnValue:
    """The middle of the page, when a call rings, is picked up or ends."""
    call = _call_to_write_up()
    if call is None:
        return render_template("workspace/_idle.html", **_calm())
    return render_template("workspace/_writing.html", **_form_of(call.ticket))


@bp.get("/workspace/waiting")
def waiting() -> ResponseReturnValue:
    """Who waits, below the calm: hundreds of pages ask for it whenever a call comes."""
    return render_template("workspace/_waiting.html", waiting=_waiting(calls.call_at_seat(g.user)))


@bp.get("/workspace/work")
def work() -> ResponseReturnValue:
    return render_template("workspace/_work.html", work=queries.work_of(g.user, at=clock.now()))


@bp.get("/workspace/<int:ticket_id>")
def form(ticket_id: int) -> ResponseReturnValue:
    """The form of one open ticket."""
    ticket = tickets.get(ticket_id, viewer=g.user)
    if ticket.status is not TicketStatus.OPEN:
        return redirect(url_for("tickets.show", ticket_id=ticket.id), 303)
    return _page(_form_of(ticket))


@bp.get("/workspace/<int:ticket_id>/words")
def words(ticket_id: int) -> ResponseReturnValue:
    """To whom it would go, by when, and the sentence for the caller; follows what is chosen."""
    ticket = tickets.get(ticket_id, viewer=g.user)
    typed = pages.followed(request.args, request.headers.get("HX-Trigger-Name"))
    part = pages.handoff_part(ticket, typed)
    return render_template("workspace/_handoff.html", errors={}, **part)


@bp.get("/workspace/<int:ticket_id>/line")
def line(ticket_id: int) -> ResponseReturnValue:
    """How the call about this ticket stands: it rings, runs, is over."""
    ticket = tickets.get(ticket_id, viewer=g.user)
    return render_template("workspace/_line.html", **pages.line_of(ticket))


@bp.post(f"/workspace/<int:ticket_id>/<any({', '.join(outcomes.OUTCOMES)}):outcome>")
def finish(ticket_id: int, outcome: str) -> ResponseReturnValue:
    """One key: write down what was typed, and end the contact this way or not at all."""
    return _finished(ticket_id, partial(outcomes.choose, outcome))


@bp.post("/workspace/<int:ticket_id>/put_aside")
def put_aside(ticket_id: int) -> ResponseReturnValue:
    """After an emergency nothing is required: on to the next call, and nothing typed is lost."""
    return _finished(ticket_id, outcomes.put_aside)


@bp.post("/workspace/<int:ticket_id>/same_matter/<int:other_id>")
def same_matter(ticket_id: int, other_id: int) -> ResponseReturnValue:
    """The caller rings about an open ticket again: the call goes there, the empty one with it."""
    return _same_matter(ticket_id, lambda: other_id)


@bp.post("/workspace/<int:ticket_id>/same_matter")
def same_matter_said(ticket_id: int) -> ResponseReturnValue:
    """The same, for a caller whom no number betrays: by the query code that the caller says."""
    said = request.form.get("matter", "")
    try:
        return _same_matter(
            ticket_id, lambda: tickets.rung_about(said, viewer=g.user, field="matter").id
        )
    except (Invalid, TransitionRefused) as refusal:
        typed = forms.typed_in(request.form)
        return _refused(ticket_id, typed, beside_fields(refusal)), refusal.status


def _same_matter(ticket_id: int, find: Callable[[], int]) -> ResponseReturnValue:
    with unit_of_work():
        other_id = find()
        turns.hold(Ticket.id.in_((ticket_id, other_id)))
        ticket, other = (tickets.get(one, viewer=g.user) for one in (ticket_id, other_id))
        sentence = outcomes.same_matter(ticket, other, actor=g.user, at=clock.now())
        drafts.discard(g.user, outcomes.draft_key(ticket))
        page = "workspace.form" if other.status is TicketStatus.OPEN else "tickets.show"
    flash(sentence)
    return redirect(url_for(page, ticket_id=other_id), 303)


@bp.post("/workspace/<int:ticket_id>/emergency")
def raise_alarm(ticket_id: int) -> ResponseReturnValue:
    """Danger: no field is required, the shift leader hears of it, the script comes up."""
    with unit_of_work():
        ticket = tickets.get(ticket_id, viewer=g.user)
        at = clock.now()
        outcomes.raise_alarm(ticket, forms.typed_in(request.form), actor=g.user, at=at)
    return redirect(url_for("workspace.form", ticket_id=ticket_id), 303)


def _finished(ticket_id: int, finish: outcomes.Outcome) -> ResponseReturnValue:
    """End the contact as `finish` does, or show the form again with everything that is wrong."""
    typed = forms.typed_in(request.form)
    try:
        with unit_of_work():
            ticket = tickets.get(ticket_id, viewer=g.user)
            lifecycle.check_version(ticket, version(typed))
            sentence = finish(ticket, typed, actor=g.user, at=clock.now())
    except (Invalid, TransitionRefused, Stale) as refusal:
        return _refused(ticket_id, typed, beside_fields(refusal)), refusal.status
    flash(sentence)
    return redirect(url_for("workspace.home"), 303)


def _call_to_write_up() -> Call | None:
    """The call in hand while it has to be written up: until one key has said how it ends.

    Danger goes on as long as the caller is on the line, and so do the words to say.
    """
    call = calls.call_in_hand(g.user)
    if call is None or call.ticket.status is not TicketStatus.OPEN:
        return None
    is_in_danger = call.ticket.is_emergency and call.ended_at is None
    return call if call.written_up_at is None or is_in_danger else None


def _form_of(ticket: Ticket) -> dict[str, Any]:
    """The form of `ticket`. Whoever sees the number has a task for it, and the trail says so."""
    at = clock.now()
    reason = numbers.reason_to_show(ticket, g.user, at=at)
    if reason is not None and not reveals.is_noted(g.user, ticket):
        with unit_of_work():
            reveals.note(g.user, ticket, reason, at=at, address=request.remote_addr or "")
    return pages.of_ticket(ticket)


def _page(shown: dict[str, Any]) -> str:
    work = queries.work_of(g.user, at=clock.now())
    return render_template("workspace/home.html", work=work, **shown)


def _refused(ticket_id: int, typed: dict[str, str], errors: dict[str, str]) -> str:
    """The same page with the sentence beside the field and everything typed still there."""
    return _page(pages.of_ticket(tickets.get(ticket_id, viewer=g.user), typed, errors))


def _calm() -> dict[str, Any]:
    """What is shown while nothing has to be written: who rings here, who waits."""
    ringing, last = calls.call_at_seat(g.user), calls.call_in_hand(g.user)
    return {
        "seat": seats.seat_of(g.user),
        "last": last.ticket if last and last.ticket.status is TicketStatus.OPEN else None,
        "ringing": ringing,
        "card": queries.caller_card(ringing.ticket, viewer=g.user) if ringing else None,
        "waiting": _waiting(ringing),
        "lately": queries.latest_calls_of(g.user, at=clock.now()),
    }


def _waiting(ringing: Call | None) -> queries.Waiting:
    return queries.waiting_besides(ringing.id if ringing else None)

"""The page of one ticket: its story, and a small form for each thing that may be done to it."""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm.exc import StaleDataError

from hotline import clock, fields
from hotline.drafts import service as drafts
from hotline.error_pages import beside_fields, say
from hotline.errors import HotlineError, NotFound, Stale
from hotline.fields import Typed
from hotline.guards import guard
from hotline.permissions import Permission
from hotline.template_filters import label
from hotline.tickets import lifecycle, pages, queries
from hotline.tickets.lifecycle import Action
from hotline.tickets.pages import VERBS, Act
from hotline.unit_of_work import unit_of_work

bp = Blueprint("tickets", __name__)
bp.before_request(guard(Permission.HANDLE_CALLS, Permission.WORK_QUEUE, Permission.REVIEW))

VERB = f"/tickets/<int:ticket_id>/<any({', '.join(VERBS)}):verb>"
# Where a button may lead back to.
BACK = {
    "workspace": "workspace.home",
    "queue": "handoffs.queue",
    "returns": "handoffs.returns",
    "extensions": "handoffs.extensions",
    "unaccepted": "handoffs.unaccepted",
    "overdue": "handoffs.overdue",
    "supervised": "supervision.supervised",
}


@bp.get("/tickets/<int:ticket_id>")
def show(ticket_id: int) -> ResponseReturnValue:
    """The story of one ticket."""
    ticket = queries.get(ticket_id, viewer=g.user)
    return render_template("tickets/show.html", **pages.page_of(ticket))


@bp.get(VERB)
def ask(ticket_id: int, verb: str) -> ResponseReturnValue:
    """The form of one verb: alone for the page that is open already, else on the page."""
    ticket, action = queries.get(ticket_id, viewer=g.user), Action(verb)
    if not VERBS[action].template or not lifecycle.may(action, ticket, g.user):
        now = label(ticket.status)
        flash(_("This cannot be done now: the ticket is “%(status)s”.", status=now), "warning")
        return redirect(url_for("tickets.show", ticket_id=ticket_id), 303)
    act = pages.blank(ticket, action)
    if request.headers.get("HX-Request") == "true":
        return render_template("tickets/_act.html", **pages.form_of(ticket, act))
    return render_template("tickets/show.html", **pages.page_of(ticket, act))


@bp.post(VERB)
def act(ticket_id: int, verb: str) -> ResponseReturnValue:
    """Do it; what cannot be done comes back with the sentence and everything that was typed."""
    action, typed = Action(verb), request.form
    try:
        with unit_of_work():
            ticket = queries.get(ticket_id, viewer=g.user, beside=_other_named(typed))
            lifecycle.check_version(ticket, fields.version(typed))
            fields.check_lengths(typed)
            VERBS[action].do(ticket, typed, g.user, clock.now())
            drafts.discard(g.user, pages.draft_key(ticket, action))
    except NotFound:
        raise
    except HotlineError as refusal:
        return _refused(ticket_id, action, refusal)
    except StaleDataError:
        return _refused(ticket_id, action, Stale())
    flash(_(VERBS[action].done))
    back = BACK.get(typed.get("back", ""))
    return redirect(url_for(back) if back else url_for("tickets.show", ticket_id=ticket_id), 303)


@bp.get("/tickets/<int:ticket_id>/news/<int:version>")
def news(ticket_id: int, version: int) -> ResponseReturnValue:
    """A line for a page that is open already when the ticket has changed since, else nothing."""
    ticket = queries.get(ticket_id, viewer=g.user)
    is_new = ticket.version != version
    return render_template("tickets/_news.html", ticket=ticket) if is_new else ""


@bp.get("/tickets/<int:ticket_id>/words")
def words(ticket_id: int) -> ResponseReturnValue:
    """The sentence for the caller, following the department and level that are chosen."""
    ticket = queries.get(ticket_id, viewer=g.user)
    sentence = pages.words_for(ticket, request.args)
    return render_template("handoffs/_words.html", words=sentence)


def _other_named(typed: Typed) -> str:
    """The number of the second ticket that a form is about, if it names one."""
    return typed.get("into") or typed.get("other") or ""


def _refused(ticket_id: int, action: Action, refusal: HotlineError) -> ResponseReturnValue:
    ticket = queries.get(ticket_id, viewer=g.user)
    shown = None
    if VERBS[action].template:
        shown = Act(action, request.form, beside_fields(refusal))
    else:  # there is no form in which it could stand
        flash(say(refusal), "error")
    page = pages.page_of(ticket, shown)
    return render_template("tickets/show.html", **page), refusal.status

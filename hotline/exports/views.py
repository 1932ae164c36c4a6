"""The addresses of exports: each takes the form beside a list, and answers with a file.

A form and no link: nobody can be led to set off so much work, and the trail notes each one.
"""

from flask import Blueprint, g, request
from flask.typing import ResponseReturnValue

from hotline import clock
from hotline.audit import forms as audit_forms
from hotline.callbacks.queries import Place
from hotline.calls.filters import CallFilter
from hotline.exports import (
    audit_pages,
    call_pages,
    callback_pages,
    finding_pages,
    handoff_pages,
    inspection_pages,
    ticket_pages,
)
from hotline.exports.download import send
from hotline.exports.handoff_pages import Watch
from hotline.fields import one_of
from hotline.findings.queries import FindingFilter
from hotline.guards import guard
from hotline.handoffs.queries import Tab
from hotline.permissions import Permission, require
from hotline.quality import list_pages as inspected_lists
from hotline.tickets.filters import Asked, Filter

P = Permission
bp = Blueprint("exports", __name__)
bp.before_request(guard(P.HANDLE_CALLS, P.LOG_CALLS, P.WORK_QUEUE, P.REVIEW, P.AUDIT, P.ADMINISTER))


@bp.post("/tickets/export")
def tickets() -> ResponseReturnValue:
    """The list of tickets, narrowed as the page is."""
    require(g.user, P.HANDLE_CALLS, P.WORK_QUEUE, P.REVIEW)
    wanted = Filter.from_args(request.form)
    return send(ticket_pages.table(wanted, Asked(g.user, clock.now())))


@bp.post("/queue/export")
def queue() -> ResponseReturnValue:
    """One part of the queue of the viewer's departments."""
    require(g.user, P.WORK_QUEUE, P.SUPERVISE)
    return send(handoff_pages.queue_table(g.user, one_of(Tab, request.form, "tab")))


@bp.post("/watch/export")
def watched() -> ResponseReturnValue:
    """What the hotline watches at departments."""
    require(g.user, P.HANDLE_CALLS)
    which = one_of(Watch, request.form, "which")
    return send(handoff_pages.watched_table(g.user, which, clock.now()))


@bp.post("/callbacks/export")
def callbacks() -> ResponseReturnValue:
    """One of the lists of callbacks."""
    require(g.user, P.HANDLE_CALLS, P.LOG_CALLS)
    return send(callback_pages.table(g.user, one_of(Place, request.form, "place")))


@bp.post("/calls/list/export")
def calls() -> ResponseReturnValue:
    """The calls that rang here, narrowed as the page is."""
    require(g.user, P.SUPERVISE, P.REVIEW)
    wanted = CallFilter.from_args(request.form)
    return send(call_pages.table(wanted, Asked(g.user, clock.now())))


@bp.post("/calls/found/export")
def findings() -> ResponseReturnValue:
    """What was found at the telephone company, narrowed as the page is."""
    require(g.user, P.SUPERVISE, P.ADMINISTER)
    wanted = FindingFilter.from_args(request.form)
    return send(finding_pages.table(wanted, Asked(g.user, clock.now())))


@bp.post("/quality/inspections/export")
def inspections() -> ResponseReturnValue:
    """The score sheets, narrowed as the page is."""
    require(g.user, P.REVIEW)
    asked = inspected_lists.asked(request.form)
    return send(inspection_pages.sheets_table(asked, g.user))


@bp.post("/quality/results/export")
def inspected() -> ResponseReturnValue:
    """What the inspections of a month found."""
    require(g.user, P.REVIEW)
    return send(inspection_pages.results_table(inspected_lists.month(request.form), g.user))


@bp.post("/audit/export")
def acts() -> ResponseReturnValue:
    """What people did beside the tickets."""
    require(g.user, P.AUDIT)
    asked = audit_forms.asked(request.form)
    return send(audit_pages.acts_table(asked, audit_pages.choices(request.form)))


@bp.post("/audit/tickets/export")
def happened() -> ResponseReturnValue:
    """What happened to tickets."""
    require(g.user, P.AUDIT)
    asked = audit_forms.asked(request.form)
    return send(audit_pages.happened_table(asked, audit_pages.choices(request.form)))

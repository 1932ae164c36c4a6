"""One inspection: scoring it, reading the own score, appealing, deciding, sending back."""

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline import clock, fields
from hotline.drafts import service as drafts
from hotline.error_pages import beside_fields
from hotline.errors import Invalid, Stale, TransitionRefused
from hotline.fields import Typed
from hotline.guards import guard
from hotline.permissions import Permission
from hotline.quality import forms, pages, queries, service, sheets
from hotline.tickets import lifecycle
from hotline.unit_of_work import unit_of_work
from models import Decision, Inspection

Act = Callable[[Inspection, Typed, datetime], object]

bp = Blueprint("inspections", __name__)
bp.before_request(guard(Permission.HANDLE_CALLS, Permission.WORK_QUEUE, Permission.REVIEW))


@bp.get("/quality/mine")
def mine() -> ResponseReturnValue:
    """What of the viewer's own work was scored; a head reads the department's beside it."""
    rows, more = queries.scored_of(g.user, request.args.get("after", type=int))
    return render_template(
        "quality/mine.html",
        rows=rows,
        departments=queries.scored_in_departments(g.user),
        next_url=url_for("inspections.mine", after=more) if more else "",
    )


@bp.get("/quality/inspections/<int:inspection_id>")
def show(inspection_id: int) -> ResponseReturnValue:
    """The score sheet beside the ticket."""
    inspection = queries.get(inspection_id, viewer=g.user)
    return render_template("quality/inspection.html", **pages.page_of(inspection))


@bp.post("/quality/inspections/<int:inspection_id>/take")
def take(inspection_id: int) -> ResponseReturnValue:
    """Inspect it instead of whoever it was given to."""

    def act(inspection: Inspection, _typed: Typed, at: datetime) -> None:
        service.take(inspection, actor=g.user, at=at)

    return _do(inspection_id, act, _("It is yours to inspect."))


@bp.post("/quality/inspections/<int:inspection_id>/score")
def score(inspection_id: int) -> ResponseReturnValue:
    """Write down the marks."""

    def act(inspection: Inspection, typed: Typed, at: datetime) -> None:
        given = forms.marks(typed, sheets.criteria_of(inspection.sheet))
        service.score(inspection, given, actor=g.user, at=at)
        drafts.discard(g.user, pages.draft_key(inspection))

    return _do(inspection_id, act, _("Scored. Whose work it is can read it now."))


@bp.post("/quality/inspections/<int:inspection_id>/send_back")
def send_back(inspection_id: int) -> ResponseReturnValue:
    """Send the answer back before the caller is told."""

    def act(inspection: Inspection, typed: Typed, at: datetime) -> None:
        lifecycle.check_version(inspection.ticket, fields.version(typed))
        reason = fields.short(typed, "reason", fields.WORDS)
        service.send_back(inspection, reason, actor=g.user, at=at)

    return _do(inspection_id, act, _("Sent back to the department."))


@bp.post("/quality/inspections/<int:inspection_id>/appeal")
def appeal(inspection_id: int) -> ResponseReturnValue:
    """Say why the score is wrong."""

    def act(inspection: Inspection, typed: Typed, at: datetime) -> None:
        words = fields.short(typed, "appeal", fields.WORDS)
        service.appeal(inspection, words, actor=g.user, at=at)
        drafts.discard(g.user, pages.draft_key(inspection, "appeal"))

    return _do(inspection_id, act, _("Your appeal waits for somebody who did not score."))


@bp.post("/quality/inspections/<int:inspection_id>/decide")
def decide(inspection_id: int) -> ResponseReturnValue:
    """Let the score stand, or score anew."""

    def act(inspection: Inspection, typed: Typed, at: datetime) -> None:
        reason = fields.short(typed, "reason", fields.WORDS)
        if fields.one_of_or_none(Decision, typed, "decision") is Decision.CHANGED:
            given = forms.marks(typed, sheets.criteria_of(inspection.sheet))
            service.change(inspection, given, reason, actor=g.user, at=at)
        else:
            service.uphold(inspection, reason, actor=g.user, at=at)
        drafts.discard(g.user, pages.draft_key(inspection, "decide"))

    return _do(inspection_id, act, _("Decided."))


def _do(inspection_id: int, act: Act, done: str) -> ResponseReturnValue:
    """Do it; what cannot be taken comes back beside its fields, with everything that was typed."""
    try:
        with unit_of_work():
            act(queries.get(inspection_id, viewer=g.user), request.form, clock.now())
    except (Invalid, TransitionRefused, Stale) as refusal:
        inspection = queries.get(inspection_id, viewer=g.user)
        page = pages.page_of(inspection, request.form, beside_fields(refusal))
        return render_template("quality/inspection.html", **page), refusal.status
    flash(done)
    return redirect(url_for("inspections.show", inspection_id=inspection_id), 303)

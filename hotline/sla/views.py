"""The policies page for administrators, and for everybody how a due time was reckoned."""

from datetime import datetime, timedelta

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from hotline import clock
from hotline.calendars.forms import chosen_department
from hotline.error_pages import beside_fields
from hotline.errors import Invalid
from hotline.fields import Typed
from hotline.guards import guard
from hotline.i18n import N_
from hotline.permissions import Permission, require
from hotline.sla import deadlines, forms, policies
from hotline.sla.policy_table import GROUPS
from hotline.unit_of_work import unit_of_work

LONGEST = timedelta(days=3 * 366)

bp = Blueprint("sla", __name__)
bp.before_request(guard())


@bp.route("/policies", methods=["GET", "POST"])
def all_policies() -> ResponseReturnValue:
    require(g.user, Permission.ADMINISTER)
    if request.method == "GET":
        return _policies_page(forms.shown(), {})
    try:
        with unit_of_work():
            changed = policies.set_values(forms.values(request.form), actor=g.user, at=clock.now())
    except Invalid as refusal:
        return _policies_page(request.form, beside_fields(refusal)), refusal.status
    flash(ngettext("%(num)d policy changed.", "%(num)d policies changed.", changed))
    return redirect(url_for("sla.all_policies"), 303)


@bp.get("/reckoning")
def reckoning() -> ResponseReturnValue:
    start, due = _instant("start"), _instant("due")
    if not start < due <= start + LONGEST:
        raise Invalid(N_("A due time lies after its start, and not by years."))
    department = chosen_department()
    told = deadlines.reckoning(start, due, department)
    is_fragment = request.headers.get("HX-Request") == "true"
    template = "sla/_reckoning.html" if is_fragment else "sla/reckoning.html"
    return render_template(template, reckoning=told, department=department)


def _policies_page(typed: Typed, errors: dict[str, str]) -> str:
    return render_template(
        "sla/policies.html",
        groups=GROUPS,
        typed=typed,
        errors=errors,
        changes=policies.changes(),
    )


def _instant(name: str) -> datetime:
    """An instant of the query with its offset. Raises Invalid."""
    try:
        instant = datetime.fromisoformat(request.args.get(name, ""))
        if instant.tzinfo is None or not 2000 < instant.year < 2100:
            raise ValueError(instant)
    except ValueError as error:
        sentence = N_("Write an instant like 2026-11-20T16:30:00+08:00.")
        raise Invalid(sentence, field=name) from error
    return instant

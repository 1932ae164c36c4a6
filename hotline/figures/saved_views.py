"""Saved reports: the list, keeping one, sending one by itself, forgetting one."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline import clock
from hotline.error_pages import beside_fields
from hotline.errors import Invalid
from hotline.fields import one_of_or_none
from hotline.figures import report_pages, saved
from hotline.figures.wanted import Wanted
from hotline.guards import guard
from hotline.unit_of_work import unit_of_work
from models import Schedule

bp = Blueprint("saved_reports", __name__)
bp.before_request(guard(*saved.MAY_READ))


@bp.get("/reports/saved")
def index() -> ResponseReturnValue:
    """What was saved, and the form that saves the report one comes from."""
    return _page(request.args, {"schedule": Schedule.NEVER, "recipients": [str(g.user.id)]}, {})


@bp.post("/reports/saved")
def save() -> ResponseReturnValue:
    typed = request.form
    chosen = set(typed.getlist("recipients"))
    try:
        asked = Wanted.from_args(typed, clock.now())
        with unit_of_work():
            saved.save(
                typed.get("name", ""),
                {name: value for name, value in asked.args.items() if name != "period"},
                schedule=one_of_or_none(Schedule, typed, "schedule") or Schedule.NEVER,
                recipients=[one for one in saved.possible_recipients() if str(one.id) in chosen],
                actor=g.user,
                at=clock.now(),
            )
    except Invalid as refusal:
        shown = {**typed.to_dict(), "recipients": list(chosen)}
        return _page(typed, shown, beside_fields(refusal)), 422
    flash(_("Saved."))
    return redirect(url_for("saved_reports.index"), 303)


@bp.post("/reports/saved/<int:report_id>/delete")
def delete(report_id: int) -> ResponseReturnValue:
    """Forget one."""
    with unit_of_work():
        saved.delete(report_id, actor=g.user, at=clock.now())
    flash(_("Deleted."))
    return redirect(url_for("saved_reports.index"), 303)


def _page(args: Mapping[str, str], typed: Mapping[str, Any], errors: Mapping[str, str]) -> str:
    at = clock.now()
    try:
        wanted = Wanted.from_args(args, at)
    except Invalid:
        wanted = Wanted.from_args({}, at)
    rows = [(row, Wanted.from_args(row.asked, at)) for row in saved.of(g.user)]
    return render_template(
        "figures/saved.html",
        wanted=wanted,
        rows=rows,
        typed=typed,
        errors=errors,
        Schedule=Schedule,
        people=saved.possible_recipients(),
        in_words=_in_words,
    )


def _in_words(wanted: Wanted) -> str:
    """By what a report is and what narrows it: 按科室 · 类别: 工资."""
    narrowed = [
        f"{_(report_pages.BYS[by])}: {report_pages.name_of_key(by, value).name}"
        for by, value in wanted.narrowed
    ]
    return " · ".join([_(report_pages.BYS[wanted.by]), *narrowed])

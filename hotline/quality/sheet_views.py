"""Score sheets as supervisors and administrators keep them: every change is a new version."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline import clock
from hotline.error_pages import beside_fields
from hotline.errors import Invalid
from hotline.guards import guard
from hotline.permissions import Permission, has
from hotline.quality import forms, pages, service, sheets
from hotline.template_filters import label
from hotline.unit_of_work import unit_of_work
from models import Work

WORK = f"/quality/score-sheets/<any({', '.join(Work)}):work>"

bp = Blueprint("score_sheets", __name__)
bp.before_request(guard(Permission.SUPERVISE, Permission.ADMINISTER))


@bp.get(WORK)
def edit(work: str) -> ResponseReturnValue:
    """The version that counts now, to be changed; or an older one to be read."""
    return _page(Work(work), forms.edited(_content(Work(work))), {})


@bp.post(WORK)
def publish(work: str) -> ResponseReturnValue:
    """Let the edited sheet count for what is drawn from now on."""
    try:
        with unit_of_work():
            sheet = service.publish(
                Work(work), forms.sections(request.form), actor=g.user, at=clock.now()
            )
    except Invalid as refusal:
        return _page(Work(work), request.form, beside_fields(refusal)), refusal.status
    if sheet is None:
        flash(_("Nothing was changed: the version stays."))
    else:
        flash(_("Version %(version)d counts for what is drawn from now on.", version=sheet.version))
    return redirect(url_for("score_sheets.edit", work=work), 303)


@bp.get("/quality/score-sheets/<int:version_id>")
def show(version_id: int) -> ResponseReturnValue:
    """One version as it was scored by."""
    sheet = sheets.get(version_id)
    return render_template(
        "quality/score_sheet.html", sheet=sheet, sections=sheets.sections_of(sheet)
    )


def _content(work: Work) -> tuple[sheets.Section, ...]:
    newest = sheets.newest(work)
    return sheets.sections_of(newest) if newest else sheets.starter(work)


def _page(work: Work, typed: Mapping[str, Any], errors: Mapping[str, str]) -> str:
    return render_template(
        "quality/score_sheets.html",
        work=work,
        works=[
            (label(o), url_for("score_sheets.edit", work=o.value), o is work, None) for o in Work
        ],
        typed=typed,
        count=partial(forms.count, typed),
        errors=errors,
        versions=sheets.versions(work),
        tabs=pages.tabs("score_sheets") if has(g.user, Permission.REVIEW) else [],
        most=sheets.NAME_LENGTH,
    )

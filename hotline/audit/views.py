"""The auditor's pages: what people did, and what happened to tickets, without their contents."""

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline.accounts import queries as accounts
from hotline.audit import forms, kinds, pages, queries
from hotline.audit.queries import Place
from hotline.guards import guard
from hotline.permissions import Permission

bp = Blueprint("audit", __name__)
bp.before_request(guard(Permission.AUDIT))


@bp.get("/audit")
def trail() -> ResponseReturnValue:
    """Logins, reveals, plays, settings: what people did beside the tickets."""
    lines, more = queries.audit_lines(forms.asked(request.args))
    return _page("audit.trail", lines, more, queries.audit_kinds())


@bp.get("/audit/tickets")
def ticket_events() -> ResponseReturnValue:
    """What happened to tickets: kind, number, who, when."""
    lines, more = queries.ticket_lines(forms.asked(request.args))
    return _page("audit.ticket_events", lines, more, queries.ticket_kinds())


def _page(
    endpoint: str, lines: list[queries.Line], more: Place | None, known: list[str]
) -> ResponseReturnValue:
    filters = {name: request.args.get(name, "") for name in forms.FILTERS}
    chosen: dict[str, Any] = {name: value for name, value in filters.items() if value}
    return render_template(
        "audit/trail.html",
        endpoint=endpoint,
        lines=lines,
        kinds=sorted(((kind, _(kinds.name_of(kind))) for kind in known), key=lambda k: k[1]),
        kind_name=lambda kind: _(kinds.name_of(kind)),
        reason_name=pages.reason_of,
        subject=pages.subject_of,
        details=pages.details_of,
        changes=pages.changes_of(lines),
        people=accounts.everybody(),
        filters=filters,
        chosen=chosen,
        first_url=url_for(endpoint, **chosen) if request.args.get("before") else "",
        next_url=url_for(endpoint, before=forms.written(more), **chosen) if more else "",
    )

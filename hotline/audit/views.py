"""The auditor's pages: what people did, and what happened to tickets, without their contents."""

from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline import wall_clock
from hotline.accounts import queries as accounts
from hotline.audit import kinds, pages, queries
from hotline.audit.queries import Asked, Place
from hotline.callers.reveals import LABELS as REASONS
from hotline.errors import Invalid
from hotline.guards import guard
from hotline.i18n import N_
from hotline.permissions import Permission

FILTERS = ("person", "kind", "number", "day")

bp = Blueprint("audit", __name__)
bp.before_request(guard(Permission.AUDIT))


@bp.get("/audit")
def trail() -> ResponseReturnValue:
    """Logins, reveals, plays, settings: what people did beside the tickets."""
    lines, more = queries.audit_lines(_asked())
    return _page("audit.trail", lines, more, queries.audit_kinds())


@bp.get("/audit/tickets")
def ticket_events() -> ResponseReturnValue:
    """What happened to tickets: kind, number, who, when."""
    lines, more = queries.ticket_lines(_asked())
    return _page("audit.ticket_events", lines, more, queries.ticket_kinds())


def _page(
    endpoint: str, lines: list[queries.Line], more: Place | None, known: list[str]
) -> ResponseReturnValue:
    filters = {name: request.args.get(name, "") for name in FILTERS}
    chosen: dict[str, Any] = {name: value for name, value in filters.items() if value}
    return render_template(
        "audit/trail.html",
        endpoint=endpoint,
        lines=lines,
        kinds=sorted(((kind, _(kinds.name_of(kind))) for kind in known), key=lambda k: k[1]),
        kind_name=lambda kind: _(kinds.name_of(kind)),
        reason_name=_reason,
        subject=pages.subject_of,
        details=pages.details_of,
        changes=pages.changes_of(lines),
        people=accounts.everybody(),
        filters=filters,
        first_url=url_for(endpoint, **chosen) if request.args.get("before") else "",
        next_url=url_for(endpoint, before=_written(more), **chosen) if more else "",
    )


def _asked() -> Asked:
    """The filters of the address. Raises Invalid for what is none."""
    day = request.args.get("day", "")
    begins = _local_midnight(day) if day else None
    return Asked(
        actor_id=request.args.get("person", None, type=int),
        kind=request.args.get("kind", "")[:48],
        number=request.args.get("number", "").strip()[:16],
        from_at=begins,
        until_at=begins + timedelta(days=1) if begins else None,
        before=_place(request.args.get("before", "")),
    )


def _local_midnight(day: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(day), time(), wall_clock.zone())
    except ValueError as error:
        raise Invalid(N_("Write a date."), field="day") from error


def _written(place: Place) -> str:
    return f"{place.at.isoformat()}_{place.id}"


def _place(text: str) -> Place | None:
    if not text:
        return None
    at, _separator, row_id = text.rpartition("_")
    try:
        place = Place(datetime.fromisoformat(at), int(row_id))
    except ValueError as error:
        raise Invalid(N_("There is no such page of the list.")) from error
    if place.at.tzinfo is None:
        raise Invalid(N_("There is no such page of the list."))
    return place


def _reason(line: queries.Line) -> str:
    """The reason in the reader's language where it came from a list."""
    named = {reason.value: sentence for reason, sentence in REASONS.items()}
    return _(named[line.reason]) if line.reason in named else line.reason

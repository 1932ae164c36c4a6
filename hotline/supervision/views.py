"""What a supervisor keeps an eye on: supervised tickets, and limits that others had to hear of."""

from datetime import timedelta
from functools import partial

from flask import Blueprint, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from hotline import clock
from hotline.audit import kinds
from hotline.guards import guard
from hotline.permissions import Permission
from hotline.supervision import escalations, watched
from hotline.tickets import reading
from hotline.tickets.timeline_words import BECAUSE

bp = Blueprint("supervision", __name__)
bp.before_request(guard(Permission.SUPERVISE, Permission.REVIEW))

DAYS = (1, 7, 30)


@bp.get("/supervised")
def supervised() -> ResponseReturnValue:
    """The tickets under supervision, the next due first."""
    page = watched.supervised(g.user, request.args.get("after", ""))
    return render_template(
        "supervision/supervised.html",
        page=page,
        because=BECAUSE,
        kind_of=kinds.name_of,
        **_around("supervised"),
    )


@bp.get("/escalated")
def escalated() -> ResponseReturnValue:
    """What was escalated in the last days, and what became of it."""
    days = request.args.get("days", 7, type=int)
    days = days if days in DAYS else 7
    since = clock.now() - timedelta(days=days)
    page = escalations.told_since(since, viewer=g.user, after=request.args.get("after", ""))
    return render_template(
        "supervision/escalated.html",
        page=page,
        days=days,
        spans=[(one, ngettext("%(num)d day", "%(num)d days", one)) for one in DAYS],
        kind_of=kinds.name_of,
        STILL=escalations.STILL,
        **_around("escalated"),
    )


def _around(here: str) -> dict[str, object]:
    names = {"supervised": _("Under supervision"), "escalated": _("Escalated")}
    return {
        "title": names[here],
        "tabs": [
            (name, url_for(f"supervision.{one}"), one == here, None) for one, name in names.items()
        ],
        "title_of": partial(reading.title_for, g.user),
        "hidden": partial(reading.hidden_for, g.user),
    }

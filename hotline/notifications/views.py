"""The bell: what one was told, and where it leads."""

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hotline import clock
from hotline.calendars.importing import MISSING
from hotline.guards import guard
from hotline.languages import choose_locale
from hotline.notifications import service
from hotline.outbox import texts
from hotline.unit_of_work import unit_of_work
from models import Notification

INSPECTIONS = ("inspection_scored", "inspection_appealed", "inspection_decided")

bp = Blueprint("notifications", __name__)
bp.before_request(guard())


@bp.get("/notifications")
def index() -> ResponseReturnValue:
    """The newest notices first."""
    notices = service.notices_of(g.user, before=request.args.get("before", type=int))
    locale = choose_locale()
    said = {one.id: texts.say(one.text, one.params, locale) for one in notices}
    oldest = notices[-1].id if len(notices) == service.A_PAGE else None
    return render_template("notifications/index.html", notices=notices, said=said, oldest=oldest)


@bp.post("/notifications/<int:notice_id>/open")
def open_notice(notice_id: int) -> ResponseReturnValue:
    """Mark as read, and go where it leads."""
    with unit_of_work():
        notice = service.read(notice_id, reader=g.user, at=clock.now())
    return redirect(_place_of(notice), 303)


@bp.post("/notifications/read")
def read_all() -> ResponseReturnValue:
    with unit_of_work():
        service.read_all(reader=g.user, at=clock.now())
    return redirect(url_for("notifications.index"), 303)


def _place_of(notice: Notification) -> str:
    if notice.callback_id is not None:
        return url_for("callbacks.show", callback_id=notice.callback_id)
    if notice.ticket_id is not None:
        return url_for("tickets.show", ticket_id=notice.ticket_id)
    kind, _, rest = notice.dedupe_key.partition(":")
    if kind in INSPECTIONS:
        return url_for("inspections.show", inspection_id=int(rest.partition(":")[0]))
    if kind == "inspections_drawn":
        return url_for("quality.desk")
    if notice.dedupe_key.startswith("message_lost:"):
        return url_for("outbox.index")
    if notice.dedupe_key.startswith("provider_silent:"):
        return url_for("findings.index")
    if notice.dedupe_key.startswith(f"{MISSING}:"):
        return url_for("years.show", year=notice.params["year"])
    if notice.dedupe_key.startswith("sheet:"):
        return url_for("sheets.show", sheet_id=int(notice.dedupe_key.split(":")[1]))
    if notice.dedupe_key.startswith("nobody_took_over:"):
        return url_for("callbacks.pool")
    return url_for("notifications.index")

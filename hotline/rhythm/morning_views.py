"""The morning page: last night's calls, urgent words first, and what is owed of them now."""

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hotline import clock
from hotline.guards import guard
from hotline.permissions import Permission
from hotline.rhythm import nights, ringers
from hotline.wall_clock import zone
from models import CallResult

A_PAGE = 30
A_DAY = timedelta(days=1)

bp = Blueprint("morning", __name__)
bp.before_request(guard(Permission.HANDLE_CALLS))


@bp.get("/morning")
def show() -> ResponseReturnValue:
    """The night before a day, today's unless another is asked for."""
    at = clock.now()
    today = at.astimezone(zone()).date()
    day = _asked_day(today)
    night = nights.of(nights.span_of(day, at), viewer=g.user)
    only = request.args.get("only", "")
    shown = nights.narrowed(night, only)
    first = request.args.get("from", 0, type=int)
    is_today = day == today
    return render_template(
        "rhythm/morning.html",
        day=day,
        night=night,
        only=only if shown is not night.ringers else "",
        ringers=ringers.shown(shown[first : first + A_PAGE]),
        next_page=_url(day, only, first + A_PAGE) if len(shown) > first + A_PAGE else "",
        first_page=_url(day, only) if first else "",
        others=_others(night, day) if is_today and not only else (),
        is_today=is_today,
        before=_url(day - A_DAY),
        after=_url(day + A_DAY) if nights.has_begun(day + A_DAY, at) else "",
        today=_url(today),
        CallResult=CallResult,
    )


def _others(night: nights.Night, day: date) -> object:
    return nights.other_debts(night, nights.end_of_morning(day), viewer=g.user)


def _asked_day(today: date) -> date:
    """The day of the query, if it is one; not after tomorrow, whose night may have begun."""
    try:
        asked = date.fromisoformat(request.args.get("on", ""))
    except ValueError:
        return today
    return min(max(asked, date(2000, 1, 2)), today + A_DAY)


def _url(day: date, only: str = "", first: int = 0) -> str:
    asked: dict[str, Any] = {"on": day.isoformat(), "only": only or None, "from": first or None}
    return url_for("morning.show", **asked)

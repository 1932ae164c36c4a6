"""Money recovered, for who leads: by the year and the month, each sum with its tickets."""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline import clock, fields
from hotline.error_pages import beside_fields
from hotline.errors import Invalid, Stale
from hotline.guards import guard
from hotline.permissions import Permission, require
from hotline.rhythm import money
from hotline.tickets import queries as tickets
from hotline.tickets.filters import Asked
from hotline.unit_of_work import unit_of_work
from hotline.wall_clock import zone

FIRST_YEAR = 2000

bp = Blueprint("money", __name__)
bp.before_request(guard(Permission.SUPERVISE, Permission.REVIEW))


@bp.get("/money")
def year() -> ResponseReturnValue:
    """The sums of one year."""
    at = clock.now()
    this_year = at.astimezone(zone()).year
    asked = request.args.get("year", this_year, type=int)
    shown = asked if FIRST_YEAR <= asked <= this_year else this_year
    return render_template(
        "rhythm/money.html",
        year=shown,
        sums=money.of_year(shown, Asked(g.user, at, zone())),
        before=url_for("money.year", year=shown - 1) if shown > FIRST_YEAR else "",
        after=url_for("money.year", year=shown + 1) if shown < this_year else "",
    )


@bp.get("/tickets/<int:ticket_id>/money")
def ask(ticket_id: int) -> ResponseReturnValue:
    """The amount of one ticket, to be put right."""
    require(g.user, Permission.SUPERVISE)
    return _page(ticket_id, None, {})


@bp.post("/tickets/<int:ticket_id>/money")
def correct(ticket_id: int) -> ResponseReturnValue:
    """Put it right, with the reason."""
    require(g.user, Permission.SUPERVISE)
    typed = request.form
    try:
        with unit_of_work():
            ticket = tickets.get(ticket_id, viewer=g.user)
            money.correct(
                ticket,
                fields.fen(typed, "money"),
                version=fields.version(typed),
                reason=fields.short(typed, "reason", fields.LENGTHS["reason"]),
                actor=g.user,
                at=clock.now(),
            )
    except (Invalid, Stale) as refusal:
        return _page(ticket_id, dict(typed), beside_fields(refusal)), refusal.status
    flash(_("Put right; what it was stays on the timeline."))
    return redirect(url_for("tickets.show", ticket_id=ticket_id), 303)


def _page(ticket_id: int, typed: dict[str, str] | None, errors: dict[str, str]) -> str:
    ticket = tickets.get(ticket_id, viewer=g.user)
    written = {"money": f"{ticket.money_recovered_fen / 100:.2f}"}
    return render_template(
        "rhythm/correct_money.html", ticket=ticket, typed=typed or written, errors=errors
    )

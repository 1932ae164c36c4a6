"""The supervisor's first page."""

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue

from hotline import clock
from hotline.figures import queries
from hotline.guards import guard
from hotline.permissions import Permission
from hotline.tickets.filters import Asked

bp = Blueprint("figures", __name__)
bp.before_request(guard(Permission.SUPERVISE, Permission.REVIEW))


@bp.get("/now")
def now() -> ResponseReturnValue:
    """What is so right now."""
    return render_template("figures/now.html", board=queries.now(Asked(g.user, clock.now())))


@bp.get("/now/board")
def board() -> ResponseReturnValue:
    """The same figures alone, for a page that stays open."""
    return render_template("figures/_board.html", board=queries.now(Asked(g.user, clock.now())))

"""The supervisor's first page."""

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue

from hotline import clock
from hotline.figures import board_pages, queries
from hotline.findings import service as findings
from hotline.guards import guard
from hotline.permissions import Permission, has
from hotline.tickets.filters import Asked

bp = Blueprint("figures", __name__)
bp.before_request(guard(Permission.SUPERVISE, Permission.REVIEW))


@bp.get("/now")
def now() -> ResponseReturnValue:
    """What is so right now."""
    board = queries.now(Asked(g.user, clock.now()))
    may_read = has(g.user, Permission.SUPERVISE)
    return render_template(
        "figures/now.html",
        board=board,
        stamp=board_pages.stamp(board.at),
        unread_findings=findings.unread(g.user) if may_read else 0,
    )


@bp.get("/now/board")
def board() -> ResponseReturnValue:
    """The same figures alone, for a page that stays open."""
    board = queries.now(Asked(g.user, clock.now()))
    return board_pages.stamped(render_template("figures/_board.html", board=board), board.at)

"""A department's queue, and what the hotline has to look after at departments."""

from flask import Blueprint, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from hotline import clock
from hotline.guards import guard
from hotline.handoffs import extensions as asking
from hotline.handoffs import queries, queue_pages
from hotline.handoffs.queries import Page, Tab
from hotline.i18n import N_
from hotline.permissions import Permission, has, require
from hotline.tickets import reading
from models import Handoff

bp = Blueprint("handoffs", __name__)
bp.before_request(guard(Permission.WORK_QUEUE, Permission.HANDLE_CALLS))

TABS = {
    Tab.ACCEPT: N_("To accept"),
    Tab.WORK: N_("In work"),
    Tab.RETURN: N_("Return asked"),
    Tab.ASSIST: N_("Assisting"),
    Tab.EARLIER: N_("Handled earlier"),
}


@bp.get("/queue")
def queue() -> ResponseReturnValue:
    """What the viewer's departments have to do, the most urgent first."""
    require(g.user, Permission.WORK_QUEUE, Permission.SUPERVISE)
    wanted = request.args.get("tab", "")
    tab = Tab(wanted) if wanted in set(Tab) else Tab.ACCEPT
    page = queries.queue_of(g.user, tab, request.args.get("after", ""))
    tabs = [
        (_(name), url_for("handoffs.queue", tab=one.value), one is tab, None)
        for one, name in TABS.items()
    ]
    lines = queue_pages.lines_of(page, g.user, clock.now())
    return render_template("handoffs/queue.html", tab=tab, tabs=tabs, page=page, lines=lines)


@bp.get("/returns")
def returns() -> ResponseReturnValue:
    """Returns that departments asked for and the hotline has to decide."""
    page = queries.returns_to_decide(g.user, request.args.get("after", ""))
    return _hotline_page("returns", _("Returns to decide"), page)


@bp.get("/extensions")
def extensions() -> ResponseReturnValue:
    """Requests for more time, which a supervisor decides."""
    require(g.user, Permission.SUPERVISE)
    page = queries.extensions_to_decide(g.user, request.args.get("after", ""))
    return _hotline_page("extensions", _("More time to decide"), page)


@bp.get("/unaccepted")
def unaccepted() -> ResponseReturnValue:
    """Handoffs that nobody has accepted."""
    page = queries.unaccepted(g.user, request.args.get("after", ""))
    return _hotline_page("unaccepted", _("Not accepted yet"), page)


@bp.get("/overdue")
def overdue() -> ResponseReturnValue:
    """Handoffs past a limit."""
    page = queries.overdue(g.user, clock.now(), request.args.get("after", ""))
    return _hotline_page("overdue", _("Overdue at departments"), page)


def _hotline_page(here: str, title: str, page: Page[Handoff]) -> str:
    require(g.user, Permission.HANDLE_CALLS)
    names = {
        "returns": _("Returns to decide"),
        "extensions": _("More time to decide"),
        "unaccepted": _("Not accepted yet"),
        "overdue": _("Overdue at departments"),
    }
    if not has(g.user, Permission.SUPERVISE):
        del names["extensions"]
    tabs = [(name, url_for(f"handoffs.{one}"), one == here, None) for one, name in names.items()]
    if has(g.user, Permission.SUPERVISE):
        tabs.append((_("Under supervision"), url_for("supervision.supervised"), False, None))
    return render_template("handoffs/watch.html", title=title, here=here, tabs=tabs, **_rows(page))


def _rows(page: Page[Handoff]) -> dict[str, object]:
    """A page of handoffs as the viewer may read them."""

    def title_of(handoff: Handoff) -> str:
        return reading.title_for(g.user, handoff.ticket)

    def hidden(text: str, handoff: Handoff) -> str:
        return reading.hidden_for(g.user, text, handoff.ticket)

    return {
        "page": page,
        "title_of": title_of,
        "hidden": hidden,
        "chasers": queries.chasers_of(
            [one.ticket_id for one in page.handoffs if one.ticket.chased_count]
        ),
        "asked_of": asking.undecided,
    }

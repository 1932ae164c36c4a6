"""What stands around every page: who is looking, where they may go, how many callers are owed an answer."""

from dataclasses import dataclass

from flask import Flask, current_app, g, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import func, select

from hotline import access
from hotline.i18n import N_
from hotline.permissions import Permission, has
from models import Notification, Seat, Ticket, TicketStatus, User, db


@dataclass(frozen=True)
class Place:
    """A page of the main navigation: who may open one of `permissions` sees it."""

    endpoint: str
    name: str
    icon: str
    permissions: tuple[Permission, ...]


@dataclass(frozen=True)
class Entry:
    """A place as the top bar shows it to one person."""

    text: str
    url: str
    icon: str
    is_current: bool


P = Permission
PLACES = (
    Place("workspace.home", N_("Workspace"), "headset", (P.HANDLE_CALLS,)),
    Place("handoffs.queue", N_("Queue"), "inbox", (P.WORK_QUEUE,)),
    Place("callbacks.due", N_("Callbacks"), "phone-outgoing", (P.HANDLE_CALLS,)),
    Place("tickets.index", N_("Tickets"), "list", (P.HANDLE_CALLS, P.WORK_QUEUE, P.REVIEW)),
    Place("workspace.log", N_("Log a contact"), "pencil", (P.LOG_CALLS,)),
)


def init_app(app: Flask) -> None:
    """Give every page of `app` its surroundings."""
    app.context_processor(surroundings)
    app.add_template_global(places_of_viewer, "nav_items")
    app.add_template_global(owed_count)
    app.add_template_global(unread_count)
    app.add_template_global(seat_of_viewer)


def surroundings() -> dict[str, object]:
    """The variables of base.html. Only what the guard already loaded: an error page must not fail."""
    viewer = g.get("user")
    return {
        "viewer": viewer,
        "page_lang": "zh-CN" if str(get_locale()).startswith("zh") else "en",
        "page_theme": _theme(viewer),
    }


def _theme(viewer: User | None) -> str:
    chosen = viewer.theme if viewer else request.cookies.get("theme", "")
    return chosen if chosen in ("light", "dark") else ""


def places_of_viewer() -> list[Entry]:
    """Where the viewer may go, the present place marked."""
    here = request.blueprint
    return [
        Entry(
            _(place.name),
            url_for(place.endpoint),
            place.icon,
            request.endpoint == place.endpoint
            or here == place.endpoint.split(".")[0] != "workspace",
        )
        for place in PLACES
        if place.endpoint in current_app.view_functions and has(g.user, *place.permissions)
    ]


def owed_count() -> int | None:
    """待回音: how many callers are still owed an answer, as far as the viewer sees; else None."""
    if not has(g.user, P.HANDLE_CALLS, P.WORK_QUEUE, P.REVIEW):
        return None
    owed = select(func.count(func.distinct(Ticket.caller_id))).where(
        Ticket.status != TicketStatus.CLOSED, access.visible(g.user)
    )
    return db.session.scalar(owed) or 0


def unread_count() -> int:
    """How many lines under the viewer's bell are unread."""
    unread = select(func.count()).where(
        Notification.user_id == g.user.id, Notification.read_at.is_(None)
    )
    return db.session.scalar(unread) or 0


def seat_of_viewer() -> Seat | None:
    """The viewer's place at the telephone, if it has one."""
    if not has(g.user, P.HANDLE_CALLS):
        return None
    return db.session.get(Seat, g.user.id)

"""What stands around every page: who looks, where they may go, how many callers wait."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import cast

from flask import Flask, current_app, g, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from hotline import clock
from hotline.i18n import N_
from hotline.live_updates import feed
from hotline.notifications import service as notifications
from hotline.permissions import Permission, has, permissions_of
from hotline.tickets import filters
from hotline.tickets.filters import Asked, Filter
from models import Call, Role, Seat, SeatState, User, db

OWED = Filter(state="owed")


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


@dataclass(frozen=True)
class Figures:
    """The numbers in the bar."""

    owed: int
    unread: int


P = Permission
TICKET_READERS = (P.HANDLE_CALLS, P.WORK_QUEUE, P.REVIEW)
# In the order of the bar; a person's first place is where the day begins.
PLACES = (
    Place("workspace.home", N_("Workspace"), "headset", (P.HANDLE_CALLS,)),
    Place("handoffs.queue", N_("Queue"), "inbox", (P.WORK_QUEUE,)),
    Place("figures.now", N_("Right now"), "layout-dashboard", (P.SUPERVISE, P.REVIEW)),
    Place("reports.show", N_("Reports"), "chart-bar", (P.SUPERVISE, P.REVIEW, P.ASSIGN)),
    Place("callbacks.due", N_("Callbacks"), "phone-outgoing", (P.HANDLE_CALLS,)),
    Place("lists.index", N_("Tickets"), "list", TICKET_READERS),
    Place("quality.desk", N_("Quality"), "star", (P.REVIEW,)),
    Place("log.new", N_("Log a contact"), "pencil", (P.LOG_CALLS,)),
    Place("roster.week", N_("Duty roster"), "calendar-event", (P.HANDLE_CALLS,)),
    Place("users.index", N_("Colleagues"), "users", (P.ADMINISTER,)),
    Place("departments.index", N_("Departments"), "sitemap", (P.ADMINISTER,)),
    Place("categories.index", N_("Categories"), "category", (P.ADMINISTER,)),
    Place("audit.trail", N_("Trail"), "shield", (P.AUDIT,)),
    Place("years.show", N_("Calendars and limits"), "calendar", (P.ADMINISTER,)),
    Place("walls.index", N_("Wall screens"), "layout-dashboard", (P.ADMINISTER,)),
)

# Pages that are reached from a place of the bar, by their blueprints.
BELONGS_TO = {
    "inspections": "quality",
    "score_sheets": "quality",
    "call_lists": "figures",
    "findings": "figures",
    "outbox": "figures",
    "supervision": "figures",
    "tickets": "lists",
    "ticket_sheet": "lists",
    "signing": "callbacks",
    "sheets": "roster",
    "morning": "workspace",
    "money": "figures",
    "urgent_words": "years",
    **dict.fromkeys(("calendars", "official_lists", "sla"), "years"),
}


def init_app(app: Flask) -> None:
    """Give every page of `app` its surroundings."""
    app.before_request(know_who_is_lost)
    app.context_processor(surroundings)
    for around in (
        open_places,
        present_place,
        entries_of,
        owed_count,
        unread_count,
        seat_of_viewer,
        has_handset,
        known_updates,
    ):
        app.add_template_global(around)
    app.add_template_global(SeatState, "SeatState")


def know_who_is_lost() -> None:
    """Where there is no page no guard has looked who it is; the way back needs to know."""
    if request.endpoint is None and current_user.is_authenticated:
        g.user = current_user.user


def known_updates() -> list[int]:
    """What the live updates need not tell this page: the guard has looked before it was made."""
    return g.known_updates if "known_updates" in g else feed.known(clock.now())


def surroundings() -> dict[str, object]:
    """The variables of base.html, from what the guard loaded: an error page must not fail."""
    viewer = g.get("user")
    return {
        "viewer": viewer,
        "page_lang": "zh-CN" if str(get_locale()).startswith("zh") else "en",
        "page_theme": _theme(viewer),
        "takes_calls": viewer is not None and has(viewer, P.HANDLE_CALLS),
        "reads_tickets": viewer is not None and has(viewer, *TICKET_READERS),
        "is_simulated": current_app.config["TELEPHONY"] == "simulator",
    }


def _theme(viewer: User | None) -> str:
    chosen = (viewer.theme if viewer else "") or request.cookies.get("theme", "")
    return chosen if chosen in ("light", "dark") else ""


def first_page() -> str:
    """Where the viewer's day begins: a supervisor who takes no calls begins with the overview."""
    places = _open_to(g.user)
    if Role.SUPERVISOR in g.user.roles and Role.OPERATOR not in g.user.roles:
        places.sort(key=lambda place: place.endpoint != "figures.now")
    return url_for(places[0].endpoint) if places else url_for("profile.show")


def open_places() -> tuple[str, ...]:
    """Where the viewer may go, by the endpoints."""
    return tuple(place.endpoint for place in _open_to(g.user))


def present_place() -> str:
    """The blueprint of the place to which this page belongs."""
    here = request.blueprint or ""
    return BELONGS_TO.get(here, here)


def entries_of(endpoints: Collection[str], here: str) -> list[Entry]:
    """The places behind these `endpoints` as the bar shows them, that of `here` marked."""
    return [
        Entry(
            _(place.name),
            url_for(place.endpoint),
            place.icon,
            place.endpoint.split(".")[0] == here,
        )
        for place in PLACES
        if place.endpoint in endpoints
    ]


def _open_to(user: User) -> list[Place]:
    known, held = current_app.view_functions, permissions_of(user)
    return [p for p in PLACES if p.endpoint in known and not held.isdisjoint(p.permissions)]


def owed_count() -> int:
    """待回音: how many callers are still owed an answer, as far as the viewer sees."""
    return _figures().owed


def unread_count() -> int:
    """How many lines under the viewer's bell are unread."""
    return _figures().unread


def seat_of_viewer() -> Seat | None:
    """The viewer's place at the telephone, if this person takes calls."""
    return cast(User, g.user).seat if has(g.user, P.HANDLE_CALLS) else None


def _figures() -> Figures:
    """The figures of the bar, read once for a page."""
    if "figures" not in g:
        owed = filters.counted(OWED, Asked(g.user, clock.now()))
        found = select(owed, notifications.unread_count(g.user))
        g.figures = Figures(*db.session.execute(found).one())
    return cast(Figures, g.figures)


def has_handset(call: Call) -> bool:
    """Whether the viewer's telephone for `call` is the one in the page."""
    return call.provider == "simulator" and not g.user.line

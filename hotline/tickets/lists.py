"""Lists of tickets: filtered, in pages that begin where the last one ended, never counted."""

from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import literal_column, or_, select
from sqlalchemy.orm import InstrumentedAttribute, joinedload

from hotline import access, clock
from hotline.errors import Invalid, NotFound
from hotline.guards import guard
from hotline.i18n import N_
from hotline.permissions import Permission
from hotline.template_filters import name_of, pairs
from hotline.tickets import filters, list_pages, list_words, queries, reading
from hotline.tickets.filters import UNCLOSED, Asked, Filter
from models import Category, Department, Source, Ticket, TicketStatus, User, db

bp = Blueprint("lists", __name__)
bp.before_request(guard(Permission.HANDLE_CALLS, Permission.WORK_QUEUE, Permission.REVIEW))

PAGE = 50


@dataclass(frozen=True)
class Page:
    """Some tickets, and where the next page begins; `after` is empty on the last one."""

    tickets: list[Ticket]
    after: str


@bp.get("/tickets")
def index() -> ResponseReturnValue:
    """The tickets that the query string asks for, newest first."""
    wanted = Filter.from_args(request.args)
    asked = Asked(g.user, clock.now())
    errors: dict[str, str] = {}
    try:
        page = page_of(wanted, asked, after=request.args.get("after", ""))
    except Invalid as refused:
        page, errors = Page([], ""), {refused.field: refused.sentence}
    lines = list_pages.lines_of(page.tickets, g.user, asked.at, with_money=bool(wanted.money))
    return render_template(
        "tickets/index.html", page=page, lines=lines, wanted=wanted, errors=errors, **_choices()
    ), 422 if errors else 200


@bp.get("/search")
def search() -> ResponseReturnValue:
    """Look for a number, a name, or words; a ticket's own number opens it at once."""
    q = request.args.get("q", "").strip()
    try:
        ticket = queries.by_number(q, viewer=g.user)
    except NotFound:
        return redirect(url_for("lists.index", q=q), 303)
    return redirect(url_for("tickets.show", ticket_id=ticket.id), 303)


def page_of(wanted: Filter, asked: Asked, *, after: str = "", size: int = PAGE) -> Page:
    """Up to `size` tickets of `wanted`, the newest first, from after the key `after`.

    Raises Invalid when the filter or the key means nothing.
    """
    found = (
        select(Ticket)
        .where(*filters.conditions(wanted, asked))
        .order_by(Ticket.opened_at.desc(), Ticket.id.desc())
        .limit(literal_column(str(size + 1)))  # else PostgreSQL expects to read a tenth of all
        .options(
            joinedload(Ticket.caller),
            joinedload(Ticket.category),
            joinedload(Ticket.department),
            joinedload(Ticket.owner).lazyload(User.role_rows),
        )
    )
    if after:
        opened_at, ticket_id = _key(after)
        found = found.where(
            Ticket.opened_at <= opened_at,
            or_(Ticket.opened_at < opened_at, Ticket.id < ticket_id),
        )
    tickets = list(db.session.scalars(found))
    has_more = len(tickets) > size
    tickets = tickets[:size]
    reading.load_what_is_hidden(
        one for one in tickets if not access.may_know_caller(asked.viewer, one)
    )
    return Page(tickets, _after(tickets[-1]) if has_more else "")


def _after(ticket: Ticket) -> str:
    return f"{ticket.opened_at.timestamp():.6f}_{ticket.id}"


def _key(after: str) -> tuple[datetime, int]:
    seconds, _, ticket_id = after.partition("_")
    try:
        return datetime.fromtimestamp(float(seconds), tz=UTC), int(ticket_id)
    except (ValueError, OverflowError, OSError):
        raise Invalid(N_("There is no such page."), field="after") from None


def _choices() -> dict[str, object]:
    """What the fields of the filter offer."""
    return {
        "departments": _named(Department, Department.position),
        "categories": _named(Category, Category.position, Category.id),
        "states": [(word, _(text)) for word, text in list_words.STATES.items()],
        "marks": [(word, _(text)) for word, text in list_words.MARKS.items()],
        "statuses": [(UNCLOSED, _("Not closed")), *pairs(TicketStatus)],
        "sources": pairs(Source),
    }


def _named(
    model: type[Department] | type[Category], *order: InstrumentedAttribute[int]
) -> list[tuple[int, str]]:
    """Id and name of all that are active, for a field to choose from."""
    found = select(model.id, model.name_zh, model.name_en).where(model.is_active).order_by(*order)
    return [(row.id, name_of(row)) for row in db.session.execute(found)]

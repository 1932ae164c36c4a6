"""The list of tickets as a table: what the page shows of each, and its times."""

from collections.abc import Iterable, Sequence
from functools import partial

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from hotline import access
from hotline.exports.download import Choice, Table
from hotline.exports.pieces import Pieces, in_order
from hotline.exports.row_pages import Words
from hotline.exports.tables import Column, Kind, Row
from hotline.i18n import N_
from hotline.permissions import Permission, has
from hotline.template_filters import label, name_of
from hotline.tickets import filters, list_words, reading
from hotline.tickets.filters import MINE, POOL, UNCLOSED, Asked, Filter
from models import (
    Caller,
    Category,
    Department,
    Level,
    Resolution,
    Source,
    Ticket,
    TicketStatus,
    Urgency,
    User,
    db,
)

TITLE = N_("Tickets")
# The fields of the filter, as the page calls them.
NAMES = {
    "q": N_("Number, name or words"),
    "state": N_("What about it"),
    "status": N_("Status"),
    "department": N_("Department"),
    "category": N_("Category"),
    "owner": N_("Accountable"),
    "mark": N_("Mark"),
    "source": N_("Source"),
    "urgency": N_("Urgency"),
    "level": N_("Difficulty"),
    "resolution": N_("Resolution"),
    "since": N_("Opened from"),
    "until": N_("to"),
}
WORDS = {
    "status": TicketStatus,
    "source": Source,
    "urgency": Urgency,
    "level": Level,
    "resolution": Resolution,
}
MARKED = {
    "state": list_words.STATES,
    "mark": list_words.MARKS,
    "status": {UNCLOSED: N_("Not closed")},
}
ROWS_OF = {"department": Department, "category": Category}


def table(wanted: Filter, asked: Asked) -> Table:
    """Every ticket that `wanted` holds, the newest first, as `asked.viewer` may read it.

    Raises Invalid when the filter means nothing.
    """
    found = select(Ticket.id).where(*filters.conditions(wanted, asked))
    pieces = Pieces(found.order_by(Ticket.opened_at.desc(), Ticket.id.desc()))
    rows = pieces.rows(partial(_rows, asked.viewer))
    return Table(TITLE, columns(), rows, len(pieces), choices(wanted))


def columns() -> list[Column]:
    return [
        Column(_("Number"), width=15),
        Column(_("What was asked"), width=44),
        Column(_("Category"), width=16),
        Column(_("Caller"), width=14),
        Column(_("Kind of caller"), width=14),
        Column(_("Status"), width=12),
        Column(_("Resolution"), width=14),
        Column(_("With"), width=18),
        Column(_("Accountable"), width=12),
        Column(_("Marks"), width=20),
        Column(_("Difficulty"), width=12),
        Column(_("Source"), width=12),
        Column(_("Opened"), Kind.INSTANT),
        Column(_("Promised by"), Kind.INSTANT),
        Column(_("Closed"), Kind.INSTANT),
        Column(_("From opening to close"), Kind.DURATION, 14),
        Column(_("Hand-overs"), Kind.NUMBER),
        Column(_("Reworks"), Kind.NUMBER),
        Column(_("Chased"), Kind.NUMBER),
    ]


def _rows(viewer: User, wanted: Sequence[int]) -> Iterable[Row]:
    caller = joinedload(Ticket.caller)
    if not has(viewer, Permission.HANDLE_CALLS):  # the numbers are needed to hide them
        caller = caller.selectinload(Caller.numbers)
    again = (
        select(Ticket)
        .where(access.visible(viewer))
        .options(
            caller,
            joinedload(Ticket.category),
            joinedload(Ticket.department),
            joinedload(Ticket.owner).lazyload(User.role_rows),
        )
    )
    words = Words()
    return [_row(viewer, ticket, words) for ticket in in_order(again, Ticket.id, wanted)]


def _row(viewer: User, ticket: Ticket, words: Words) -> Row:
    is_known = access.may_know_caller(viewer, ticket)
    return (
        ticket.number,
        reading.title_for(viewer, ticket),
        words.name_of(ticket.category),
        words.caller_of(ticket, is_known=is_known),
        words.label(ticket.caller.kind) if is_known else "",
        words.label(ticket.status),
        words.label(ticket.resolution),
        words.name_of(ticket.department),
        words.owner_of(ticket),
        words.marks_of(ticket),
        words.label(ticket.level),
        words.label(ticket.source),
        ticket.opened_at,
        ticket.promised_at,
        ticket.closed_at,
        ticket.closed_at - ticket.opened_at if ticket.closed_at else None,
        ticket.handoff_count,
        ticket.rework_count,
        ticket.chased_count,
    )


def choices(wanted: Filter) -> list[Choice]:
    """By what the list was narrowed, in words."""
    return [
        Choice(NAMES[name], _said(name, value), is_private=name == "q")
        for name, value in wanted.chosen.items()
    ]


def _said(name: str, value: str) -> str:
    if name in WORDS and value in set(WORDS[name]):
        return label(WORDS[name](value))
    if name in ROWS_OF:
        return name_of(db.session.get(ROWS_OF[name], int(value)))
    if name == "owner":
        return _owner_said(value)
    return _(MARKED[name][value]) if name in MARKED else value


def _owner_said(value: str) -> str:
    if value in (MINE, POOL):
        return _("Me") if value == MINE else _("The pool")
    owner = db.session.get(User, int(value))
    return owner.display_name if owner else ""

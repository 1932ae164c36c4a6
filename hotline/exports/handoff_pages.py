"""The lists of handoffs as tables: a department's queue, and what the hotline watches."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from functools import partial

from flask_babel import gettext as _

from hotline.exports.download import Choice, Table
from hotline.exports.pieces import Pieces, in_order
from hotline.exports.row_pages import Words
from hotline.exports.tables import Column, Kind, Row
from hotline.handoffs import queries
from hotline.handoffs.queries import Tab, View
from hotline.i18n import N_
from hotline.tickets import reading
from models import Handoff, User

QUEUE = N_("Queue")
TABS = {
    Tab.ACCEPT: N_("To accept"),
    Tab.WORK: N_("In work"),
    Tab.RETURN: N_("Return asked"),
    Tab.ASSIST: N_("Assisting"),
    Tab.EARLIER: N_("Handled earlier"),
}


class Watch(StrEnum):
    """The lists that the hotline watches."""

    RETURNS = "returns"
    EXTENSIONS = "extensions"
    UNACCEPTED = "unaccepted"
    OVERDUE = "overdue"


WATCHED = {
    Watch.RETURNS: N_("Returns to decide"),
    Watch.EXTENSIONS: N_("More time to decide"),
    Watch.UNACCEPTED: N_("Not accepted yet"),
    Watch.OVERDUE: N_("Overdue at departments"),
}


def queue_table(viewer: User, tab: Tab) -> Table:
    """What the departments of `viewer` have in this part of their queue."""
    part = Choice(N_("Part of the queue"), _(TABS[tab]))
    return _table(viewer, queries.in_queue(viewer, tab), QUEUE, (part,))


def watched_table(viewer: User, which: Watch, at: datetime) -> Table:
    """What the hotline watches at departments."""
    views: dict[Watch, Callable[[], View]] = {
        Watch.RETURNS: partial(queries.asked_back, viewer),
        Watch.EXTENSIONS: partial(queries.asked_for_time, viewer),
        Watch.UNACCEPTED: partial(queries.not_accepted, viewer),
        Watch.OVERDUE: partial(queries.past_a_limit, viewer, at),
    }
    return _table(viewer, views[which](), WATCHED[which])


def _table(viewer: User, view: View, title: str, choices: Sequence[Choice] = ()) -> Table:
    pieces = Pieces(view.in_order.with_only_columns(Handoff.id))
    rows = pieces.rows(partial(_rows, viewer))
    return Table(title, columns(), rows, len(pieces), choices)


def columns() -> list[Column]:
    return [
        Column(_("Number"), width=15),
        Column(_("What was asked"), width=44),
        Column(_("Category"), width=16),
        Column(_("Department"), width=18),
        Column(_("Role"), width=10),
        Column(_("Round"), Kind.NUMBER),
        Column(_("Handler"), width=12),
        Column(_("Status"), width=12),
        Column(_("Marks"), width=20),
        Column(_("Handed off"), Kind.INSTANT),
        Column(_("To accept by"), Kind.INSTANT),
        Column(_("Accepted"), Kind.INSTANT),
        Column(_("To answer by"), Kind.INSTANT),
        Column(_("Clock stands still since"), Kind.INSTANT),
        Column(_("Ended"), Kind.INSTANT),
        Column(_("How it ended"), width=12),
        Column(_("Note to the department"), width=30),
    ]


def _rows(viewer: User, wanted: Sequence[int]) -> Iterable[Row]:
    found = in_order(queries.seen_by(viewer), Handoff.id, wanted)
    reading.load_what_is_hidden(one.ticket for one in found)
    words = Words()
    return [_row(viewer, handoff, words) for handoff in found]


def _row(viewer: User, handoff: Handoff, words: Words) -> Row:
    ticket = handoff.ticket
    return (
        ticket.number,
        reading.title_for(viewer, ticket),
        words.name_of(ticket.category),
        words.name_of(handoff.department),
        words.label(handoff.role),
        handoff.round,
        words.person(handoff.handler),
        words.label(ticket.status),
        words.marks_of(ticket),
        handoff.handed_off_at,
        handoff.accept_due_at,
        handoff.accepted_at,
        handoff.handle_due_at,
        handoff.paused_at,
        handoff.ended_at,
        words.label(handoff.end),
        reading.hidden_for(viewer, handoff.note, ticket),
    )

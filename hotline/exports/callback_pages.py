"""The lists of callbacks as tables: whom to ring by when, the numbers masked as on the page."""

from collections.abc import Iterable, Sequence
from functools import partial

from flask_babel import gettext as _

from hotline import access, phone_numbers
from hotline.callbacks import queries
from hotline.callbacks.queries import Place
from hotline.exports.download import Choice, Table
from hotline.exports.pieces import Pieces, in_order
from hotline.exports.row_pages import POOL, Words
from hotline.exports.tables import Column, Kind, Row
from hotline.i18n import N_
from hotline.tickets import reading
from models import Callback, User

TITLE = N_("Callbacks")
PLACES = {
    Place.DUE: N_("Mine"),
    Place.POOL: N_("Callbacks of the pool"),
    Place.COLLEAGUES: N_("With colleagues"),
}


def table(viewer: User, place: Place) -> Table:
    """What is to be rung there, the most overdue first. Raises Forbidden like the page."""
    found = queries.to_ring(viewer, place).order_by(Callback.due_at, Callback.id)
    pieces = Pieces(found.with_only_columns(Callback.id))
    rows = pieces.rows(partial(_rows, viewer))
    part = Choice(N_("List"), _(PLACES[place]))
    return Table(TITLE, columns(), rows, len(pieces), (part,))


def columns() -> list[Column]:
    return [
        Column(_("By when"), Kind.INSTANT),
        Column(_("What for"), width=14),
        Column(_("Caller"), width=14),
        Column(_("Telephone"), width=16),
        Column(_("Matter"), width=44),
        Column(_("Category"), width=16),
        Column(_("Number"), width=15),
        Column(_("Marks"), width=20),
        Column(_("Accountable"), width=12),
        Column(_("Promised"), Kind.INSTANT),
        Column(_("Promised by"), Kind.INSTANT),
        Column(_("Not before"), Kind.INSTANT),
        Column(_("First rung"), Kind.INSTANT),
        Column(_("Rung in vain"), Kind.NUMBER),
        Column(_("At most"), Kind.NUMBER),
    ]


def _rows(viewer: User, wanted: Sequence[int]) -> Iterable[Row]:
    found = in_order(queries.seen_by(viewer), Callback.id, wanted)
    words = Words()
    return [_row(viewer, callback, words) for callback in found]


def _row(viewer: User, callback: Callback, words: Words) -> Row:
    ticket = callback.ticket
    is_known = access.may_know_caller(viewer, ticket)
    return (
        callback.due_at,
        words.label(callback.kind),
        words.caller_of(ticket, is_known=is_known),
        phone_numbers.mask(callback.number) if is_known else "",
        reading.title_for(viewer, ticket),
        words.name_of(ticket.category),
        ticket.number,
        words.marks_of(ticket),
        words.person(callback.owner) or words.say(POOL),
        callback.promised_at,
        callback.first_due_at,
        callback.not_before_at,
        callback.first_attempt_at,
        callback.failed_attempts,
        callback.max_attempts,
    )

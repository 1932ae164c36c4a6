"""The list of calls as a table: when it rang, who picked up and how fast, the numbers masked."""

from collections.abc import Iterable, Sequence
from functools import partial

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload

from hotline import access, phone_numbers
from hotline.calls import filters, list_words
from hotline.calls.filters import CallFilter
from hotline.exports.download import Choice, Table
from hotline.exports.pieces import Pieces, in_order
from hotline.exports.row_pages import CONFIDENTIAL, Words
from hotline.exports.tables import Column, Kind, Row
from hotline.i18n import N_
from hotline.sla import policies
from hotline.tickets.filters import Asked
from models import Call, User, db

TITLE = N_("Calls that rang here")
NAMES = {
    "result": N_("How it went"),
    "operator": N_("Operator"),
    "since": N_("Rang from"),
    "until": N_("to"),
}


def table(wanted: CallFilter, asked: Asked) -> Table:
    """Every call that `wanted` holds, the latest first. Raises Invalid when it means nothing."""
    found = select(Call.id).join(Call.ticket).where(*filters.conditions(wanted, asked))
    pieces = Pieces(found.order_by(Call.started_at.desc(), Call.id.desc()))
    rows = pieces.rows(partial(_rows, asked.viewer))
    return Table(TITLE, columns(), rows, len(pieces), choices(wanted))


def columns() -> list[Column]:
    return [
        Column(_("Rang"), Kind.INSTANT),
        Column(_("How it went"), width=14),
        Column(_("Waited"), Kind.STOPWATCH),
        Column(_("Talked"), Kind.STOPWATCH),
        Column(_("Operator"), width=12),
        Column(_("Telephone"), width=16),
        Column(_("Ticket"), width=15),
    ]


def _rows(viewer: User, wanted: Sequence[int]) -> Iterable[Row]:
    again = (
        select(Call)
        .join(Call.ticket)
        .where(access.visible(viewer))
        .options(contains_eager(Call.ticket), joinedload(Call.operator).lazyload(User.role_rows))
    )
    words = Words()
    return [_row(viewer, call, words) for call in in_order(again, Call.id, wanted)]


def _row(viewer: User, call: Call, words: Words) -> Row:
    is_known = access.may_know_caller(viewer, call.ticket)
    waited = call.ended_at - call.started_at if call.ended_at else None
    return (
        call.started_at,
        words.label(call.result or call.state),
        waited if call.pickup_seconds is None else call.pickup_seconds,
        call.ended_at - call.answered_at if call.answered_at and call.ended_at else None,
        words.person(call.operator),
        phone_numbers.mask(call.number) if is_known else words.say(CONFIDENTIAL),
        call.ticket.number,
    )


def choices(wanted: CallFilter) -> list[Choice]:
    """By what the list was narrowed, in words."""
    return [Choice(NAMES[name], _said(name, value)) for name, value in wanted.chosen.items()]


def _said(name: str, value: str) -> str:
    if name == "result":
        return _(list_words.FATES[value], seconds=policies.get("pickup_seconds"))
    if name == "operator":
        operator = db.session.get(User, int(value))
        return operator.display_name if operator else ""
    return _("The last 24 hours") if value == filters.LAST_DAY else value

"""What was found at the telephone company as a table."""

from collections.abc import Iterable, Sequence
from functools import partial

from flask_babel import gettext as _

from hotline.exports.download import Choice, Table
from hotline.exports.pieces import Pieces
from hotline.exports.row_pages import Words
from hotline.exports.tables import Column, Kind, Row
from hotline.findings import queries
from hotline.findings.queries import FindingFilter
from hotline.i18n import N_
from hotline.labels import LABELS
from hotline.tickets.filters import Asked
from models import Finding, FindingKind, FindingReason, User, db

TITLE = N_("Compared with the telephone company")
NAMES = {
    "kind": N_("What was missing"),
    "reason": N_("Why"),
    "since": N_("Found from"),
    "until": N_("to"),
}


def table(wanted: FindingFilter, asked: Asked) -> Table:
    """Every finding that `wanted` holds, the last first. Raises Invalid when it means nothing."""
    pieces = Pieces(queries.ids(wanted, asked))
    rows = pieces.rows(partial(_rows, asked.viewer))
    return Table(TITLE, columns(), rows, len(pieces), choices(wanted))


def columns() -> list[Column]:
    return [
        Column(_("Found"), Kind.INSTANT),
        Column(_("What was missing"), width=22),
        Column(_("Why"), width=30),
        Column(_("Details"), width=30),
        Column(_("Happened"), Kind.INSTANT),
        Column(_("Later by"), Kind.STOPWATCH),
        Column(_("Call"), width=36),
        Column(_("Ticket"), width=15),
    ]


def _rows(viewer: User, wanted: Sequence[int]) -> Iterable[Row]:
    found = queries.lines(viewer).where(Finding.id.in_(wanted))
    words = Words()
    for finding, ticket in db.session.execute(found).tuples():
        yield (
            finding.found_at,
            words.label(finding.kind),
            words.label(finding.reason),
            finding.detail,
            finding.happened_at,
            finding.found_at - finding.happened_at,
            finding.call_ref,
            ticket.number if ticket else "",
        )


def choices(wanted: FindingFilter) -> list[Choice]:
    """By what the list was narrowed, in words."""
    words = {"kind": LABELS[FindingKind], "reason": LABELS[FindingReason]}
    return [
        Choice(NAMES[name], _(words[name][value]) if name in words else value)
        for name, value in wanted.chosen.items()
    ]

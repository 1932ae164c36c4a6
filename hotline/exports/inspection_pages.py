"""What was inspected, and what came of it, as tables; no word of an inspector leaves with them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial

from flask_babel import gettext as _

from hotline.exports.download import Choice, Table
from hotline.exports.pieces import Pieces, in_order
from hotline.exports.row_pages import Words
from hotline.exports.tables import Column, Kind, Row
from hotline.i18n import N_
from hotline.quality import list_pages, pages, queries, results
from hotline.quality.results import WORKS
from hotline.quality.results import Row as Line
from hotline.sla.months import Month
from models import Inspection, User

SHEETS = N_("All inspections")
RESULTS = N_("Results of the inspections")


def sheets_table(asked: Mapping[str, str], viewer: User) -> Table:
    """The sheets that an address asks for, the latest first."""
    pieces = Pieces(queries.ids_of(list_pages.wanted(asked), viewer=viewer))
    choices = [
        Choice(list_pages.NAMES[name], list_pages.said(name, value))
        for name, value in asked.items()
    ]
    rows = pieces.rows(partial(_sheets, viewer))
    return Table(SHEETS, sheet_columns(), rows, len(pieces), choices)


def sheet_columns() -> list[Column]:
    return [
        Column(_("Ticket"), width=15),
        Column(_("What is inspected"), width=12),
        Column(_("Whose work"), width=12),
        Column(_("Department"), width=18),
        Column(_("Done"), Kind.INSTANT),
        Column(_("Inspector"), width=12),
        Column(_("Sample"), Kind.NUMBER),
        Column(_("State"), width=12),
        Column(_("Score of 100"), Kind.NUMBER),
        Column(_("Scored"), Kind.INSTANT),
        Column(_("Appealed"), Kind.INSTANT),
        Column(_("Decision about the appeal"), width=14),
    ]


def _sheets(viewer: User, wanted: Sequence[int]) -> Iterable[Row]:
    found = in_order(queries.readable(viewer), Inspection.id, wanted)
    words = Words()
    return [_sheet(one, words) for one in found]


def _sheet(one: Inspection, words: Words) -> Row:
    return (
        one.ticket.number,
        words.label(one.work),
        words.person(one.person),
        words.name_of(one.department) if one.department else "",
        one.work_at,
        words.person(one.inspector),
        one.sample_id,
        words.say(pages.outcome_of(one)),
        one.total,
        one.scored_at,
        one.appealed_at,
        words.label(one.decision),
    )


def results_table(month: Month, viewer: User) -> Table:
    """The results of a month, the lines of every kind of work and all of them together."""
    rows = list(_results(month, viewer))
    when = Choice(N_("Month of the work"), f"{month.name} ({pages.days_of(month)})")
    return Table(RESULTS, result_columns(), rows, len(rows), (when,))


def result_columns() -> list[Column]:
    numbers = (_("Work there was"), _("Sampled"), _("Scored"))
    marks = (_("Mean"), _("Median"), _("Lowest"), _("Passed"), _("Appealed"), _("Score changed"))
    return [
        Column(_("What is inspected"), width=12),
        Column(_("Whose work"), width=18),
        *(Column(name, Kind.NUMBER) for name in (*numbers, *marks)),
    ]


def _results(month: Month, viewer: User) -> Iterator[Row]:
    words = Words()
    for by, work in WORKS.items():
        lines, whole = results.with_whole(month.since, month.until, by=by, viewer=viewer)
        for line in lines:
            yield (words.label(work), _whose(line, words), *_numbers(line))
        if lines:
            yield (words.label(work), _("All together"), *_numbers(whole))


def _whose(line: Line, words: Words) -> str:
    if isinstance(line.whose, User):
        return line.whose.display_name
    return words.name_of(line.whose)


def _numbers(line: Line) -> Row:
    return (
        line.population,
        line.drawn,
        line.inspected,
        None if line.mean is None else round(float(line.mean), 1),
        None if line.median is None else float(line.median),
        line.lowest,
        line.passed,
        line.appealed,
        line.changed,
    )

"""Reports as tables to be taken away: the same numbers as on the page, a line for each row."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from hotline import access
from hotline.exports.download import Choice, Table
from hotline.exports.pieces import Pieces
from hotline.exports.tables import Cell, Column, Kind, Row
from hotline.figures import behind, report_pages, score
from hotline.figures.measures import CLOCKS, MEASURES, RATES, Measure
from hotline.figures.packing import Line
from hotline.figures.report import Report
from hotline.figures.report_pages import Named
from hotline.figures.sources import By, Scope
from hotline.figures.wanted import Wanted
from hotline.i18n import N_
from hotline.template_filters import label, name_of
from hotline.tickets import reading
from models import Ticket, User, db

TITLE, BEHIND = N_("Reports"), N_("Tickets behind a figure")
PERCENTILES = (
    ("median", N_("%(clock)s: median")),
    ("p90", N_("%(clock)s: p90")),
    ("p95", N_("%(clock)s: p95")),
    ("worst", N_("%(clock)s: worst")),
)


def table(wanted: Wanted, found: Report) -> Table:
    """Every measure, rate and clock of a report; the last line is all of them together."""
    names = report_pages.names(found, wanted.by)
    columns = [
        Column(_(report_pages.BYS[wanted.by]), width=24),
        *(Column(_(measure.label), Kind.NUMBER) for measure in MEASURES.values()),
        *(Column(_(rate.label), Kind.PERCENT) for rate in RATES.values()),
        Column(_("Satisfied rate"), Kind.PERCENT),
        Column(_("Score"), Kind.NUMBER),
        Column(_("Score without the excluded"), Kind.NUMBER),
        *(
            Column(_(words, clock=_(clock.label)), Kind.DURATION)
            for clock in CLOCKS.values()
            for _name, words in PERCENTILES
        ),
    ]
    rows = [_row(row.name, found.lines[row.key]) for row in names]
    rows.append(_row(_("All together"), found.total))
    return Table(TITLE, columns, rows, len(rows), choices(wanted))


def behind_table(
    viewer: User,
    wanted: Wanted,
    measure: Measure,
    scope: Scope,
    row: Named | None,
    more: Sequence[Choice] = (),
) -> Table:
    """The rows behind one number, the latest first; `more` says what else narrows `scope`."""
    source = measure.source
    model: Any = source.model
    found = behind.rows(measure, scope).with_only_columns(model.id)
    pieces = Pieces(found.order_by(source.anchor.desc(), model.id.desc()))
    columns = [
        Column(_("Number"), width=15),
        Column(_("Counts at"), Kind.INSTANT),
        Column(_("Took"), Kind.DURATION),
        Column(_("What was asked"), width=44),
        Column(_("Category"), width=16),
        Column(_("Caller"), width=14),
        Column(_("Status"), width=10),
        Column(_("Department"), width=16),
        Column(_("Accountable"), width=12),
    ]
    about = [*choices(wanted), Choice(N_("Figure"), _(measure.label)), *more]
    if row is not None:
        about.append(Choice(N_("Row"), row.name))
    return Table(BEHIND, columns, pieces.rows(partial(_rows, viewer, measure)), len(pieces), about)


def narrowed_to(args: Mapping[str, str]) -> list[Choice]:
    """To which employer, leaf or hour of the week a number is narrowed, in words."""
    found = []
    if args.get("employer"):
        found.append(Choice(N_("Employer"), args["employer"], is_private=True))
    if args.get("leaf"):
        leaf = report_pages.name_of_key(By.CATEGORY, args["leaf"]).name
        found.append(Choice(N_("Category"), leaf))
    if args.get("hour"):
        day = report_pages.weekdays()[int(args["weekday"])]
        found.append(Choice(N_("Rang"), f"{day} {args['hour']}:00"))
    return found


def choices(wanted: Wanted) -> list[Choice]:
    """Of which period the report is, and by what it was narrowed, in words."""
    narrowed = [
        Choice(report_pages.BYS[by], report_pages.name_of_key(by, value).name)
        for by, value in wanted.narrowed
    ]
    return [Choice(N_("Period"), report_pages.period_name(wanted.period)), *narrowed]


def _row(name: str, line: Line) -> Row:
    cells: list[Cell] = [name, *(line.counts[measure] for measure in MEASURES)]
    cells += [line.rate(rate.part, rate.whole) for rate in RATES.values()]
    whole, kept = score.score(line), score.score(line, kept=True)
    cells += [
        whole.satisfied if whole else None,
        round(whole.points, 2) if whole else None,
        round(kept.points, 2) if kept else None,
    ]
    for clock in CLOCKS:
        spread = line.spread(clock)
        cells += [getattr(spread, name) for name, _words in PERCENTILES]
    return cells


def _rows(viewer: User, measure: Measure, wanted: Sequence[int]) -> Iterable[Row]:
    source = measure.source
    model: Any = source.model
    again = source.joined(select(model)).where(model.id.in_(wanted), access.visible(viewer))
    found = {fact.id: fact for fact in db.session.scalars(again)}
    for one in wanted:
        if one in found:
            yield _line(viewer, measure, found[one])


def _line(viewer: User, measure: Measure, fact: Any) -> Row:
    source = measure.source
    ticket = fact if isinstance(fact, Ticket) else fact.ticket
    is_known = access.may_know_caller(viewer, ticket)
    return (
        ticket.number,
        getattr(fact, source.anchor.key),
        getattr(fact, source.seconds.key) if source.seconds is not None else None,
        reading.title_for(viewer, ticket),
        name_of(ticket.category),
        (ticket.caller_name or _("No name given")) if is_known else _("Confidential"),
        label(ticket.status),
        name_of(ticket.department),
        ticket.owner.display_name if ticket.owner else "",
    )

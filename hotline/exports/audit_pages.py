"""The auditor's trail as tables: who did what when, in the words of the page."""

from collections.abc import Iterable, Mapping, Sequence

from flask_babel import gettext as _

from hotline import fields
from hotline.audit import kinds, pages, queries
from hotline.audit.queries import Asked, Line
from hotline.exports.download import Choice, Table
from hotline.exports.pieces import Pieces
from hotline.exports.tables import Column, Kind, Row
from hotline.i18n import N_
from models import AuditEvent, TicketEvent, User, db

ACTS = N_("What people did")
HAPPENED = N_("What happened to tickets")
EVERYTHING = Asked()


def acts_table(asked: Asked, choices: Sequence[Choice]) -> Table:
    """What people did beside the tickets, the newest first."""
    pieces = Pieces(queries.audit_rows(asked).with_only_columns(AuditEvent.id))
    columns = [
        *_columns(),
        Column(_("Touched"), width=24),
        Column(_("What changed"), width=40),
        Column(_("Reason"), width=24),
        Column(_("Address"), width=16),
    ]
    return Table(ACTS, columns, pieces.rows(_acts), len(pieces), choices)


def happened_table(asked: Asked, choices: Sequence[Choice]) -> Table:
    """What happened to tickets, the newest first."""
    pieces = Pieces(queries.ticket_rows(asked).with_only_columns(TicketEvent.id))
    columns = [*_columns(), Column(_("What changed"), width=60)]
    return Table(HAPPENED, columns, pieces.rows(_happened), len(pieces), choices)


def _columns() -> list[Column]:
    return [
        Column(_("When"), Kind.INSTANT),
        Column(_("Who"), width=14),
        Column(_("What"), width=22),
        Column(_("Ticket"), width=15),
    ]


def _acts(wanted: Sequence[int]) -> Iterable[Row]:
    found = queries.audit_rows(EVERYTHING).where(AuditEvent.id.in_(wanted))
    lines = {row[0].id: queries.audit_line(row) for row in db.session.execute(found).tuples()}
    for line in (lines[one] for one in wanted if one in lines):
        words = "\n".join(pages.details_of(line))
        yield *_begin(line), pages.subject_of(line), words, pages.reason_of(line), line.address


def _happened(wanted: Sequence[int]) -> Iterable[Row]:
    found = queries.ticket_rows(EVERYTHING).where(TicketEvent.id.in_(wanted))
    lines = {row[0].id: queries.ticket_line(row) for row in db.session.execute(found).tuples()}
    changes = pages.changes_of(list(lines.values()))
    for one in wanted:
        if one in lines:
            yield *_begin(lines[one]), "\n".join(changes[one])


def _begin(line: Line) -> Row:
    by_itself = _("Unknown name") if line.kind == "login_failed" else _("Nobody: by itself")
    return line.at, line.actor or by_itself, _(kinds.name_of(line.kind)), line.number


def choices(typed: Mapping[str, str]) -> list[Choice]:
    """By what the trail was narrowed, in words."""
    person = fields.row_or_none(User, typed, "person")
    said = {
        N_("Person"): person.display_name if person else "",
        N_("Kind"): _(kinds.name_of(typed.get("kind", ""))) if typed.get("kind") else "",
        N_("Ticket"): typed.get("number", ""),
        N_("Day"): typed.get("day", ""),
    }
    return [Choice(name, value) for name, value in said.items() if value]

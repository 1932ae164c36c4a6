"""Handing out what was drawn: whose work there is on a ticket, and who inspects it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import islice

from sqlalchemy import select

from hotline.i18n import N_
from hotline.outbox import service as outbox
from hotline.quality import conflicts, history, sheets
from hotline.quality.population import Part, Piece
from models import Inspection, Sample, SampleStratum, User, Work, db

AT_ONCE = 500
Sheet = tuple[int, Work, datetime]  # a part of the work on a ticket has one and no more


def hand_out(sample: Sample, chosen: list[tuple[SampleStratum, Piece]], at: datetime) -> None:
    """A sheet for each part of the work on each ticket that has none yet, one inspector for all of
    a ticket, who is told."""
    given = conflicts.assign([piece.ticket_id for _, piece in chosen])
    versions = {work: sheets.current(work, at=at) for work in Work}
    known = _inspected_before(sample, [piece for _, piece in chosen])
    rows = (
        Inspection(
            sample_id=sample.id,
            stratum_id=stratum.id,
            ticket_id=piece.ticket_id,
            work=part.work,
            work_at=part.at,
            person_id=part.person_id,
            department_id=part.answer.department_id if part.answer else None,
            handoff_id=part.answer.id if part.answer else None,
            inspector_id=given[piece.ticket_id],
            sheet_id=versions[part.work].id,
        )
        for stratum, piece in chosen
        for part in piece.parts
        if _sheet(piece, part) not in known
    )
    while some := list(islice(rows, AT_ONCE)):
        _write(some, at)
    _tell(sample, given, at)


def _write(rows: Sequence[Inspection], at: datetime) -> None:
    """Write these sheets, and that they were given; a month has too many to keep them in hand."""
    db.session.add_all(rows)
    db.session.flush()
    for row in rows:
        history.add(row, "assign", actor=None, at=at, to=row.inspector_id)
    db.session.flush()


def inspected_whole(sample: Sample, found: Sequence[Piece]) -> set[str]:
    """The tickets of which every part has a sheet already: there is nothing more to inspect."""
    known = _inspected_before(sample, found)
    return {
        piece.unit.number
        for piece in found
        if all(_sheet(piece, part) in known for part in piece.parts)
    }


def _inspected_before(sample: Sample, found: Sequence[Piece]) -> set[Sheet]:
    """What earlier samples gave a sheet: an answer that was drawn before its callback."""
    ids = [piece.ticket_id for piece in found]
    known: set[Sheet] = set()
    for some in conflicts.in_pieces(ids):
        sheets_of = select(Inspection.ticket_id, Inspection.work, Inspection.work_at).where(
            Inspection.ticket_id.in_(some), Inspection.sample_id < sample.id
        )
        known.update(db.session.execute(sheets_of).tuples())
    return known


def _sheet(piece: Piece, part: Part) -> Sheet:
    return piece.ticket_id, part.work, part.at


def _tell(sample: Sample, given: Mapping[int, int | None], at: datetime) -> None:
    counts: dict[int, int] = defaultdict(int)
    for inspector_id in given.values():
        if inspector_id is not None:
            counts[inspector_id] += 1
    for inspector_id, count in sorted(counts.items()):
        outbox.notify(
            db.session.get_one(User, inspector_id),
            N_("Drawn for you to inspect: %(count)s tickets."),
            at=at,
            dedupe_key=f"inspections_drawn:{sample.id}",
            count=count,
        )

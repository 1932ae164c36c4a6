"""Handing out what was drawn: whose work there is on a ticket, and who inspects it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from hotline.i18n import N_
from hotline.outbox import service as outbox
from hotline.quality import conflicts, history, sheets
from hotline.quality.population import Piece
from models import Feedback, Inspection, Population, Sample, SampleStratum, User, Work, db


def hand_out(sample: Sample, chosen: list[tuple[SampleStratum, Piece]], at: datetime) -> None:
    """A sheet for each part of the work on each ticket, one inspector for all of a ticket, who is
    told."""
    given = conflicts.assign([piece.ticket_id for _, piece in chosen])
    versions = {work: sheets.current(work, at=at) for work in Work}
    proofs = _proofs(chosen)
    known = _inspected_before(chosen)
    rows: list[Inspection] = []
    for stratum, piece in chosen:
        parts = [
            part
            for part in _works(sample, piece, proofs.get(piece.feedback_id or 0))
            if (piece.ticket_id, part["work"], part["work_at"]) not in known
        ]
        for part in parts or [_call(piece, None)]:
            row = Inspection(
                sample_id=sample.id,
                stratum_id=stratum.id,
                ticket_id=piece.ticket_id,
                inspector_id=given[piece.ticket_id],
                sheet_id=versions[part["work"]].id,
                **part,
            )
            rows.append(row)
    db.session.add_all(rows)
    db.session.flush()  # all at once: others wait to write meanwhile
    for row in rows:
        history.add(row, "assign", actor=None, at=at, to=row.inspector_id)
    _tell(sample, given, at)


def _works(sample: Sample, piece: Piece, proof: Feedback | None) -> list[dict[str, Any]]:
    """Whose work there is to inspect on one ticket."""
    answer = piece.answer
    answered = {
        "work": Work.ANSWER,
        "work_at": answer.answered_at if answer else None,
        "person_id": answer.answered_by_id if answer else None,
        "department_id": answer.department_id if answer else None,
        "handoff_id": answer.id if answer else None,
    }
    if sample.population is Population.ANSWERS:
        return [answered]
    parts = []
    operator_id = piece.unit.stratum.operator_id
    if operator_id is not None:
        parts.append(_call(piece, operator_id))
    if answer is not None:
        parts.append(answered)
    told_later = proof is not None and (proof.attempt_id is not None or answer is not None)
    if proof is not None and told_later and proof.recorded_by_id is not None:
        person = {"work": Work.CALLBACK, "work_at": piece.at, "person_id": proof.recorded_by_id}
        parts.append(person)
    return parts


def _call(piece: Piece, operator_id: int | None) -> dict[str, Any]:
    return {"work": Work.CALL, "work_at": piece.at, "person_id": operator_id}


def _proofs(chosen: Sequence[tuple[SampleStratum, Piece]]) -> dict[int, Feedback]:
    ids = [piece.feedback_id for _, piece in chosen if piece.feedback_id is not None]
    found = select(Feedback).where(Feedback.id.in_(ids))
    return {row.id: row for row in db.session.scalars(found)}


def _inspected_before(
    chosen: Sequence[tuple[SampleStratum, Piece]],
) -> set[tuple[int, Work, datetime]]:
    """What has a sheet already: an answer that was drawn before its callback."""
    ids = [piece.ticket_id for _, piece in chosen]
    found = select(Inspection.ticket_id, Inspection.work, Inspection.work_at).where(
        Inspection.ticket_id.in_(ids)
    )
    return set(db.session.execute(found).tuples())


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

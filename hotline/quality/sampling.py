"""Drawing samples: what is kept of a draw, and who inspects what came of it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from hotline import turns
from hotline.audit import service as audit
from hotline.errors import Invalid
from hotline.i18n import N_
from hotline.outbox import service as outbox
from hotline.quality import conflicts, drawing, history, population, sheets
from hotline.quality.drawing import Drawn, Earlier, Rule, Stratum
from hotline.quality.population import Piece
from hotline.sla import policies
from models import (
    Feedback,
    Inspection,
    Population,
    Sample,
    SampleStratum,
    ScoreSheet,
    Ticket,
    User,
    Work,
    db,
)

SEED_LENGTH = 64
REASON_LENGTH = 300
TURN = "quality"
BY_HAND_BEFORE = N_("Part of the period was drawn from by hand before.")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is to be drawn: the period ends before `until`."""

    population: Population
    since: datetime
    until: datetime
    percent: int
    seed: str
    reason: str = ""  # why one more, where the period was drawn from before
    series: str | None = None  # of what is drawn by itself


def draw(wanted: Wanted, *, actor: User | None, at: datetime) -> Sample:
    """Draw a sample, give everything in it to inspectors and tell them; flushed.

    What was drawn for an overlapping period before is left out, and there has to be a reason for
    drawing once more. Raises Invalid naming the field.
    """
    turns.take(TURN)
    check(wanted, at=at)
    until = min(wanted.until, at)  # what is still to come is left for another sample
    overlapping = overlapping_samples(wanted.population, wanted.since, until)
    if overlapping and not wanted.reason.strip():
        sentence = N_("This period was drawn from before: say why there is one more sample.")
        raise Invalid(sentence, field="reason")
    sample = Sample(
        population=wanted.population,
        series=wanted.series,
        since_at=wanted.since,
        until_at=until,
        percent=wanted.percent,
        no_matter_weight=policies.get("sample_no_matter_times"),
        seed=wanted.seed.strip(),
        drawn_at=at,
        drawn_by_id=actor.id if actor else None,
        reason=wanted.reason.strip() if overlapping else "",
    )
    db.session.add(sample)
    db.session.flush()
    found = _pieces_of(sample)
    drawn = drawing.draw(
        [one.unit for one in found],
        rule_of(sample),
        without=drawn_before(sample),
        earlier=_earlier(sample),
    )
    _keep(sample, drawn, found, at)
    audit.record(
        "draw_sample", actor=actor, at=at, subject=sample.population.value, sample=sample.id
    )
    return sample


def check(wanted: Wanted, *, at: datetime) -> None:
    """Refuse what cannot be drawn. Raises Invalid naming the field."""
    if not wanted.since < wanted.until:
        raise Invalid(N_("The period ends after it begins."), field="until")
    if wanted.since >= at:
        raise Invalid(N_("This period has not begun yet."), field="since")
    if not 1 <= wanted.percent <= 100:
        sentence = N_("A number from %(least)d to %(most)d, please.")
        raise Invalid(sentence, field="percent", least=1, most=100)
    if not wanted.seed.strip():
        raise Invalid(N_("Without a seed nobody can draw this again."), field="seed")


def rule_of(sample: Sample) -> Rule:
    """By what a sample was drawn."""
    return Rule(sample.seed, sample.percent, sample.no_matter_weight)


def overlapping_samples(kind: Population, since: datetime, until: datetime) -> list[Sample]:
    """The samples of this population that share a moment with [since, until)."""
    found = select(Sample).where(
        Sample.population == kind, Sample.since_at < until, Sample.until_at > since
    )
    return list(db.session.scalars(found.order_by(Sample.id)))


def drawn_before(sample: Sample) -> set[str]:
    """The tickets that earlier samples of an overlapping period have drawn."""
    found = (
        select(Ticket.number)
        .join(Inspection, Inspection.ticket_id == Ticket.id)
        .join(Sample, Sample.id == Inspection.sample_id)
        .where(
            Sample.population == sample.population,
            Sample.since_at < sample.until_at,
            Sample.until_at > sample.since_at,
            Sample.id < sample.id,
        )
    )
    return set(db.session.scalars(found))


def _pieces_of(sample: Sample) -> list[Piece]:
    return population.pieces(
        sample.population, sample.since_at, sample.until_at, as_of=sample.drawn_at
    )


def _earlier(sample: Sample) -> dict[Stratum, Earlier]:
    """What this series has counted and drawn in each stratum so far."""
    if sample.series is None:
        return {}
    found = (
        select(SampleStratum)
        .join(Sample, Sample.id == SampleStratum.sample_id)
        .where(Sample.series == sample.series, Sample.id < sample.id)
    )
    sums: dict[Stratum, Earlier] = defaultdict(Earlier)
    for row in db.session.scalars(found):
        key = stratum_of(row)
        before = sums[key]
        sums[key] = Earlier(before.counted + row.count - row.excluded, before.drawn + row.size)
    return dict(sums)


def stratum_of(row: SampleStratum) -> Stratum:
    """The stratum of a kept row."""
    return Stratum(row.operator_id, row.department_id, row.is_no_matter)


def _keep(sample: Sample, drawn: Sequence[Drawn], found: Sequence[Piece], at: datetime) -> None:
    by_number = {one.unit.number: one for one in found}
    chosen: list[tuple[SampleStratum, Piece]] = []
    for one in drawn:
        row = SampleStratum(
            sample_id=sample.id,
            operator_id=one.stratum.operator_id,
            department_id=one.stratum.department_id,
            is_no_matter=one.stratum.is_no_matter,
            count=one.count,
            digest=one.digest,
            excluded=one.excluded,
            before=one.earlier.counted,
            drawn_before=one.earlier.drawn,
            size=len(one.numbers),
        )
        db.session.add(row)
        chosen += [(row, by_number[number]) for number in one.numbers]
    db.session.flush()
    db.session.expire(sample, ["strata"])
    _hand_out(sample, chosen, at)


def _hand_out(sample: Sample, chosen: list[tuple[SampleStratum, Piece]], at: datetime) -> None:
    """A sheet for each part of the work on each ticket, one inspector for all of a ticket."""
    given = conflicts.assign([piece.ticket_id for _, piece in chosen])
    versions = {work: sheets.current(work, at=at) for work in Work}
    proofs = _proofs(chosen)
    known = _inspected_before(chosen)
    for stratum, piece in chosen:
        parts = [
            part
            for part in _works(sample, piece, proofs.get(piece.feedback_id or 0))
            if (piece.ticket_id, part["work"], part["work_at"]) not in known
        ]
        for part in parts or [_call(piece, None)]:
            _give(sample, stratum, piece, given[piece.ticket_id], versions, part, at)
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


def _give(
    sample: Sample,
    stratum: SampleStratum,
    piece: Piece,
    inspector_id: int | None,
    versions: Mapping[Work, ScoreSheet],
    part: Mapping[str, Any],
    at: datetime,
) -> None:
    inspection = Inspection(
        sample_id=sample.id,
        stratum_id=stratum.id,
        ticket_id=piece.ticket_id,
        inspector_id=inspector_id,
        sheet_id=versions[part["work"]].id,
        **part,
    )
    db.session.add(inspection)
    db.session.flush()
    history.add(inspection, "assign", actor=None, at=at, to=inspector_id)


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

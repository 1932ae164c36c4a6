"""Drawing samples: the rule, what was drawn before, and what is kept of a draw."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from hotline import turns
from hotline.audit import service as audit
from hotline.errors import Invalid
from hotline.i18n import N_
from hotline.quality import drawing, handing_out, population
from hotline.quality.drawing import Drawn, Earlier, Rule, Stratum
from hotline.quality.population import Piece
from hotline.sla import policies
from models import (
    Inspection,
    Population,
    Sample,
    SampleStratum,
    Ticket,
    User,
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
        without=left_out(sample, found),
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


def left_out(sample: Sample, found: Sequence[Piece]) -> set[str]:
    """The tickets of `found` that earlier samples drew, or left nothing of to inspect."""
    return _drawn_before(sample) | handing_out.inspected_whole(sample, found)


def _drawn_before(sample: Sample) -> set[str]:
    """What earlier samples of an overlapping period have drawn."""
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
    handing_out.hand_out(sample, chosen, at)

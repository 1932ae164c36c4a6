"""Drawing a sample again: the same tickets, or why not."""

from dataclasses import dataclass

from sqlalchemy import select

from hotline.quality import drawing, population, sampling
from hotline.quality.drawing import Drawn, Earlier, Stratum
from models import Inspection, Sample, SampleStratum, Ticket, db


@dataclass(frozen=True)
class Difference:
    """A stratum that is not what it was: how many there were, and how many there are."""

    stratum: Stratum
    before: int
    now: int
    lost: tuple[str, ...]  # drawn then, not now
    new: tuple[str, ...]  # drawn now, not then

    @property
    def is_population(self) -> bool:
        """Whether other tickets stand there; else the draw itself differs."""
        return bool(self.before != self.now)


@dataclass(frozen=True)
class Again:
    """What came of drawing again."""

    tickets: int
    differences: tuple[Difference, ...]

    @property
    def is_same(self) -> bool:
        """Whether every stratum and every ticket is the one it was."""
        return not self.differences


def draw_again(sample: Sample) -> Again:
    """Draw `sample` once more from what the events say of the moment it was drawn, by its seed."""
    pieces = population.pieces(
        sample.population, sample.since_at, sample.until_at, as_of=sample.drawn_at
    )
    rows = {sampling.stratum_of(row): row for row in sample.strata}
    earlier = {key: Earlier(row.before, row.drawn_before) for key, row in rows.items()}
    drawn = drawing.draw(
        [piece.unit for piece in pieces],
        sampling.rule_of(sample),
        without=sampling.left_out(sample, pieces),
        earlier=earlier,
    )
    now = {one.stratum: one for one in drawn}
    then = _drawn_then(sample)
    found = [
        difference
        for key in sorted(rows.keys() | now.keys(), key=repr)
        if (difference := _difference(key, rows.get(key), now.get(key), then.get(key, set())))
    ]
    return Again(sum(len(one.numbers) for one in drawn), tuple(found))


def _difference(
    key: Stratum, row: SampleStratum | None, now: Drawn | None, then: set[str]
) -> Difference | None:
    numbers = set(now.numbers) if now else set()
    same_population = row is not None and now is not None and row.digest == now.digest
    if same_population and numbers == then:
        return None
    return Difference(
        key,
        row.count if row else 0,
        now.count if now else 0,
        tuple(sorted(then - numbers)),
        tuple(sorted(numbers - then)),
    )


def _drawn_then(sample: Sample) -> dict[Stratum, set[str]]:
    rows = {row.id: sampling.stratum_of(row) for row in sample.strata}
    found = (
        select(Inspection.stratum_id, Ticket.number)
        .join(Ticket, Ticket.id == Inspection.ticket_id)
        .where(Inspection.sample_id == sample.id)
    )
    drawn: dict[Stratum, set[str]] = {}
    for stratum_id, number in db.session.execute(found).tuples():
        drawn.setdefault(rows[stratum_id], set()).add(number)
    return drawn

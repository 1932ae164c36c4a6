"""What an inspector marks on a score sheet, and what comes of it: out of 100, whole points.

What does not apply to a ticket counts neither for nor against it. Whoever takes points away, or
knocks somebody out, says why: one can appeal only against what was said.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from hotline.errors import Invalid
from hotline.i18n import N_
from hotline.quality.sheets import Criterion
from hotline.refusals import Refusals


@dataclass(frozen=True)
class Mark:
    """What was found of one criterion."""

    points: int | None = None  # None: does not apply
    is_broken: bool = False  # of a criterion that knocks out
    words: str = ""


@dataclass(frozen=True)
class Marks:
    """A filled-in score sheet."""

    by_key: Mapping[str, Mark]
    remark: str = ""

    def as_data(self) -> dict[str, Any]:
        """As it is kept."""
        by_key = {key: asdict(mark) for key, mark in self.by_key.items()}
        return {"by_key": by_key, "remark": self.remark}

    @classmethod
    def of_data(cls, data: Mapping[str, Any]) -> "Marks":
        """The same, read again."""
        by_key = {key: Mark(**mark) for key, mark in data.get("by_key", {}).items()}
        return cls(by_key, data.get("remark", ""))


@dataclass(frozen=True)
class Score:
    """What came of it."""

    total: int
    is_knocked_out: bool
    failed: tuple[str, ...] = field(default=())  # the keys that cost something

    def passes(self, least: int) -> bool:
        """Whether that is enough."""
        return not self.is_knocked_out and self.total >= least


def score(marks: Marks, criteria: Mapping[str, Criterion]) -> Score:
    """The total of a sheet that `check` let through."""
    given = {key: marks.by_key.get(key, Mark()) for key in criteria}
    counted = [key for key, mark in given.items() if mark.points is not None]
    full = sum(criteria[key].points for key in counted)
    had = sum(given[key].points or 0 for key in counted)
    broken = [key for key, one in criteria.items() if one.is_knock_out and given[key].is_broken]
    short = [key for key in counted if (given[key].points or 0) < criteria[key].points]
    total = 0 if broken else (200 * had + full) // (2 * full)
    return Score(total, bool(broken), tuple(key for key in criteria if key in short + broken))


def check(marks: Marks, criteria: Mapping[str, Criterion]) -> None:
    """Refuse what is not complete. Raises Invalid, or Several, naming the fields."""
    with Refusals() as wrong:
        for key, one in criteria.items():
            wrong.read(_check_one, one, marks.by_key.get(key, Mark()))
        applies = (
            marks.by_key.get(key, Mark()).points is not None
            for key, one in criteria.items()
            if not one.is_knock_out
        )
        if not any(applies):
            wrong.refuse(N_("Something has to apply, or there is nothing to score."), field="")


def _check_one(one: Criterion, mark: Mark) -> None:
    if mark.points is not None and not 0 <= mark.points <= one.points:
        raise Invalid(
            N_("A number from %(least)d to %(most)d, please."),
            field=f"points_{one.key}",
            least=0,
            most=one.points,
        )
    costs = mark.is_broken or (mark.points is not None and mark.points < one.points)
    if costs and not mark.words.strip():
        raise Invalid(N_("Say what was missing."), field=f"words_{one.key}")

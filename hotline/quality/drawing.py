"""Drawing a sample that anybody can draw again: the same seed and population, the same tickets.

No generator with a state, no order of a database: within its stratum each ticket stands at the
place of SHA-256 over seed and number, and the first ones are drawn.

How many of n: `percent` of n, times `weight` where the calls had no matter, halves rounded up; at
least one of every stratum that has any, and never more than there are.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple


class Stratum(NamedTuple):
    """Whose work: one operator for one department. What had no matter stands apart."""

    operator_id: int | None
    department_id: int | None
    is_no_matter: bool


class Unit(NamedTuple):
    """One ticket of the population."""

    number: str
    stratum: Stratum


@dataclass(frozen=True)
class Rule:
    """By what a sample is drawn."""

    seed: str
    percent: int
    no_matter_weight: int

    def quota(self, count: int, stratum: Stratum) -> int:
        """How many of `count` tickets of `stratum` are drawn."""
        share = self.percent * (self.no_matter_weight if stratum.is_no_matter else 1)
        rounded = (2 * count * share + 100) // 200
        return min(count, max(rounded, 1))


class Earlier(NamedTuple):
    """What the earlier draws of the same month have counted and drawn in a stratum."""

    counted: int = 0
    drawn: int = 0


@dataclass(frozen=True)
class Drawn:
    """What came of one stratum."""

    stratum: Stratum
    count: int
    digest: str
    excluded: int
    earlier: Earlier
    numbers: tuple[str, ...]  # in the order in which they were drawn


def draw(
    units: Iterable[Unit],
    rule: Rule,
    *,
    without: Collection[str] = (),
    earlier: Mapping[Stratum, Earlier] | None = None,
) -> list[Drawn]:
    """Draw from each stratum of `units`; nothing `without`, which was drawn before.

    With `earlier` draws of the same month the share holds over all of them together.
    """
    strata: dict[Stratum, list[str]] = defaultdict(list)
    for unit in units:
        strata[unit.stratum].append(unit.number)
    return [
        _of_stratum(stratum, strata[stratum], rule, without, (earlier or {}).get(stratum))
        for stratum in sorted(strata, key=_place)
    ]


def digest_of(numbers: Iterable[str]) -> str:
    """What stands for a population: any ticket more or less makes another one."""
    return sha256("\n".join(sorted(numbers)).encode()).hexdigest()


def _of_stratum(
    stratum: Stratum,
    numbers: list[str],
    rule: Rule,
    without: Collection[str],
    earlier: Earlier | None,
) -> Drawn:
    left = [number for number in numbers if number not in without]
    before = earlier or Earlier()
    wanted = rule.quota(before.counted + len(left), stratum) - before.drawn if left else 0
    queue = sorted(left, key=lambda number: (_lot(rule.seed, number), number))
    return Drawn(
        stratum,
        len(numbers),
        digest_of(numbers),
        len(numbers) - len(left),
        before,
        tuple(queue[: max(wanted, 0)]),
    )


def _lot(seed: str, number: str) -> str:
    return sha256(f"{seed}:{number}".encode()).hexdigest()


def _place(stratum: Stratum) -> tuple[int, int, bool]:
    return stratum.operator_id or 0, stratum.department_id or 0, stratum.is_no_matter

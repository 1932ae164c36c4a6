"""Median, p90, p95 and worst of what a clock measured: by nearest rank, never a mean.

The p-th percentile of n values is the value at place ceil(p/100 · n) in their order: one of the
values themselves, so that it is always somebody's ticket.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    """How long things took, in seconds; None where nothing was measured."""

    count: int
    median: int | None = None
    p90: int | None = None
    p95: int | None = None
    worst: int | None = None


def spread(values: Sequence[int]) -> Spread:
    """The spread of `values`, which are in order, the shortest first."""
    if not values:
        return Spread(0)
    return Spread(len(values), rank(values, 50), rank(values, 90), rank(values, 95), values[-1])


def rank(values: Sequence[int], percent: int) -> int:
    """The value at the nearest rank; `values` are in order and not empty."""
    return values[-(-len(values) * percent // 100) - 1]

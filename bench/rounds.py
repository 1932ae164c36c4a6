"""Two servers asked in turn, round after round, so that what disturbs the machine disturbs both."""

import statistics
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass

from bench.client import Asked, Took, drive
from bench.served import Served

WARM = 20  # requests that nobody counts, on each side


@dataclass(frozen=True)
class Side:
    """One of two servers, and what one round asks of it; what has to be put right before is done
    in `prepare`, which is no part of the time."""

    served: Served
    prepare: Callable[[int], Iterable[Asked]]


@dataclass(frozen=True)
class Round:
    """What one server did in one round."""

    took: Took
    cpu: float  # seconds that it computed

    @property
    def a_second(self) -> float:
        return len(self.took.each) / self.took.whole

    @property
    def p50(self) -> float:
        """Milliseconds."""
        return statistics.median(self.took.each) * 1000


@dataclass(frozen=True)
class Beside:
    """The hotline beside the floor: one pair a round."""

    ours: list[Round]
    floor: list[Round]

    def ratios(self, figure: Callable[[Round], float]) -> list[float]:
        pairs = zip(self.ours, self.floor, strict=True)
        return sorted(figure(ours) / figure(floor) for ours, floor in pairs)


def median(rounds: list[Round], figure: Callable[[Round], float]) -> float:
    return statistics.median(figure(one) for one in rounds)


def alternate(
    client: Executor, ours: Side, floor: Side, *, connections: int, requests: int, rounds: int
) -> Beside:
    """So many rounds of so many requests to each, the floor first in every other round."""
    found: dict[Side, list[Round]] = {ours: [], floor: []}
    for side in found:
        _round(client, side, connections, max(WARM, connections))
    for number in range(rounds):
        for side in (ours, floor) if number % 2 else (floor, ours):
            found[side].append(_round(client, side, connections, requests))
    return Beside(found[ours], found[floor])


def _round(client: Executor, side: Side, connections: int, requests: int) -> Round:
    port = side.served.port
    prepared = [asked.on_the_wire(port) for asked in side.prepare(requests)]
    before = side.served.cpu_seconds()
    took = client.submit(drive, port, prepared, connections).result()
    return Round(took, side.served.cpu_seconds() - before)

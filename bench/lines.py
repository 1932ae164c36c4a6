"""The table of what was measured."""

import statistics
from dataclasses import dataclass

from bench.rounds import Beside, Round, median

HEAD = """| | Target | Reached | Lowest–highest | Hotline | Floor | By processor | Driver alone |
|---|---:|---:|---:|---:|---:|---:|---:|"""


@dataclass(frozen=True)
class Line:
    """One measurement. `reached` is a ratio to the floor, or what `unit` says."""

    key: str
    name: str
    reached: float
    lowest: float
    highest: float
    target: float | None = None
    at_least: bool = False  # else at most
    unit: str = "×"
    ours: str = ""
    floor: str = ""
    by_processor: str = ""
    raw: str = ""

    @property
    def is_kept(self) -> bool:
        if self.target is None:
            return True
        return self.reached >= self.target if self.at_least else self.reached <= self.target

    def told(self) -> str:
        target, reached = "–", f"{self.reached:.2f}"
        if self.target is not None:
            target = f"{'≥' if self.at_least else '≤'} {self.target:g}{_after(self.unit)}"
            reached = f"{reached}{_after(self.unit)}{'' if self.is_kept else ' ✗'}"
        spread = f"{self.lowest:.2f}–{self.highest:.2f}"
        cells = (self.name, target, reached, spread, self.ours, self.floor)
        return f"| {' | '.join([*cells, self.by_processor, self.raw])} |"


def _after(unit: str) -> str:
    return f" {unit}"


def table(lines: list[Line]) -> str:
    """In Markdown."""
    return "\n".join([HEAD, *(line.told() for line in lines)])


def a_second(key: str, name: str, found: Beside, *, target: float, raw: str = "") -> Line:
    """Requests per second beside the floor's: at least so much of them."""
    ratios = found.ratios(lambda one: one.a_second)
    return _line(
        key, name, ratios, found, target=target, at_least=True, raw=raw,
        ours=f"{median(found.ours, _a_second):,.0f}/s",
        floor=f"{median(found.floor, _a_second):,.0f}/s",
    )  # fmt: skip


def p50(key: str, name: str, found: Beside, *, target: float | None, raw: str = "") -> Line:
    """The median answer beside the floor's: at most so many times as long."""
    ratios = found.ratios(lambda one: one.p50)
    return _line(
        key, name, ratios, found, target=target, raw=raw,
        ours=ms(median(found.ours, _p50)), floor=ms(median(found.floor, _p50)),
    )  # fmt: skip


def _line(
    key: str,
    name: str,
    ratios: list[float],
    found: Beside,
    *,
    target: float | None,
    ours: str,
    floor: str,
    at_least: bool = False,
    raw: str = "",
) -> Line:
    mine, bare = (sum(one.cpu for one in side) for side in (found.ours, found.floor))
    return Line(
        key=key,
        name=name,
        reached=statistics.median(ratios),
        lowest=ratios[0],
        highest=ratios[-1],
        target=target,
        at_least=at_least,
        ours=ours,
        floor=floor,
        by_processor=f"{mine / bare:.2f} ×" if bare else "",
        raw=raw,
    )


def ms(value: float) -> str:
    return f"{value:.2f} ms" if value < 10 else f"{value:.1f} ms"


def _a_second(one: Round) -> float:
    return one.a_second


def _p50(one: Round) -> float:
    return one.p50

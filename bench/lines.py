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

    @property
    def aim(self) -> str:
        if self.target is None:
            return "–"
        return f"{'≥' if self.at_least else '≤'} {self.target:g} {self.unit}"

    @property
    def figure(self) -> str:
        return f"{_short(self.reached)} {self.unit}{'' if self.is_kept else ' ✗'}"

    @property
    def cell(self) -> str:
        """The figure and what it comes from, for a table of several sizes."""
        sides = " ÷ ".join(filter(None, (self.ours, self.floor)))
        computed = self.by_processor.partition(" (")[0]
        more = [f"processor {computed}"] if " ÷ " in self.by_processor else []
        more += [f"driver {self.raw}"] if self.raw else []
        return "<br>".join([f"**{self.figure}**", *filter(None, [sides, *more])])

    def told(self) -> str:
        spread = f"{_short(self.lowest)}–{_short(self.highest)}"
        cells = (self.name, self.aim, self.figure, spread, self.ours, self.floor)
        return f"| {' | '.join([*cells, self.by_processor, self.raw])} |"


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def across(found: dict[int, list[Line]]) -> str:
    """The same lines at several sizes, and how the time of the queue grows with them."""
    sizes = list(found)
    head = f"| | Target | {' | '.join(f'{size:,} tickets' for size in sizes)} |"
    rows = [head, f"|---|---:|{'---:|' * len(sizes)}"]
    names = dict.fromkeys(line.name for lines in found.values() for line in lines)
    for name in names:
        cells = [next((x for x in found[size] if x.name == name), None) for size in sizes]
        target = next(line.aim for line in cells if line)
        rows.append(f"| {name} | {target} | {' | '.join(x.cell if x else '' for x in cells)} |")
    queue = [next((x.reached for x in found[s] if x.key == "queue"), None) for s in sizes]
    if len(sizes) > 1 and queue[0] and queue[-1]:
        cells = [f"{one / queue[0]:.2f} ×" if one else "" for one in queue]
        rows.append(
            f"| queue page, beside itself with the fewest | ≤ 1.1 × | {' | '.join(cells)} |"
        )
    return "\n".join(rows)


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
    computed = f"{mine / bare:.2f} × ({each(found.ours)} ÷ {each(found.floor)})" if bare else ""
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
        by_processor=computed,
        raw=raw,
    )


def each(rounds: list[Round]) -> str:
    """What the server computed for one request."""
    requests = sum(len(one.took.each) for one in rounds)
    return ms(sum(one.cpu for one in rounds) / requests * 1000)


def ms(value: float) -> str:
    return f"{value:.2f} ms" if value < 10 else f"{value:.1f} ms"


def _a_second(one: Round) -> float:
    return one.a_second


def _p50(one: Round) -> float:
    return one.p50

"""A report: every measure and every clock of a period, by department, operator, category …

Totals pool the counts and the values of all rows; a rate or a percentile is never averaged.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import String, case, cast, func, select

from hotline.figures import measures, statistics
from hotline.figures.measures import MEASURES, Measure
from hotline.figures.sources import SOURCES, By, Scope
from hotline.figures.statistics import Spread
from models import Category, db

Key = Any  # of a row: an id, a word, or None where the ticket belongs to none
NOTHING: tuple[()] = ()


@dataclass
class Line:
    """One row of a report: how many, and how long each took (in seconds, the shortest first)."""

    counts: Counter[str] = field(default_factory=Counter)
    values: dict[str, list[int]] = field(default_factory=dict)

    def spread(self, clock: str) -> Spread:
        return statistics.spread(self.values.get(clock, NOTHING))

    def rate(self, part: str, whole: str) -> float | None:
        """What share of `whole` is `part`, from 0 to 1; None where there is nothing to share."""
        return self.counts[part] / self.counts[whole] if self.counts[whole] else None


@dataclass(frozen=True)
class Report:
    """The rows by their key, and all of them together."""

    lines: Mapping[Key, Line]
    total: Line


def report(scope: Scope, by: By, names: Iterable[str] | None = None) -> Report:
    """Everything that is counted within `scope`, or the measures called `names` only."""
    wanted = list(MEASURES.values() if names is None else (MEASURES[name] for name in names))
    fold = _fold(scope, by)
    lines: dict[Key, Line] = defaultdict(Line)
    for source in dict.fromkeys(one.source_name for one in wanted):
        _count(source, [one for one in wanted if one.source_name == source], scope, by, fold, lines)
    total = Line()
    for line in lines.values():
        total.counts += line.counts
    for clock in dict.fromkeys(name for line in lines.values() for name in line.values):
        total.values[clock] = sorted(
            v for line in lines.values() for v in line.values.get(clock, ())
        )
    return Report(dict(lines), total)


def counts(scope: Scope, names: Iterable[str]) -> Counter[str]:
    """How many rows of each of the measures `names` lie within `scope`."""
    found: Counter[str] = Counter()
    wanted = [MEASURES[name] for name in names]
    for source_name in dict.fromkeys(one.source_name for one in wanted):
        of_it = [one for one in wanted if one.source_name == source_name]
        source = SOURCES[source_name]
        query = source.joined(select(*(counted(one, scope) for one in of_it)), *scope.kinds)
        row = db.session.execute(query.where(*scope.conditions(source))).one()
        found.update({one.name: number for one, number in zip(of_it, row, strict=True)})
    return found


def _count(
    source_name: str,
    wanted: list[Measure],
    scope: Scope,
    by: By,
    fold: Callable[[Key], Key],
    lines: dict[Key, Line],
) -> None:
    source = SOURCES[source_name]
    key = source.key(by)
    clocks = [one for one in measures.CLOCKS.values() if one.done in {w.name for w in wanted}]
    values = [_values(clock, scope) for clock in clocks]
    query = source.joined(
        select(key, *(counted(one, scope) for one in wanted), *values), by, *scope.kinds
    )
    for row in db.session.execute(query.where(*scope.conditions(source)).group_by(key)):
        line = lines[fold(row[0])]
        numbers = row[1 : 1 + len(wanted)]
        line.counts.update({one.name: n for one, n in zip(wanted, numbers, strict=True) if n})
        for clock, text in zip(clocks, row[1 + len(wanted) :], strict=True):
            if text:
                more = sorted(map(int, text.split(",")))
                before = line.values.get(clock.name)
                line.values[clock.name] = sorted(before + more) if before else more


def counted(measure: Measure, scope: Scope) -> Any:
    """The expression that counts a measure among the rows of its source."""
    if measure.condition is measures.ALWAYS:
        return func.count()
    return func.count(case((measure.holds(scope.at), 1)))


def _values(clock: measures.Clock, scope: Scope) -> Any:
    """All that a clock measured in one text: a hundred times faster to fetch than row by row."""
    done = MEASURES[clock.done]
    seconds = case((done.holds(scope.at), done.source.seconds))
    return func.aggregate_strings(cast(seconds, String), ",")


def _fold(scope: Scope, by: By) -> Callable[[Key], Key]:
    """Leaves of the tree of categories count for what they belong to, until one is chosen."""
    if by is not By.CATEGORY or By.CATEGORY in scope.kinds:
        return lambda key: key
    tops = dict(db.session.execute(select(Category.id, Category.parent_id)).tuples().all())
    return lambda key: tops.get(key) or key

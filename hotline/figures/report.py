"""A report: every measure and every clock of a period, by department, operator, category …

Totals pool the counts and the values of all rows; a rate or a percentile is never averaged. Days
that are over are taken from what was kept of them (`hotline.figures.kept`), the rest is counted.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select

from hotline.figures import counting, kept, packing
from hotline.figures.kept import CUTS, DEPARTMENT
from hotline.figures.measures import MEASURES
from hotline.figures.packing import Key, Line, Pool, Together
from hotline.figures.sources import By, Scope
from models import Category, db


@dataclass(frozen=True)
class Report:
    """The rows by their key, and all of them together."""

    lines: Mapping[Key, Line]
    total: Line


def report(scope: Scope, by: By, names: Iterable[str] = MEASURES) -> Report:
    """Everything that is counted within `scope`, or the measures called `names` only."""
    lines = by_key(scope, by, names, _key_of(scope, by))
    return Report(lines, _total(lines))


def by_key(
    scope: Scope, by: By, names: Iterable[str], key_of: Callable[[Key], Key] = lambda key: key
) -> dict[Key, Line]:
    """The lines of a report alone; `key_of` says which are one."""
    names = list(names)
    clocks = [clock.name for clock in counting.clocks_of(MEASURES[name] for name in names)]
    cut = CUTS[by.value]
    found = kept.of(scope, cut, with_values=bool(clocks))
    pool = Pool(cut.counts, cut.clocks)
    for day in found.days.values():
        pool.add_packed(day, key_of)
    counting.into(pool, found.rest, by, names=names, key_of=key_of)
    return pool.lines(names, clocks)


def counts(scope: Scope, names: Iterable[str]) -> Counter[str]:
    """How many rows of each of the measures `names` lie within `scope`."""
    names = list(names)
    found = kept.of(scope, DEPARTMENT)
    number = counting.totals(found.rest, names)
    for day in found.days.values():
        number.update(packing.totals(day, DEPARTMENT.counts, names))
    return number


def _total(lines: Mapping[Key, Line]) -> Line:
    total = Line()
    for line in lines.values():
        total.counts += line.counts
    for clock in dict.fromkeys(name for line in lines.values() for name in line.values):
        total.values[clock] = Together(line.values.get(clock, ()) for line in lines.values())
    return total


def _key_of(scope: Scope, by: By) -> Callable[[Key], Key]:
    """How a line is called: leaves of the tree of categories count for what they belong to, until
    one is chosen."""
    if by is not By.CATEGORY or By.CATEGORY in scope.kinds:
        return lambda key: key
    tops = dict(db.session.execute(select(Category.id, Category.parent_id)).tuples().all())
    return lambda key: tops.get(key) or key

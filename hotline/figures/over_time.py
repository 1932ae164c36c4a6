"""How figures go over time: month by month or day by day, and calls by weekday and hour."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, case, extract, func, select

from hotline.calendars.chinese import ZONE
from hotline.figures import counting, kept, packing
from hotline.figures.kept import DEPARTMENT, HOUR
from hotline.figures.period import Period
from hotline.figures.sources import SOURCES, Scope
from models import Call, db

SHIFT = timedelta(hours=8)  # China has had one time all year round since 1992
WEEK = range(7)
HOURS = range(24)


def trend(scope: Scope, parts: Sequence[Period], names: Iterable[str]) -> list[Counter[str]]:
    """The measures `names` in each of `parts`, which follow each other."""
    names = list(names)
    whole = kept.of(replace(scope, period=Period(parts[0].first, parts[-1].last)), DEPARTMENT)
    found = _live_trend(whole.rest, parts, names)
    ends = [one.last for one in parts]
    for day, packed in whole.days.items():
        found[bisect_left(ends, day)].update(packing.totals(packed, DEPARTMENT.counts, names))
    return found


def calls_by_hour(scope: Scope) -> dict[tuple[int, int], int]:
    """How many calls came on which weekday (0 is Monday) in which hour of the local day."""
    whole = kept.of(scope, HOUR)
    found: Counter[tuple[int, int]] = Counter()
    for (_department, began_at), number in counting.calls_by_hour(whole.rest).items():
        found[began_at.weekday(), began_at.hour] += number
    for day, packed in whole.days.items():
        for key, number in packing.single(packed):
            found[day.weekday(), kept.hour_of(key)[1]] += number
    return dict(found)


def in_hour(weekday: int, hour: int) -> ColumnElement[bool]:
    """The calls of one cell of the heat map."""
    if _is_postgres():
        local = func.timezone(str(ZONE), Call.started_at)
        return and_(extract("isodow", local) == weekday + 1, extract("hour", local) == hour)
    shift = f"+{SHIFT // timedelta(hours=1)} hours"
    at = func.strftime("%w %H", Call.started_at, shift)
    return at == f"{(weekday + 1) % 7} {hour:02}"


def _live_trend(scope: Scope, parts: Sequence[Period], names: Iterable[str]) -> list[Counter[str]]:
    """The same counted from the rows; one query per source."""
    found = [Counter[str]() for _ in parts]
    for source_name, wanted in counting.by_source(names).items() if not scope.is_empty else ():
        source = SOURCES[source_name]
        part = case(*((source.anchor < one.until, n) for n, one in enumerate(parts)))
        numbers = (counting.counted(one, scope) for one in wanted)
        query = source.joined(select(part, *numbers), *scope.kinds)
        for n, *row in db.session.execute(query.where(*scope.conditions(source)).group_by(part)):
            found[n].update({one.name: number for one, number in zip(wanted, row, strict=True)})
    return found


def _is_postgres() -> bool:
    return db.engine.dialect.name == "postgresql"

"""What was kept of the days that are over, as far as it still holds for who asks.

A day that is kept is not counted again. It is left out, and counted live like today, when

- the questions are others now: a measure or a setting has changed (`made_of`)
- something was written since about a ticket that counts, or counted, on it (`touched`)
- a ticket counts on it that who asks may not see
"""

import hashlib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache

from sqlalchemy import literal, select
from sqlalchemy.dialects import postgresql, sqlite

from hotline import access
from hotline.figures import counting, packing, touched
from hotline.figures.measures import CLOCKS, MEASURES
from hotline.figures.packing import Key, Packed
from hotline.figures.period import ONE_DAY, Period
from hotline.figures.sources import By, Scope
from hotline.sla import policies
from hotline.sla.policy_table import POLICIES
from models import FigureDay, db

HOURS = 24
NEVER = Scope(Period(date(2000, 1, 1), date(2000, 1, 1)), None, datetime(2000, 1, 3, tzinfo=UTC))


@dataclass(frozen=True)
class Cut:
    """One way in which a day is kept: by what, which numbers each line has, and whose it is."""

    name: str
    counts: tuple[str, ...]
    clocks: tuple[str, ...] = ()
    department_of: Callable[[Key], int | None] | None = None  # None: a line is no department's


CUTS = {by.value: Cut(by.value, tuple(MEASURES), tuple(CLOCKS)) for by in By}
DEPARTMENT = replace(CUTS[By.DEPARTMENT.value], department_of=lambda key: key)
HOUR = Cut("hour", ("calls",), department_of=lambda key: hour_of(key)[0])
CUTS |= {cut.name: cut for cut in (DEPARTMENT, HOUR)}


@dataclass(frozen=True)
class Kept:
    """The days of a scope of which something was kept; the rest of it is to be counted."""

    days: dict[date, Packed]
    rest: Scope


def of(scope: Scope, cut: Cut, *, with_values: bool = False) -> Kept:
    """What was kept of `scope`, cut like that; the times themselves only `with_values`."""
    if not _can_be_kept(scope, cut):
        return Kept({}, scope)
    seconds = FigureDay.seconds if with_values else literal(b"")
    found = (
        select(FigureDay.day, FigureDay.keys, FigureDay.counts, FigureDay.lengths, seconds)
        .where(FigureDay.by == cut.name, FigureDay.made_of == made_of(cut.name))
        .where(FigureDay.day >= scope.period.first, FigureDay.day <= scope.period.last)
        .order_by(FigureDay.day)
    )
    rows = db.session.execute(found).all()
    left_out = _left_out(scope) if rows else frozenset()
    days = {row.day: Packed(*row[1:]) for row in rows if row.day not in left_out}
    if scope.only_departments is not None:
        days = {day: _only(scope.only_departments, packed, cut) for day, packed in days.items()}
    return Kept(days, replace(scope, parts=tuple(_rest(scope.period, days))))


def hour_key(department_id: int | None, hour: int) -> int:
    """The line of `HOUR` for a department (None: the hotline alone) and an hour of the day."""
    return (department_id or 0) * HOURS + hour


def hour_of(key: int) -> tuple[int | None, int]:
    """The department and the hour of a line of `HOUR`."""
    return key // HOURS or None, key % HOURS


def made_of(cut_name: str) -> str:
    """The hash of the questions of a cut, with all that they compare with."""
    settings = tuple(policies.get(key) for key in POLICIES)
    return _made_of(cut_name, db.engine.dialect.name, settings)


def _can_be_kept(scope: Scope, cut: Cut) -> bool:
    """Whether it is about the house as a whole, or about departments in a cut that knows them.

    What a department led, who acts for it may see, but for what concerns them.
    """
    if scope.narrowed or scope.more or scope.parts is not None:
        return False
    if scope.only_departments is not None:
        return cut.department_of is not None
    return scope.viewer is None or access.sees_all(scope.viewer)


def _only(department_ids: Collection[int], packed: Packed, cut: Cut) -> Packed:
    department_of = cut.department_of or (lambda key: None)
    return packing.only(packed, lambda key: department_of(key) in department_ids)


def _left_out(scope: Scope) -> frozenset[date]:
    """The days that something was written about, and those with what the viewer may not see."""
    days = touched.days()
    if scope.viewer is not None:
        days |= touched.days_of(access.hidden_from(scope.viewer))
    return frozenset(days)


def _rest(period: Period, days: dict[date, Packed]) -> Iterator[Period]:
    """The stretches of `period` of which nothing was kept."""
    first = period.first
    for day in days:
        if first < day:
            yield Period(first, day - ONE_DAY)
        first = day + ONE_DAY
    if first <= period.last:
        yield Period(first, period.last)


@lru_cache(maxsize=64)
def _made_of(cut_name: str, dialect_name: str, settings: Sequence[int]) -> str:
    """`settings` are in the questions; they stand here to be asked anew when one changes."""
    dialect = {"sqlite": sqlite, "postgresql": postgresql}[dialect_name].dialect()
    if cut_name == HOUR.name:
        questions = [counting.question_of_hours(NEVER)]
    else:
        questions = [
            counting.question(source, wanted, NEVER, By(cut_name))
            for source, wanted in counting.by_source(MEASURES).items()
        ]
    hashed = hashlib.sha256()
    for question in questions:
        compiled = question.compile(dialect=dialect)
        hashed.update(f"{compiled}{sorted(compiled.params.items())}".encode())
    return hashed.hexdigest()

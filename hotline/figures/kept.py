"""What was kept of the days that are over, as far as it still holds for who asks.

A day that is kept is not counted again. It is left out, and counted live like today, when

- the questions are others now: a measure or a setting has changed (`made_of`)
- something was written since about a ticket that counts, or counted, on it (`touched`)
- a ticket counts on it that who asks may not see
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache

from sqlalchemy import literal, select
from sqlalchemy.dialects import postgresql, sqlite

from hotline import access
from hotline.figures import counting, touched
from hotline.figures.measures import CLOCKS, MEASURES
from hotline.figures.packing import Packed
from hotline.figures.period import ONE_DAY, Period
from hotline.figures.sources import By, Scope
from hotline.sla import policies
from hotline.sla.policy_table import POLICIES
from models import FigureDay, Ticket, db

NEVER = Scope(Period(date(2000, 1, 1), date(2000, 1, 1)), None, datetime(2000, 1, 3, tzinfo=UTC))


@dataclass(frozen=True)
class Cut:
    """One way in which a day is kept: by what, and which numbers each line has."""

    name: str
    counts: tuple[str, ...]
    clocks: tuple[str, ...] = ()


CUTS = {by.value: Cut(by.value, tuple(MEASURES), tuple(CLOCKS)) for by in By}
HOUR = Cut("hour", ("calls",))
CUTS[HOUR.name] = HOUR


@dataclass(frozen=True)
class Kept:
    """The days of a scope of which something was kept; the rest of it is to be counted."""

    days: dict[date, Packed]
    rest: Scope


def of(scope: Scope, cut: Cut, *, with_values: bool = False) -> Kept:
    """What was kept of `scope`, cut like that; the times themselves only `with_values`."""
    if not _is_whole(scope):
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
    return Kept(days, replace(scope, parts=tuple(_rest(scope.period, days))))


def made_of(cut_name: str) -> str:
    """The hash of the questions of a cut, with all that they compare with."""
    settings = tuple(policies.get(key) for key in POLICIES)
    return _made_of(cut_name, db.engine.dialect.name, settings)


def _is_whole(scope: Scope) -> bool:
    """Whether it is about the house as a whole: what is narrowed is counted live."""
    is_narrowed = scope.narrowed or scope.more or scope.parts is not None
    if is_narrowed or scope.only_departments is not None:
        return False
    return scope.viewer is None or access.hidden(scope.viewer) is not None


def _left_out(scope: Scope) -> frozenset[date]:
    """The days that something was written about, and those with what the viewer may not see."""
    days = touched.days()
    hidden = access.hidden(scope.viewer) if scope.viewer else None
    if hidden is not None:
        days |= touched.days_of(select(Ticket.id).where(hidden))
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

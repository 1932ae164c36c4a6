"""How figures go over time: month by month or day by day, and calls by weekday and hour."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, String, and_, case, cast, extract, func, select

from hotline.calendars.chinese import ZONE
from hotline.figures.measures import MEASURES
from hotline.figures.period import Period
from hotline.figures.report import counted
from hotline.figures.sources import SOURCES, Scope
from models import Call, db

SHIFT = timedelta(hours=8)  # China has had one time all year round since 1992
WEEK = range(7)
HOURS = range(24)


def trend(scope: Scope, parts: Sequence[Period], names: Iterable[str]) -> list[Counter[str]]:
    """The measures `names` in each of `parts`, which follow each other; one query per source."""
    found = [Counter[str]() for _ in parts]
    whole = replace(scope, period=Period(parts[0].first, parts[-1].last))
    wanted = [MEASURES[name] for name in names]
    for source_name in dict.fromkeys(one.source_name for one in wanted):
        source = SOURCES[source_name]
        of_it = [one for one in wanted if one.source_name == source_name]
        part = case(*((source.anchor < one.until, n) for n, one in enumerate(parts)))
        query = source.joined(select(part, *(counted(one, scope) for one in of_it)), *scope.kinds)
        for row in db.session.execute(query.where(*whole.conditions(source)).group_by(part)):
            numbers = {one.name: n for one, n in zip(of_it, row[1:], strict=True)}
            found[row[0]].update(numbers)
    return found


def calls_by_hour(scope: Scope) -> dict[tuple[int, int], int]:
    """How many calls came on which weekday (0 is Monday) in which hour of the local day."""
    source = SOURCES["calls"]
    hour = _utc_hour()
    query = source.joined(select(hour, func.count()), *scope.kinds)
    found: dict[tuple[int, int], int] = defaultdict(int)
    for text, number in db.session.execute(query.where(*scope.conditions(source)).group_by(hour)):
        began_at = datetime.fromisoformat(f"{text}:00:00").replace(tzinfo=UTC).astimezone(ZONE)
        found[began_at.weekday(), began_at.hour] += number
    return dict(found)


def in_hour(weekday: int, hour: int) -> ColumnElement[bool]:
    """The calls of one cell of the heat map."""
    if _is_postgres():
        local = func.timezone(str(ZONE), Call.started_at)
        return and_(extract("isodow", local) == weekday + 1, extract("hour", local) == hour)
    shift = f"+{SHIFT // timedelta(hours=1)} hours"
    at = func.strftime("%w %H", Call.started_at, shift)
    return at == f"{(weekday + 1) % 7} {hour:02}"


def _utc_hour() -> ColumnElement[str]:
    if _is_postgres():
        return func.to_char(func.timezone("UTC", Call.started_at), "YYYY-MM-DD HH24")
    return func.substr(cast(Call.started_at, String), 1, 13)


def _is_postgres() -> bool:
    return db.engine.dialect.name == "postgresql"

"""What a table to be taken away consists of: columns of a kind, rows of plain values.

Texts come in the reader's language already. Instants are aware and are written in local time;
durations are timedeltas or seconds, percentages are parts of one, money is in fen.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

Cell = str | int | float | datetime | date | timedelta | None
Row = Sequence[Cell]
Rows = Iterable[Row]


class Kind(StrEnum):
    """What the cells of a column are; it decides how they are written and how wide they show."""

    TEXT = "text"
    NUMBER = "number"
    INSTANT = "instant"  # 2026-11-20 16:30:00
    DATE = "date"
    DURATION = "duration"  # 26:15, hours and minutes
    STOPWATCH = "stopwatch"  # 0:00:14, for what is over in seconds
    PERCENT = "percent"
    MONEY = "money"  # 1,234.50


@dataclass(frozen=True)
class Column:
    """One column: its heading, its kind, and its width in characters (0: as its kind needs)."""

    name: str
    kind: Kind = Kind.TEXT
    width: int = 0


def local(at: datetime, zone: ZoneInfo) -> datetime:
    """An aware instant as the clock on the wall showed it, to the second and without a zone."""
    return at.astimezone(zone).replace(tzinfo=None, microsecond=0)


def span(value: Cell) -> timedelta:
    """A duration, also when it is given in seconds."""
    return value if isinstance(value, timedelta) else timedelta(seconds=number(value))


def number(value: Cell) -> float:
    """A cell that has to be a number. Raises TypeError for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"not a number: {value!r}")
    return value

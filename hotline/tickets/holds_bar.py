"""The bar of a ticket's holds: who had it when, drawn to scale, as shares of its whole length.

Two bars are drawn: by the wall clock, where every second has its place, and by business time, where
only what counts has a length. A party keeps its letter and its pattern in both.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from string import ascii_uppercase
from zoneinfo import ZoneInfo

from hotline.sla.business_time import NOTHING
from hotline.tickets import holds
from hotline.tickets.holds import Party
from hotline.tickets.sheet import between
from models import Hold, Holder

# The patterns of static/css/sheet.css: one each for these, the rest for departments in turn.
PATTERNS = {Holder.HOTLINE: 0, Holder.CALLER: 1, Holder.SUSPENDED: 2}
OF_DEPARTMENTS = (3, 4, 5, 6)
MOST_TICKS = 8
STEPS = (
    *(timedelta(minutes=m) for m in (1, 5, 15, 30)),
    *(timedelta(hours=h) for h in (1, 3, 6, 12)),
    *(timedelta(days=d) for d in (1, 2, 7, 14, 30, 90, 365)),
)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Mark:
    """By what a party is known on the bars and in the table."""

    letter: str
    pattern: int


@dataclass(frozen=True)
class Segment:
    """A stretch of a bar: where it begins and how long it is, in parts of the whole."""

    mark: Mark
    begin: float
    width: float


@dataclass(frozen=True)
class Tick:
    """A round moment below the bar."""

    place: float
    at: datetime
    is_day: bool  # said by its date, not by its time


def party_of(hold: Hold) -> Party:
    return hold.holder, hold.department_id


def marks(ledger: Sequence[Hold]) -> dict[Party, Mark]:
    """A letter for each party in the order in which they came, and a pattern."""
    found: dict[Party, Mark] = {}
    departments = 0
    for hold in ledger:
        party = party_of(hold)
        if party in found:
            continue
        pattern = PATTERNS.get(hold.holder)
        if pattern is None:
            pattern = OF_DEPARTMENTS[departments % len(OF_DEPARTMENTS)]
            departments += 1
        found[party] = Mark(_letter(len(found)), pattern)
    return found


def _letter(number: int) -> str:
    return ascii_uppercase[number] if number < len(ascii_uppercase) else str(number + 1)


def by_the_wall(ledger: Sequence[Hold], begin: datetime, end: datetime) -> list[Segment]:
    """Each hold where it lay between `begin` and `end`; while it was closed there is a gap."""
    whole, known = end - begin, marks(ledger)
    if whole <= NOTHING:
        return []
    return [
        Segment(
            known[party_of(hold)],
            (hold.began_at - begin) / whole,
            holds.wall_of(hold, end) / whole,
        )
        for hold in ledger
    ]


def by_business(ledger: Sequence[Hold], at: datetime) -> list[Segment]:
    """The business time of each hold, one behind the other; nothing when none of it counts."""
    known = marks(ledger)
    lengths = [holds.business_of(hold, at) for hold in ledger]
    whole = sum(lengths, NOTHING)
    segments, before = [], NOTHING
    for hold, length in zip(ledger, lengths, strict=True):
        if length > NOTHING:
            segments.append(Segment(known[party_of(hold)], before / whole, length / whole))
        before += length
    return segments


def closed_in_between(ledger: Sequence[Hold]) -> timedelta:
    """How long nobody had it because it was closed, before it was opened again."""
    pairs = zip(ledger, ledger[1:], strict=False)
    return sum((between(a.ended_at or b.began_at, b.began_at) for a, b in pairs), NOTHING)


def ticks(begin: datetime, end: datetime, zone: ZoneInfo) -> list[Tick]:
    """Round local moments between `begin` and `end`, so few that their words have room."""
    whole = end - begin
    if whole <= NOTHING:
        return []
    step = next((step for step in STEPS if whole / step <= MOST_TICKS), STEPS[-1])
    return [
        Tick((at - begin) / whole, at, step >= DAY) for at in _round_moments(begin, end, step, zone)
    ]


def _round_moments(
    begin: datetime, end: datetime, step: timedelta, zone: ZoneInfo
) -> Iterator[datetime]:
    """Multiples of `step` since the local midnight before `begin`."""
    first: date = begin.astimezone(zone).date()
    number = 0
    while True:
        since = step * number
        day = first + timedelta(days=since.days)
        at = datetime.combine(day, time(), zone) + timedelta(seconds=since.seconds)
        if at > end:
            return
        if at >= begin:
            yield at
        number += 1

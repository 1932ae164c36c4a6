"""Time as whole seconds: millions of instants are reckoned and written, and dates are slow.

An instant is the number of seconds since 1970 in UTC.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from hotline.sla.business_time import BusinessCalendar

MINUTE, HOUR, DAY = 60, 3600, 86400
WORKING_DAY = 7 * HOUR + 30 * MINUTE
OFFSET = 8 * HOUR  # of Shanghai, which has no summer time
EPOCH = date(1970, 1, 1)
TIMES = tuple(
    f" {hour:02d}:{minute:02d}:{second:02d}.000000"
    for hour in range(24)
    for minute in range(60)
    for second in range(60)
)
_days: dict[int, str] = {}


def text(at: int) -> str:
    """An instant as SQLite stores it; PostgreSQL reads the same when its zone is UTC."""
    number, second = divmod(at, DAY)
    day = _days.get(number)
    if day is None:
        day = _days[number] = (EPOCH + timedelta(number)).isoformat()
    return day + TIMES[second]


def iso(at: int) -> str:
    """An instant as it stands in the data of events."""
    return datetime.fromtimestamp(at, UTC).isoformat()


def of(instant: datetime) -> int:
    return round(instant.timestamp())


def local_day(at: int) -> date:
    """The date on the wall in Shanghai."""
    return EPOCH + timedelta((at + OFFSET) // DAY)


def midnight(on: date) -> int:
    """When a date begins in Shanghai."""
    return (on - EPOCH).days * DAY - OFFSET


@dataclass(frozen=True)
class Hours:
    """A business calendar from one date to another: what `hotline.sla.business_time` reckons, in
    whole seconds, by one bisect each.
    """

    begins: list[int]
    ends: list[int]
    totals: list[int]  # open seconds until the end of each interval
    closes: list[int]  # the close of each working day

    @classmethod
    def read(cls, calendar: BusinessCalendar, first: date, last: date) -> "Hours":
        hours, total = cls([], [], [], []), 0
        for number in range((last - first).days + 1):
            intervals = list(calendar.open_intervals(first + timedelta(number)))
            for begin, end in intervals:
                total += of(end) - of(begin)
                hours.begins.append(of(begin))
                hours.ends.append(of(end))
                hours.totals.append(total)
            if intervals:
                hours.closes.append(of(intervals[-1][1]))
        return hours

    def between(self, start: int, end: int) -> int:
        """The open seconds from `start` to a later `end`."""
        return self._elapsed(end) - self._elapsed(start)

    def add(self, start: int, amount: int) -> int:
        """When `amount` (more than nothing) open seconds have passed since `start`."""
        wanted = self._elapsed(start) + amount
        index = bisect_left(self.totals, wanted)
        return self.ends[index] - (self.totals[index] - wanted)

    def after_days(self, start: int, days: int) -> int:
        """The close of the `days`-th working day after the day of `start`."""
        tomorrow = ((start + OFFSET) // DAY + 1) * DAY - OFFSET
        return self.closes[bisect_left(self.closes, tomorrow) + days - 1]

    def is_open(self, at: int) -> bool:
        index = bisect_right(self.begins, at) - 1
        return index >= 0 and at < self.ends[index]

    def _elapsed(self, at: int) -> int:
        index = bisect_right(self.begins, at) - 1
        if index < 0:
            return 0
        return self.totals[index] - max(self.ends[index] - at, 0)

"""Which periods are drawn from by themselves, and when: months, and halves of working days."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from sqlalchemy import func, select

from hotline.calendars import queries as calendars
from hotline.sla import business_time
from models import Population, Sample, db

FIRST_REACH = timedelta(days=7)  # how far back the first draw of answers looks


@dataclass(frozen=True)
class Span:
    """A stretch of time, and the series it belongs to."""

    series: str
    since: datetime
    until: datetime


def month_of(day: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """The first instant of the local month of `day`, and of the next, in UTC."""
    first = day.replace(day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    begins, ends = (datetime.combine(one, time(), zone) for one in (first, following))
    return begins.astimezone(UTC), ends.astimezone(UTC)


def months_due(now: datetime, zone: tzinfo) -> list[Span]:
    """The months whose closed tickets are to be drawn from: due on the first working day after.

    After a time in which nothing ran every month since the last draw; at the very first only the
    last month. What a supervisor has drawn from as a whole is done.
    """
    until, _ = month_of(now.astimezone(zone).date(), zone)
    last = _last_until(Population.CLOSED)
    spans: list[Span] = []
    while until > (last or until - timedelta(days=1)):
        since, _ = month_of((until - timedelta(days=1)).astimezone(zone).date(), zone)
        spans.insert(0, Span(f"closed:{since.astimezone(zone):%Y-%m}", since, until))
        until, last = since, last or since
    return [span for span in spans if _first_opening(span.until) <= now and not _is_drawn(span)]


def answers_due(now: datetime, zone: tzinfo) -> Span | None:
    """The answers given since the last draw of them, once in each half of a working day."""
    last = _last_until(Population.ANSWERS)
    day = calendars.calendar_for(None).open_intervals(now.astimezone(zone).date())
    openings = [opens for opens, _closes in day if opens <= now]
    if not openings or (last is not None and last >= openings[-1]):
        return None
    since = last if last is not None else now - FIRST_REACH
    return Span(f"answers:{now.astimezone(zone):%Y-%m}", since, now)


def _first_opening(month_begins: datetime) -> datetime:
    return business_time.next_open(month_begins, calendars.calendar_for(None))


def _last_until(population: Population) -> datetime | None:
    """The end of what was last drawn from by itself."""
    last = select(func.max(Sample.until_at)).where(
        Sample.population == population, Sample.series.is_not(None)
    )
    return db.session.scalar(last)


def _is_drawn(span: Span) -> bool:
    whole = select(Sample.id).where(
        Sample.population == Population.CLOSED,
        Sample.since_at <= span.since,
        Sample.until_at >= span.until,
    )
    return db.session.scalar(whole.limit(1)) is not None

"""Which periods are drawn from by themselves, and when: months, and halves of working days."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from hotline.calendars import queries as calendars
from hotline.calendars.chinese import ZONE
from hotline.sla import business_time, months
from models import Population, Sample, db

FIRST_REACH = timedelta(days=7)  # how far back the first draw of answers looks


@dataclass(frozen=True)
class Span:
    """A stretch of time, and the series it belongs to."""

    series: str
    since: datetime
    until: datetime


def months_due(now: datetime) -> list[Span]:
    """The months whose closed tickets are to be drawn from: due on the first working day after.

    After a time in which nothing ran every month since the last draw; at the very first only the
    last month. What a supervisor has drawn from as a whole is done. A month never takes back days
    of the last draw: after a change of the setting the next sample is of what is left.
    """
    last = _last_until(Population.CLOSED)
    month = months.at(now).before()
    spans: list[Span] = []
    while not spans or (last is not None and month.until > last):
        since = month.since if last is None else max(month.since, last)
        spans.insert(0, Span(f"closed:{month.name}", since, month.until))
        month = month.before()
    return [
        span
        for span in spans
        if span.since < span.until and _first_opening(span.until) <= now and not _is_drawn(span)
    ]


def answers_due(now: datetime) -> Span | None:
    """The answers given since the last draw of them, once in each half of a working day."""
    last = _last_until(Population.ANSWERS)
    day = calendars.calendar_for(None).open_intervals(now.astimezone(ZONE).date())
    openings = [opens for opens, _closes in day if opens <= now]
    if not openings or (last is not None and last >= openings[-1]):
        return None
    since = last if last is not None else now - FIRST_REACH
    return Span(f"answers:{months.at(now).name}", since, now)


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

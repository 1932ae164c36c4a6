"""What is drawn by itself; who comes late or twice draws nothing twice."""

from datetime import datetime
from secrets import token_hex

from hotline import clock, turns
from hotline.quality import periods, sampling
from hotline.quality.periods import Span
from hotline.sla import policies
from hotline.unit_of_work import unit_of_work
from models import Population, db


def draw_closed_tickets_of_last_month() -> int:
    """On the first working day: the month before, and every one that was left out; how many."""
    now = clock.now()
    due = periods.months_due(now)
    db.session.rollback()
    for span in due:
        with unit_of_work():
            turns.take(sampling.TURN)
            if span in periods.months_due(now):
                _draw(Population.CLOSED, span, policies.get("sample_percent"), now)
    return len(due)


def draw_answers_before_their_callback() -> int:
    """In each half of a working day: the answers that no caller has heard yet."""
    now = clock.now()
    is_due = periods.answers_due(now) is not None
    db.session.rollback()
    if not is_due:
        return 0
    with unit_of_work():
        turns.take(sampling.TURN)
        span = periods.answers_due(now)
        if span is not None:
            _draw(Population.ANSWERS, span, policies.get("sample_answers_percent"), now)
    return 1


def _draw(population: Population, span: Span, percent: int, now: datetime) -> None:
    wanted = sampling.Wanted(
        population=population,
        since=span.since,
        until=span.until,
        percent=percent,
        seed=token_hex(8),
        reason=sampling.BY_HAND_BEFORE,
        series=span.series,
    )
    sampling.draw(wanted, actor=None, at=now)

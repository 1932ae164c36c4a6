"""The sweep that asks for next year's official list. Safe to run late or twice."""

from hotline import clock
from hotline.calendars import importing, queries
from hotline.calendars.chinese import ZONE
from hotline.notifications import service as notifications
from hotline.outbox import recipients
from hotline.outbox import service as outbox
from hotline.unit_of_work import unit_of_work


def warn_of_missing_lists() -> int:
    """Tell administrators and supervisors, once each, that the official list of a year should be
    here; take it back when it has come. Return to how many that was news."""
    now = clock.now()
    today = now.astimezone(ZONE).date()
    with unit_of_work():
        missing = queries.missing_year(today)
        come = [year for year in (today.year, today.year + 1) if queries.is_year_known(year)]
        news = sum(notifications.withdraw(f"{importing.MISSING}:{year}", at=now) for year in come)
        if missing is not None:
            people = recipients.administrators() + recipients.supervisors()
            told = outbox.notify_all(
                {person.id: person for person in people}.values(),
                importing.ASK_FOR_IT,
                at=now,
                dedupe_key=f"{importing.MISSING}:{missing}",
                year=missing,
            )
            news += len(told)
    return news

"""The mark that every tick leaves, and the alarm when the one before it is too old."""

from datetime import datetime, timedelta

import structlog

from hotline.i18n import N_
from hotline.operations import lateness
from hotline.outbox import recipients, terms
from hotline.outbox import service as outbox
from models import Mark, db

log = structlog.get_logger()
SLEPT_FROM = timedelta(minutes=1)


def mark(at: datetime) -> None:
    """Leave the mark by which everybody sees that the ticker lives.

    Where the last one is too old, those who answer for the hotline hear which time was slept
    through, once; a mistake in telling them does not stop the ticker.
    """
    before = db.session.get(Mark, "tick")
    since = before.at if before is not None else None
    db.session.merge(Mark(name="tick", at=at))
    if since is None or at - since <= SLEPT_FROM or since < (terms.demo_began_at() or since):
        return
    db.session.flush()
    try:
        with db.session.begin_nested():
            _tell(since, at)
    except Exception:
        log.exception("nobody was told that the ticker slept", since=since.isoformat())


def _tell(since: datetime, at: datetime) -> None:
    those = recipients.leaders(at) + recipients.supervisors() + recipients.administrators()
    count = lateness.missed(since, at)
    if count:
        text = N_(
            "Nothing happened by itself from %(since)s to %(until)s: %(count)d reminders are late."
        )
    else:
        text = N_("Nothing happened by itself from %(since)s to %(until)s; nothing is late for it.")
    outbox.notify_all(
        {person.id: person for person in those}.values(),
        text,
        at=at,
        dedupe_key=f"ticker_slept:{since:%Y%m%d%H%M%S}",
        urgent=True,
        since=since,
        until=at,
        count=count,
    )
    log.warning("the ticker slept", since=since.isoformat(), late=count)

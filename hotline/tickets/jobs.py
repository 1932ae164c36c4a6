"""The nightly self-check of the ledger of holds."""

from datetime import datetime, timedelta

import structlog

from hotline import clock
from hotline.tickets import ledger_check
from hotline.unit_of_work import unit_of_work
from models import Mark, db

log = structlog.get_logger()
MARK = "ledgers_checked"
AT_ONCE = 500
AGAIN = timedelta(hours=1)  # what was written while the last check ran is looked at again


def check_ledgers() -> int:
    """Compare the ledger of every ticket that moved since the last check with its events; return
    how many differ. Each is told to the supervisors and stands in the log. The first run looks at
    all of them.
    """
    now = clock.now()
    last = db.session.get(Mark, MARK)
    since = last.at - AGAIN if last else None
    found, after_id = 0, 0
    while ids := ledger_check.moved_since(since, after_id, AT_ONCE):
        found += _check(ids, now)
        after_id = ids[-1]
    with unit_of_work():
        db.session.merge(Mark(name=MARK, at=now))
    return found


def _check(ids: list[int], now: datetime) -> int:
    differences = ledger_check.differences(ids)
    db.session.rollback()
    for one in differences:
        log.error("a ledger does not fit its history", ticket=one.ticket_id)
        with unit_of_work():
            ledger_check.report(one, at=now)
    return len(differences)

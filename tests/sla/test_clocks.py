"""Which clocks run in which status: the table, against tickets that went the usual way."""

import pytest
from sqlalchemy import select

from hotline.handoffs.queries import last_lead_of
from hotline.sla.clocks import RUNS_WHILE, ClockKind
from models import Callback, TicketStatus, db
from tests.stages import make_house, put


@pytest.mark.parametrize("status", TicketStatus)
def test_the_clocks_run_as_the_table_has_it(app, clock, status):
    ticket = put(make_house(), status, clock())
    lead = last_lead_of(ticket)
    with_department = lead is not None and lead.ended_at is None and lead.paused_at is None
    owed = db.session.scalars(select(Callback).where(Callback.ended_at.is_(None))).all()
    runs = {
        ClockKind.SIGN: with_department and lead.accepted_at is None,
        ClockKind.HANDLE: with_department,
        ClockKind.WHOLE: ticket.whole_seconds is None,
    }
    assert runs == {kind: status in RUNS_WHILE[kind] for kind in runs}
    assert not owed or all(
        status in RUNS_WHILE[kind] for kind in (ClockKind.CALLBACK, ClockKind.TOLD)
    )
    assert owed or status is not TicketStatus.ANSWERED

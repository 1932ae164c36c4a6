"""The generator of the benchmarks makes what services could have made, the same each time."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from random import Random

import pytest
from sqlalchemy import func, select

from bench import generate, pages, seconds
from bench.raw import Raw
from bench.seconds import Hours
from hotline import clock as clock_module
from hotline.calendars import queries as calendars
from hotline.sla import business_time
from hotline.tickets import ledger_check
from models import Call, Feedback, Handoff, Ticket, TicketEvent, TicketStatus, db

TICKETS, DAYS, LAST = 300, 9, date(2026, 11, 20)
FIRST = LAST - timedelta(DAYS - 1)


@pytest.fixture
def filled(app, database_uri):
    """A database with nine days of tickets."""
    generate.generate(app, database_uri, TICKETS, 7, LAST, days=DAYS)
    return database_uri


def rows_of(world):
    return {table.name: table.take() for table in world.book.tables}


def told(seed):
    world = generate.open_world(seed, FIRST, LAST)
    assert len(list(generate.stories(world, TICKETS, FIRST))) == TICKETS
    return rows_of(world)


def test_a_generated_database_holds_what_the_services_promise(filled, app, monkeypatch):
    """Loading has checked every constraint; the rest is what no constraint can say."""
    tickets = db.session.scalars(select(Ticket)).all()
    statuses = Counter(ticket.status for ticket in tickets)
    assert len(tickets) == TICKETS
    assert 0 < statuses[TicketStatus.ACCEPTED] < 60 < statuses[TicketStatus.CLOSED]
    assert ledger_check.differences([ticket.id for ticket in tickets]) == []

    counted = {m: db.session.scalar(select(func.count(m.id))) for m in (Call, Feedback, Handoff)}
    assert counted[Feedback] == statuses[TicketStatus.CLOSED]
    assert counted[Call] > TICKETS > counted[Handoff] > TICKETS * 0.25
    numbers = [ticket.number for ticket in sorted(tickets, key=lambda one: one.opened_at)]
    assert numbers == sorted(numbers)
    for handoff in db.session.scalars(select(Handoff).where(Handoff.ended_at.is_not(None))):
        calendar = calendars.calendar_for(handoff.department)
        whole = business_time.between(handoff.handed_off_at, handoff.ended_at, calendar)
        assert handoff.handle_seconds + handoff.paused_seconds == whole.total_seconds()
    latest = db.session.scalar(select(func.max(TicketEvent.at)))
    assert latest <= datetime(2026, 11, 20, 8, tzinfo=UTC)

    with Raw(filled) as direct:
        at = pages.last_instant(direct)
        monkeypatch.setattr(clock_module, "now", lambda: at)
        app.config["WTF_CSRF_ENABLED"] = False
        wanted = pages.pages(direct, at)
        browsers = {name: pages.sign_in(app, name) for name in {page.user for page in wanted}}
        for page in wanted:
            assert browsers[page.user].get(page.path).status_code == 200, page.name
            assert direct.seconds(page.same, page.values) > 0


def test_one_seed_makes_the_same_rows_each_time(filled):
    assert told(7) == told(7)
    assert told(7) != told(8)


def test_whole_seconds_are_reckoned_as_business_time_is(app):
    first, last = date(2026, 1, 1), date(2027, 1, 31)
    calendar, rng = calendars.calendar_for(None), Random(3)
    hours = Hours.read(calendar, first, last)

    def instants():
        while True:
            yield rng.randrange(seconds.midnight(first), seconds.midnight(date(2026, 12, 1)))

    def aware(at):
        return datetime.fromtimestamp(at, UTC)

    for start, end in islice(zip(instants(), instants(), strict=False), 300):
        start, end = min(start, end), max(start, end)
        amount = business_time.between(aware(start), aware(end), calendar)
        assert hours.between(start, end) == amount.total_seconds()
        later = business_time.add(aware(start), timedelta(hours=9), calendar)
        assert aware(hours.add(start, 9 * seconds.HOUR)) == later
        assert aware(hours.after_days(start, 5)) == business_time.add_working_days(
            aware(start), 5, calendar
        )
        assert datetime.fromisoformat(seconds.text(start)).replace(tzinfo=UTC) == aware(start)

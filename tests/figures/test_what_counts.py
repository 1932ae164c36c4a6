"""What a report counts and what not: at the edges of its days, of who assists, of oneself."""

from datetime import date, timedelta

import pytest

from hotline.calls import service as calls
from hotline.figures import report
from hotline.figures.measures import RATES
from hotline.figures.period import Period
from hotline.figures.sources import By, Scope
from hotline.phone_numbers import normalise
from hotline.unit_of_work import unit_of_work
from models import Feedback, Resolution, Satisfaction, Source, TicketStatus, db
from tests.makers import make_ticket
from tests.stages import call_of, make_house, put

NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))


@pytest.fixture
def house(app, clock):
    return make_house()


def counted(house, clock, who="supervisor", period=NOVEMBER):
    db.session.expire_all()
    return report.report(Scope(period, house[who], clock.time), By.DEPARTMENT)


def test_the_first_instant_is_in_it_and_the_last_is_in_the_next(house, clock):
    for when in (NOVEMBER.since, NOVEMBER.until):
        make_ticket(operator=house["operator"], category=house.wages, at=when)
    clock.set(NOVEMBER.until + timedelta(hours=1))
    assert counted(house, clock).total.counts["matters"] == 1
    before, after = (
        counted(house, clock, period=period).total.counts["matters"]
        for period in (NOVEMBER.before(), Period(date(2026, 12, 1), date(2026, 12, 31)))
    )
    assert (before, after) == (0, 1)


def test_who_assists_has_no_clock_of_the_report(house, clock):
    put(house, TicketStatus.ACCEPTED, clock.time)
    clock.set(NOVEMBER.until)
    found = counted(house, clock)
    assert house.finance.id not in found.lines
    line = found.lines[house.legal.id].counts
    assert [line[name] for name in ("passages", "sign_due", "handle_due")] == [1, 1, 1]


def test_what_lies_ahead_is_not_judged_yet(house, clock):
    put(house, TicketStatus.ACCEPTED, clock.time)
    assert counted(house, clock).total.counts["handle_due"] == 0
    clock.advance(days=10)
    total = counted(house, clock).total.counts
    assert (total["handle_due"], total["handle_late"], total["handle_on_time"]) == (1, 1, 0)


CASES = (
    # of the ticket, of how it was closed, what counts it, what does not
    ({}, {}, "closed went_through", "chased repeat money excluded first_call"),
    ({"chased_count": 1}, {}, "chased", ""),
    ({"is_repeat": True}, {}, "repeat", ""),
    ({"money_recovered_fen": 1, "money_recovered_at": NOVEMBER.since}, {}, "money", ""),
    ({"excluded_at": NOVEMBER.since}, {}, "excluded valid", "valid_kept"),
    ({"excluded_at": NOVEMBER.since, "handoff_count": 0}, {}, "closed", "excluded valid"),
    ({}, {"satisfaction": None}, "unrated valid", "satisfied not_satisfied"),
    ({}, {"satisfaction": Satisfaction.UNRATED}, "unrated valid", "not_satisfied"),
    ({}, {"satisfaction": Satisfaction.NOT_SATISFIED}, "not_satisfied valid", "unrated"),
    ({"resolution": Resolution.ANSWERED_DIRECTLY, "handoff_count": 0}, {}, "first_call", "valid"),
    (
        {
            "resolution": Resolution.ANSWERED_DIRECTLY,
            "handoff_count": 0,
            "source": Source.VISIT,
        },
        {},
        "matters",
        "first_call by_phone",
    ),
)


@pytest.mark.parametrize(("of_ticket", "of_feedback", "counts", "leaves"), CASES)
def test_one_closed_ticket_counts_for_what_it_is(
    house, clock, of_ticket, of_feedback, counts, leaves
):
    ticket = put(house, TicketStatus.CLOSED, clock.time)
    proof = db.session.get_one(Feedback, ticket.closing_feedback_id)
    told = {"attempt_id": None, "asked_by_id": house["operator"].id}
    with unit_of_work():
        for row, fields in ((ticket, of_ticket), (proof, told | of_feedback)):
            for name, value in fields.items():
                setattr(row, name, value)
    found = counted(house, clock).total.counts
    assert {name: found[name] for name in counts.split()} == dict.fromkeys(counts.split(), 1)
    assert {name: found[name] for name in leaves.split()} == dict.fromkeys(leaves.split(), 0)


def test_a_call_is_of_who_took_it(house, clock):
    ticket = put(house, TicketStatus.OPEN, clock.time)
    with unit_of_work():
        call_of(ticket).operator_id = house["colleague"].id
    scope = Scope(NOVEMBER, house["supervisor"], clock.time)
    lines = report.report(scope, By.OPERATOR).lines
    assert lines[house["colleague"].id].counts["calls"] == 1
    assert lines[house["operator"].id].counts["calls"] == 0


def test_what_is_about_oneself_is_not_in_ones_report(house, clock):
    ticket = put(house, TicketStatus.ANSWERED, clock.time)
    with unit_of_work():
        ticket.about_user_id = house["supervisor"].id
    assert not +counted(house, clock).total.counts
    assert counted(house, clock, "reviewer").total.counts["matters"] == 1


def test_who_comes_in_person_is_a_matter_and_no_call(house, clock):
    for source in (Source.PHONE, Source.VISIT):
        with unit_of_work():
            calls.log_manually(
                actor=house["operator"],
                at=clock.time,
                source=source,
                number=normalise("13912345678"),
            )
    total = counted(house, clock).total
    assert (total.counts["calls"], total.counts["matters"], total.counts["by_phone"]) == (1, 2, 1)
    rate = RATES["first_call_rate"]
    assert total.counts[rate.whole] == 1  # who came in person could not be settled in a call

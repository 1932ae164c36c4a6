"""Where a caller works tells who rang: of whom one may not know the caller, no report says it."""

import pytest

from hotline.unit_of_work import unit_of_work
from models import TicketStatus
from tests.stages import House, make_house, put

EMPLOYER = "恒达物流"
PHONES = ("13911110001", "13911110002", "13911110003")
BEHIND = f"/reports/behind?measure=matters&period=2026-11&employer={EMPLOYER}"


@pytest.fixture
def house(app, clock) -> House:
    return make_house()


@pytest.fixture
def secret(house, clock) -> str:
    """Three drivers of one firm rang; the number of the ticket whose caller nobody may know."""
    tickets = [put(house, TicketStatus.ACCEPTED, clock.time, phone) for phone in PHONES]
    with unit_of_work():
        for ticket in tickets:
            ticket.caller.employer = EMPLOYER
        tickets[-1].is_confidential = True
    return tickets[-1].number


@pytest.mark.parametrize(
    ("who", "number"), [("supervisor", 3), ("reviewer", 2), ("head", 2), ("head of another", 0)]
)
def test_the_employer_of_an_unknown_caller_finds_no_ticket(house, secret, sign_in, who, number):
    page = sign_in(house[who]).get(BEHIND).text
    assert f'id="behind-number">{number}<' in page
    assert (secret in page) is (who == "supervisor")


@pytest.mark.parametrize("who", ["reviewer", "head"])
def test_nor_is_it_counted_among_those_heard_of_more(house, secret, sign_in, who):
    rising = "/reports/rising?period=2026-11"
    assert EMPLOYER in sign_in(house["supervisor"]).get(rising).text
    assert EMPLOYER not in sign_in(house[who]).get(rising).text


@pytest.mark.parametrize("who", ["reviewer", "head"])
def test_nor_taken_away(house, secret, sign_in, who):
    asked = {"measure": "matters", "period": "2026-11", "employer": EMPLOYER, "format": "csv"}
    table = sign_in(house[who]).post("/reports/behind/export", data=asked).text
    assert len(table.splitlines()) == 3
    assert secret not in table

"""Employers and categories of which more is heard than before, and those of which not enough is."""

from datetime import date
from itertools import count

import pytest

from hotline.figures import rising
from hotline.figures.period import Period
from hotline.figures.rising import Rise
from hotline.figures.sources import Scope
from hotline.unit_of_work import unit_of_work
from tests.handoffs.house import at
from tests.makers import make_category, make_ticket
from tests.stages import make_house

BEFORE = Period(date(2026, 11, 2), date(2026, 11, 8))
NOW = Period(date(2026, 11, 9), date(2026, 11, 15))
THEN, LATELY = at("2026-11-04 10:00"), at("2026-11-11 10:00")
_phones = (f"139{number:08d}" for number in count(1))


@pytest.fixture
def house(app, clock):
    return make_house()


def ring(house, category, when, number, employer="", phone=None):
    """So many callers of one employer about one thing; with `phone` the same one each time."""
    for _ in range(number):
        ticket = make_ticket(
            operator=house["operator"], category=category, phone=phone or next(_phones), at=when
        )
        with unit_of_work():
            ticket.caller.employer = employer


def scope(house, clock):
    return Scope(NOW, house["supervisor"], clock.time)


def test_a_category_rises_from_five_and_by_half(house, clock):
    for code, before, now in (("hurt", 0, 5), ("pay", 4, 6), ("join", 5, 7), ("leave", 0, 4)):
        category = make_category(code)
        ring(house, category, THEN, before)
        ring(house, category, LATELY, now)
    found = rising.categories(scope(house, clock), BEFORE)
    assert [(one.number, one.before) for one in found] == [(5, 0), (6, 4)]


def test_an_employer_rises_from_three_different_callers(house, clock):
    ring(house, house.wages, THEN, 2, "顺丰快递")
    ring(house, house.wages, LATELY, 3, "顺丰快递")
    ring(house, house.wages, THEN, 1, "第三建筑公司")
    ring(house, house.wages, LATELY, 3, "第三建筑公司")
    ring(house, house.wages, THEN, 3, "物业公司")
    ring(house, house.wages, LATELY, 3, "物业公司")
    ring(house, house.wages, LATELY, 4, "家政公司", phone="13800000001")  # one who rings and rings
    ring(house, house.wages, LATELY, 2, "货运公司")
    ring(house, house.wages, LATELY, 5)  # who names none
    found = rising.employers(scope(house, clock), BEFORE)
    assert found == [Rise("第三建筑公司", 3, 1), Rise("顺丰快递", 3, 2)]

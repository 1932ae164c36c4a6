"""How far a limit has come, which stage of it is told, and to whom where nobody stands above."""

import pytest

from hotline.sla.ladder import STEPS, Clock, Rung, Running, Stage, climb, step_due
from models import User
from tests.makers import make_department
from tests.sla.office import local

SOON, OVERDUE, LATE = Stage


@pytest.fixture
def accepting(app):
    """Two working hours from Monday 09:30, and half of that again over lunch."""
    limit = local("2026-11-16 09:30"), local("2026-11-16 11:30")
    return Running(Clock.ACCEPT, *limit, make_department("legal"))


def due(running, at, *, told=None, may_be_told=lambda step: True):
    moment = local(f"2026-11-16 {at}")
    step = step_due(running, told=told, at=moment, may_be_told=may_be_told)
    return step and step.stage


@pytest.mark.parametrize(
    ("at", "told", "stage"),
    [
        ("10:59", None, None),
        ("11:00", None, SOON),
        ("11:29", SOON, None),
        ("11:30", SOON, OVERDUE),
        ("13:59", OVERDUE, None),
        ("14:00", OVERDUE, LATE),
        ("17:00", LATE, None),
    ],
)
def test_each_stage_is_due_at_its_minute_and_not_again(accepting, at, told, stage):
    assert due(accepting, at, told=told) is stage


def test_what_is_over_is_not_told_as_if_it_were_still_to_come(accepting):
    def only(stage):
        return lambda step: step.stage is stage

    assert due(accepting, "14:00", may_be_told=only(OVERDUE)) is OVERDUE
    assert due(accepting, "14:00", may_be_told=only(SOON)) is None
    assert due(accepting, "11:29", may_be_told=only(SOON)) is SOON


@pytest.mark.parametrize(
    ("there", "whom"),
    [
        ({"operator": [1], "leader": [2]}, [2]),
        ({"operator": [1]}, [1]),
        ({}, []),
    ],
)
def test_where_nobody_stands_above_the_nearest_below_hears(there, whom):
    people = {rung: [User(id=number) for number in there.get(rung, [])] for rung in Rung}
    told = climb(STEPS[Clock.RETURN, OVERDUE], people.__getitem__, is_critical=False)
    assert [one.id for one in told] == whom

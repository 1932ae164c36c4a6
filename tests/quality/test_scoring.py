"""Scoring: once, by who it was given to, with a word for every point taken away."""

import pytest

from hotline.errors import Forbidden, Invalid, TransitionRefused
from hotline.quality import service
from hotline.quality.marks import Mark, Marks
from hotline.unit_of_work import unit_of_work
from models import (
    Notification,
    Role,
    UserRole,
    db,
)
from tests.quality.house import (
    filled,
    kinds,
    person,
    row,
    score,
    second,
)


def test_a_sheet_is_scored_once_and_the_person_is_told(house, call, clock):
    score(row(call), clock(), lost=5)
    scored = row(call)
    assert (scored.total, scored.is_passed, scored.scored_by_id) == (95, True, scored.inspector_id)
    told = db.session.scalars(
        db.select(Notification.user_id).where(
            Notification.dedupe_key.startswith("inspection_scored:")
        )
    )
    assert set(told) == {house["operator"].id}
    with pytest.raises(TransitionRefused):
        score(row(call), clock())


def test_what_knocks_out_fails_however_good_the_rest(house, call, clock):
    score(row(call), clock(), broken=True)
    scored = row(call)
    assert (scored.total, scored.is_knocked_out, scored.is_passed) == (0, True, False)


def test_what_does_not_apply_counts_neither_way(house, call, clock):
    sheet = row(call)
    marks = dict(filled(sheet, lost=5).by_key)
    for key in list(marks)[2:]:
        marks[key] = Mark()
    with unit_of_work():
        service.score(row(call), Marks(marks), actor=row(call).inspector, at=clock())
    assert row(call).total == 67  # 10 of 15


def test_points_are_taken_away_with_a_word(house, call, clock):
    marks = filled(row(call))
    first = next(iter(marks.by_key))
    silent = Marks({**marks.by_key, first: Mark(0)})
    with pytest.raises(Invalid) as refused, unit_of_work():
        service.score(row(call), silent, actor=row(call).inspector, at=clock())
    assert refused.value.field == f"words_{first}"


def test_more_points_than_there_are_is_refused(house, call, clock):
    marks = filled(row(call))
    first = next(iter(marks.by_key))
    with pytest.raises(Invalid) as refused, unit_of_work():
        much = Marks({**marks.by_key, first: Mark(99)})
        service.score(row(call), much, actor=row(call).inspector, at=clock())
    assert refused.value.field == f"points_{first}"


def test_only_who_it_was_given_to_scores(house, call, clock):
    other = second(house, row(call))
    with pytest.raises(Forbidden), unit_of_work():
        service.score(row(call), filled(row(call)), actor=person(house, other), at=clock())
    with unit_of_work():
        service.take(row(call), actor=person(house, other), at=clock())
        service.score(row(call), filled(row(call)), actor=person(house, other), at=clock())
    assert row(call).scored_by_id == house[other].id
    assert kinds(call) == ["assign", "take", "score"]


@pytest.mark.parametrize("who", ["operator", "handler"])
def test_nobody_takes_over_the_own_work(house, call, clock, who):
    with unit_of_work():
        db.session.add(UserRole(user_id=house[who].id, role=Role.REVIEWER))
    with pytest.raises(Forbidden), unit_of_work():
        service.take(row(call), actor=person(house, who), at=clock())


@pytest.mark.parametrize("who", ["operator", "head", "administrator", "auditor"])
def test_nobody_else_scores(house, call, clock, who):
    with pytest.raises(Forbidden), unit_of_work():
        service.score(row(call), filled(row(call)), actor=person(house, who), at=clock())

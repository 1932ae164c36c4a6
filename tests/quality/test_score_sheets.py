"""Score sheets are data: a change is a new version, and what was drawn keeps its own."""

import pytest

from hotline.errors import Invalid
from hotline.quality import service, sheets
from hotline.quality.sheets import Criterion, Section
from hotline.unit_of_work import unit_of_work
from models import (
    Work,
)
from tests.quality.house import (
    closed,
    draw,
    person,
    row,
    score,
    sheets_of,
)


def test_a_scored_sheet_keeps_its_version(house, call, clock):
    before = row(call).sheet_id
    short = (Section("态度", "Manner", (Criterion("", "礼貌", "Polite", 10),)),)
    with unit_of_work():
        made = service.publish(Work.CALL, short, actor=person(house, "supervisor"), at=clock())
        assert made.version == 2
    score(row(call), clock())
    assert row(call).sheet_id == before
    closed(house, clock())
    later = draw(house, clock(), reason="再抽", seed="b")
    assert {one.sheet.version for one in sheets_of(later, Work.CALL)} == {2}


def test_nothing_new_is_no_new_version(house, call, clock):
    with unit_of_work():
        same = sheets.sections_of(sheets.newest(Work.CALL))
        made = service.publish(Work.CALL, same, actor=person(house, "supervisor"), at=clock())
    assert made is None
    assert [one.version for one in sheets.versions(Work.CALL)] == [1]


@pytest.mark.parametrize(
    "content",
    [
        (),
        (Section("保密", "Confidence", (Criterion("", "泄露", "Told", 0),)),),
        (Section("", "Manner", (Criterion("", "礼貌", "Polite", 10),)),),
        (Section("态度", "Manner", (Criterion("", "", "Polite", 10),)),),
        (Section("态度", "Manner", tuple(Criterion("", "礼貌", "", 4) for _ in range(25))),),
    ],
)
def test_a_sheet_nobody_could_score_by_is_refused(house, clock, content):
    with pytest.raises(Invalid), unit_of_work():
        service.publish(Work.CALL, content, actor=person(house, "supervisor"), at=clock())

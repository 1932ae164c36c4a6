"""The sheets and the results taken away: the rows of the page, all of them, and no more."""

import csv
import io

import pytest

from hotline.quality import results
from hotline.quality.results import WORKS
from hotline.sla import months
from hotline.template_filters import label
from models import AuditEvent, Inspection, User, Work, db
from tests.quality.house import closed, draw, filled, person, score, sheets_of

HERE = "2026-11"


@pytest.fixture
def sample(house, clock):
    """Four closed tickets, of which all but the last sheet are scored, one of them badly."""
    closed(house, clock(), 4)
    drawn = draw(house, clock())
    for number, sheet in enumerate(sheets_of(drawn)[:-1]):
        score(sheet, clock(), lost=number % 4, broken=number == 2)
    return drawn.id


def taken(browser, path, **asked):
    answer = browser.post(path, data={"format": "csv", **asked})
    assert answer.status_code == 200
    text = answer.get_data(as_text=True).lstrip("\ufeff")
    answer.close()  # gives the place of this export back
    return list(csv.DictReader(io.StringIO(text)))


def test_every_sheet_comes_with_its_score_and_without_a_word(house, sample, sign_in):
    rows = taken(sign_in(house["reviewer"]), "/quality/inspections/export")
    sheets = db.session.scalars(db.select(Inspection).order_by(Inspection.id.desc())).all()
    assert [row["工单"] for row in rows] == [one.ticket.number for one in sheets]
    assert [row["得分"] for row in rows] == [
        "" if one.total is None else str(one.total) for one in sheets
    ]
    assert [row["状态"] for row in rows].count("一票否决") == 1
    assert rows[0]["状态"] == "待评分"
    words = filled(sheets[0], lost=1).by_key["1.1"].words
    assert words
    assert words not in str(rows)


def test_the_list_is_narrowed_as_the_page_is(house, sample, sign_in):
    browser = sign_in(house["reviewer"])
    answers = taken(browser, "/quality/inspections/export", work="answer", month=HERE)
    assert {row["质检对象"] for row in answers} == {"答复"}
    assert len(answers) == 4
    assert taken(browser, "/quality/inspections/export", month="2026-09") == []
    asked = db.session.scalars(db.select(AuditEvent.data).order_by(AuditEvent.id)).all()[-2]
    assert [value for _name, value in asked["asked"]] == ["答复", HERE]


def test_the_results_are_those_of_the_page(app, house, sample, sign_in):
    rows = taken(sign_in(house["supervisor"]), "/quality/results/export", month=HERE)
    month, viewer = months.read(HERE), person(house, "supervisor")
    expected = []
    with app.test_request_context(headers={"Accept-Language": "zh"}):
        for by, work in WORKS.items():
            lines, whole = results.with_whole(month.since, month.until, by=by, viewer=viewer)
            expected += [(label(work), line.population, line.inspected) for line in [*lines, whole]]
    assert [(row["质检对象"], int(row["总量"]), int(row["已评分"])) for row in rows] == expected
    assert [row["被质检人"] for row in rows].count("合计") == len(Work)


def test_an_inspector_does_not_take_the_own_draw_away(house, clock, sign_in):
    """A supervisor who takes calls learns in no file that a call was drawn."""
    house.people["operator"] = house["supervisor"]
    closed(house, clock())
    draw(house, clock())
    rows = taken(sign_in(house["supervisor"]), "/quality/inspections/export")
    name = db.session.get_one(User, house["supervisor"].id).display_name
    assert rows
    assert name not in [row["被质检人"] for row in rows]

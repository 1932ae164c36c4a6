"""Nothing that is written is cut in silence: what is too long is refused, and says by how much."""

import re
from pathlib import Path

import pytest

from hotline import fields
from models import Handoff, db
from tests.handoffs.house import accept, hand_off, make_house

TEMPLATES = Path(__file__).parent.parent / "templates"
ANSWER = {"is_solved": "yes", "report": "已责令补发", "words": "工资已补发"}


@pytest.fixture
def house(app, clock):
    house = make_house()
    hand_off(house)
    accept(house)
    return house


def answered(house, browser, **typed):
    form = ANSWER | {"version": house.ticket.version} | typed
    return browser.post(f"/tickets/{house.ticket.id}/answer", data=form)


@pytest.mark.parametrize(("field", "most"), [("words", 1000), ("report", 4000)])
def test_a_departments_answer_says_how_much_too_long_it_is(house, sign_in, field, most):
    browser = sign_in(house.handler)

    page = answered(house, browser, **{field: "补" * (most + 12)})

    assert page.status_code == 422
    assert f"超出12个字符，最多{most}个。" in page.text
    assert f'id="{field}-error"' in page.text
    assert "补" * (most + 12) in page.text
    assert db.session.scalar(db.select(Handoff.answered_at)) is None

    assert answered(house, browser, **{field: "补" * most}).status_code == 303


def test_a_line_end_counts_once_as_in_the_field(house, sign_in):
    lines = "\r\n".join(["补" * 99] * 10)  # 999 in the field, 1008 in what a browser sends

    assert answered(house, sign_in(house.handler), words=lines).status_code == 303


def test_the_field_knows_how_much_it_takes_and_what_to_say(house, sign_in):
    page = sign_in(house.handler).get(f"/tickets/{house.ticket.id}/answer").text

    words = re.search(r'<textarea[^>]* id="words"[^>]*>', page).group()
    assert 'data-most="1000"' in words
    assert 'data-over="超出{over}个字符，最多1000个。"' in words


def test_no_form_cuts_what_is_written():
    written = {path.name: path.read_text() for path in TEMPLATES.rglob("*.html")}
    cut = {name for name, text in written.items() if "maxlength" in text}

    assert cut == {"trail.html", "index.html"}  # the fields of searches


def test_every_long_text_of_a_verb_has_its_length():
    acts = (TEMPLATES / "tickets" / "acts").glob("*.html")
    areas = re.findall(r'form\.area\("(\w+)"', "".join(path.read_text() for path in acts))

    assert "words" in areas
    assert set(areas) - {"what"} <= set(fields.LENGTHS)


def test_no_form_of_the_administration_lets_the_browser_speak_in_its_own_words():
    forms = []
    for folder in ("departments", "calendars", "sla"):
        for path in (TEMPLATES / folder).glob("*.html"):
            found = re.findall(
                r"(<form [^>]*method=\"post\"[^>]*>)(.*?)</form>", path.read_text(), re.S
            )
            forms += [tag for tag, fields in found if re.search(r"required(=True)?\b", fields)]

    assert len(forms) == 5
    assert all("novalidate" in tag for tag in forms)

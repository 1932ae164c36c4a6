"""A refused form says beside each field what is wrong, all at once, and keeps what was typed."""

import re

import pytest

from models import TicketEvent, db
from tests.handoffs.house import accept, hand_off, make_house

FORMS = [
    ("hand_off", "operator", {"note": "先打个招呼"}, ["department", "level"]),
    ("ask_return", "handler", {}, ["basis", "why"]),
    ("wait", "handler", {"until": "soon"}, ["until", "what"]),
    ("answer", "handler", {"money": "lots"}, ["is_solved", "money", "report", "words"]),
    (
        "answer",
        "handler",
        {"is_solved": "no", "words": "正在核实", "report": "已约谈", "has_told": "y"},
        ["told_at", "why_not_solved"],
    ),
    (
        "answer",
        "handler",
        {
            "is_solved": "yes",
            "words": "已补发",
            "report": "已约谈",
            "has_told": "y",
            "told_at": "2020-01-01T10:00",
        },
        ["told_at", "told_by", "told_number"],
    ),
    ("suspend", "supervisor", {"reason": "破产"}, ["measures", "review_on"]),
]


def wrong_fields(page: str) -> list[str]:
    return sorted(set(re.findall(r'id="(\w+)-error" role="alert"', page)))


@pytest.mark.parametrize(("verb", "who", "typed", "wrong"), FORMS)
def test_every_wrong_field_is_named_at_once(app, clock, sign_in, verb, who, typed, wrong):
    house = make_house()
    if verb != "hand_off":
        hand_off(house)
    if verb in ("wait", "answer", "suspend"):
        accept(house)
    events = len(db.session.scalars(db.select(TicketEvent.id)).all())
    version = {"version": str(house.ticket.version)}

    page = sign_in(getattr(house, who)).post(
        f"/tickets/{house.ticket.id}/{verb}", data=typed | version
    )

    assert page.status_code == 422
    assert wrong_fields(page.text) == wrong
    for text in typed.values():
        assert text in page.text
    assert len(db.session.scalars(db.select(TicketEvent.id)).all()) == events

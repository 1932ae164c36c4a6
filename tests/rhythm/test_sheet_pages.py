"""Who is offered what on the pages of hand-over sheets, and how long a sheet may become."""

import pytest
from sqlalchemy import select

from hotline.callbacks import service as callbacks
from hotline.rhythm import sheet_lines, sheets
from hotline.unit_of_work import unit_of_work
from models import CallbackKind, Role, SheetPart, ShiftSheet, Ticket, User, db
from tests.makers import make_department, make_ticket, make_user
from tests.rhythm.house import leaves_a_message
from tests.rhythm.test_sheets import HOUR, on_duty, signed, take, work_of


@pytest.fixture
def zhou(app, clock):
    return on_duty("周敏", clock, -1, 1)


@pytest.fixture
def chen(app, clock):
    return on_duty("陈立", clock, 0, 12)


def test_the_giver_may_take_it_back_and_the_others_take_it_over(zhou, chen, clock, sign_in):
    sheet = signed(zhou, clock)
    place = f"/duty/sheets/{sheet.id}"
    offered = {
        who.display_name: [word for word in ("take", "withdraw") if f"{place}/{word}" in page]
        for who, page in ((one, sign_in(one).get(place).text) for one in (zhou, chen))
    }
    assert offered == {"周敏": ["withdraw"], "陈立": ["take"]}
    take(sheet, chen, clock)
    page = sign_in(zhou).get(place).text
    assert f"{place}/withdraw" not in page
    assert f"{place}/take" not in page


def test_who_has_signed_is_led_to_the_sheet_that_waits(zhou, clock, sign_in):
    client = sign_in(zhou)
    assert client.get("/duty/sheets/new").status_code == 200
    assert db.session.scalars(select(ShiftSheet)).all() == [], "looking at it signs nothing"
    place = client.post("/duty/sheets", data={"note": ""}).location
    assert client.get("/duty/sheets/new").location == place


def test_what_was_taken_back_waits_for_nobody(zhou, chen, clock):
    first = signed(zhou, clock)
    with unit_of_work():
        actor = db.session.get_one(User, zhou.id)
        sheets.withdraw(sheets.get(first.id), actor=actor, at=clock())
    assert (sheets.waiting_of(zhou), sheets.waiting_for(chen)) == (None, [])
    assert sheets.earlier() == [first]
    second = signed(zhou, clock)
    assert sheets.waiting_for(chen) == [second]


def test_no_sheet_is_told_of_to_who_takes_no_calls(zhou, chen, clock, sign_in):
    signed(zhou, clock)
    handler = make_user(Role.HANDLER, department=make_department("desk"))
    told = {who.id: "周敏" in sign_in(who).get("/today").text for who in (zhou, chen, handler)}
    assert told == {zhou.id: False, chen.id: True, handler.id: False}


def test_ones_own_work_stands_there_to_the_last_of_the_house_so_much(zhou, clock, monkeypatch):
    monkeypatch.setattr(sheet_lines, "AT_MOST", 1)
    for n in range(2):
        work_of(zhou, clock, f"1391111000{n}")
        leaves_a_message(f"1392222000{n}", clock() - HOUR)
        ticket = make_ticket(phone=f"1393333000{n}")
        with unit_of_work():
            here = db.session.get_one(Ticket, ticket.id)
            callbacks.promise(here, CallbackKind.RETURN_CALL, at=clock())
    found = sheet_lines.of(zhou, until=clock() + 72 * HOUR, at=clock())
    assert [(line.part, line.is_passed_on) for line in found] == [
        (SheetPart.CALLBACK, True),
        (SheetPart.CALLBACK, True),
        (SheetPart.CALLBACK, False),
        (SheetPart.TICKET, True),
        (SheetPart.TICKET, True),
        (SheetPart.VOICEMAIL, False),
    ]

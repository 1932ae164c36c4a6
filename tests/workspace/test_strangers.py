"""Whoever types a number in learns nothing of who is behind it, and changes nothing of them."""

import re

import pytest
from sqlalchemy import select

from hotline.callers import service as callers
from hotline.phone_numbers import normalise
from hotline.tickets import reading
from hotline.unit_of_work import unit_of_work
from models import (
    Callback,
    Caller,
    CallerKind,
    CallerNumber,
    NumberKind,
    Role,
    Ticket,
    WorkerGroup,
    db,
)
from tests.makers import make_department, make_ticket, make_user
from tests.workspace.house import WORKER, call_in, make_house

NAME, EMPLOYER, OTHER_NUMBER = "欧阳建国", "恒岳电子", "13787654321"


@pytest.fixture
def house(app, clock):
    return make_house()


@pytest.fixture
def secret(house):
    """A confidential ticket at another department, of a caller with two numbers."""
    ticket = make_ticket(operator=house.operator, category=house.wages, caller_name=NAME)
    with unit_of_work():
        ticket.is_confidential, ticket.safe_summary = True, "一家企业欠薪"
        ticket.caller.employer, ticket.caller.group = EMPLOYER, WorkerGroup.COURIER
        ticket.caller.is_member = True
        ticket.caller.numbers.append(
            CallerNumber(number=f"+86{OTHER_NUMBER}", kind=NumberKind.MOBILE)
        )
    return ticket


@pytest.fixture
def elsewhere(house, sign_in):
    """Somebody of a department that has nothing to do with it."""
    return sign_in(make_user(Role.HANDLER, department=make_department("finance")))


def newest():
    return db.session.scalars(select(Ticket).order_by(Ticket.id.desc())).first()


@pytest.mark.parametrize("end", ["no_matter", "emergency", "save"])
def test_a_department_that_types_a_number_in_learns_nothing_of_its_owner(
    house, secret, elsewhere, end
):
    typed = {"source": "visit", "number": WORKER, "no_matter": "test", "question": "问一句"}
    typed |= {"caller_kind": "worker", "category": house.wages.id}
    answer = elsewhere.post(f"/log/{end}", data=typed)
    assert answer.status_code == 303

    pages = elsewhere.get(answer.location).text + elsewhere.get("/callbacks").text
    for callback in newest_callbacks():
        pages += elsewhere.get(f"/callbacks/{callback}").text
    for known in (NAME, EMPLOYER, "快递员", "4321"):
        assert known not in pages
    assert newest().caller_id != secret.caller_id


def newest_callbacks():
    return db.session.scalars(select(Callback.id).where(Callback.ticket_id == newest().id)).all()


def test_a_number_planted_at_a_desk_is_not_filled_in_by_the_hotline(house, elsewhere):
    elsewhere.post("/log/no_matter", data={"number": WORKER, "no_matter": "test"})
    planted = newest()
    ticket = call_in(house)
    assert ticket.caller_id != planted.caller_id

    with unit_of_work():
        callers.describe(ticket.caller, callers.CallerDetails(name=NAME), may_empty=False)
    assert call_in(house).caller_id == ticket.caller_id, "nor does it make the hotline forget"


@pytest.mark.parametrize("who", ["handler", "operator"])
def test_what_is_logged_without_a_name_takes_nothing_from_who_is_known(house, secret, sign_in, who):
    typed = {
        "caller_kind": "employer",
        "category": house.wages.id,
        "question": "问",
        "number": WORKER,
    }
    sign_in(getattr(house, who)).post("/log/save", data=typed | {"name": "", "group": "none"})

    known = db.session.get_one(Caller, secret.caller_id)
    assert (known.name, known.employer, known.kind) == (NAME, EMPLOYER, CallerKind.WORKER)
    assert (newest().caller.name, newest().caller.kind) == ("", CallerKind.EMPLOYER)


def test_the_same_person_on_another_telephone_keeps_what_nobody_wrote(house, secret, sign_in):
    typed = house.typed(secret, name="", employer="", group="none")
    sign_in(house.operator).post("/log/save", data=typed)

    assert newest().caller_id == secret.caller_id
    known = newest().caller
    assert (known.name, known.employer, known.group) == (NAME, EMPLOYER, WorkerGroup.COURIER)


def test_another_name_on_a_known_number_is_somebody_else(house, secret, sign_in):
    ticket = call_in(house)
    sign_in(house.operator).post(f"/workspace/{ticket.id}/save", data=house.typed(ticket))

    db.session.expire_all()
    assert (ticket.caller.name, secret.caller.name) == ("王建国", NAME)
    assert [number.number for number in ticket.caller.numbers] == [f"+86{WORKER}"]


def test_who_was_confirmed_may_be_emptied_on_the_form_that_showed_it(house, secret, sign_in):
    typed = house.typed(secret, name="", employer="", is_confidential="y", safe_summary="欠薪")
    sign_in(house.operator).post(f"/workspace/{secret.id}/save", data=typed)
    db.session.expire_all()
    assert (secret.caller.name, secret.caller.employer) == ("", "")


def test_a_form_without_a_field_says_nothing_about_it(house, secret, sign_in):
    typed = house.typed(secret, is_confidential="y", safe_summary="欠薪")
    del typed["name"]
    sign_in(house.operator).post(f"/workspace/{secret.id}/save", data=typed)
    db.session.expire_all()
    assert (secret.caller.name, secret.caller.employer) == (NAME, EMPLOYER)


def test_a_former_name_stays_hidden_in_older_texts(house, secret, sign_in):
    typed = house.typed(secret, name="欧阳建", is_confidential="y", safe_summary="欠薪")
    sign_in(house.operator).post(f"/workspace/{secret.id}/save", data=typed)
    db.session.expire_all()
    words = reading.hidden_for(house.handler, f"{NAME}说，欧阳建也说", secret)
    assert "欧阳" not in words
    assert reading.hidden_for(house.operator, NAME, secret) == NAME


def test_a_callback_shows_a_department_its_own_number_alone(house, elsewhere):
    elsewhere.post("/log/emergency", data={"number": WORKER})
    (callback,) = newest_callbacks()
    with unit_of_work():
        callers.add_number(newest().caller, normalise(OTHER_NUMBER))
    elsewhere.post(f"/callbacks/{callback}/claim")
    page = elsewhere.get(f"/callbacks/{callback}").text
    assert "5678" in page
    assert "4321" not in page
    version = re.search(r'name="version" value="(\d+)"', page)[1]
    form = {"outcome": "no_answer", "number": f"+86{OTHER_NUMBER}", "version": version}
    assert elsewhere.post(f"/callbacks/{callback}/attempt", data=form).status_code == 422

"""Once it is said how a call ends, no form asks again, whether the caller is gone or talks."""

import pytest

from hotline.calls import seats
from hotline.unit_of_work import unit_of_work
from models import Call, CallState, Seat, SeatState, db
from tests.makers import make_ticket
from tests.workspace.house import call_in, make_house

READY = "可以接下一个电话"
ENDS = {
    "answer": {"answer": "可以到劳动监察投诉"},
    "hand_off": {},
    "call_back_later": {"window": "noon"},
    "no_matter": {"no_matter": "silence"},
    "keep": {"number": ""},
    "save": {},
}


def press(browser, house, ticket, outcome):
    typed = house.typed(ticket, department=house.legal.id, **ENDS.get(outcome, {}))
    answer = browser.post(f"/workspace/{ticket.id}/{outcome}", data=typed)
    assert answer.status_code == 303
    db.session.expire_all()


def hang_up(house, clock):
    """The telephone reports that the call at the seat is over."""
    clock.advance(minutes=1)
    with unit_of_work():
        seat = db.session.get_one(Seat, house.operator.id)
        call = db.session.get_one(Call, seat.call_id)
        call.state, call.ended_at = CallState.ENDED, clock()
        seats.put_down(seat, call, has_talked=True, at=clock())


def seat_of(house):
    db.session.expire_all()
    return db.session.get_one(Seat, house.operator.id).state


def number_for(outcome):
    return "anonymous" if outcome == "keep" else "13912345678"


@pytest.mark.parametrize("outcome", ENDS)
def test_chosen_while_the_caller_talks_the_end_of_the_call_asks_nothing(clock, sign_in, outcome):
    house = make_house()
    ticket = call_in(house, number_for(outcome), SeatState.ON_CALL)
    browser = sign_in(house.operator)
    assert 'id="contact-form"' in browser.get("/workspace").text

    press(browser, house, ticket, outcome)
    assert seat_of(house) is SeatState.ON_CALL
    assert 'id="contact-form"' not in browser.get("/workspace").text

    hang_up(house, clock)
    assert seat_of(house) is SeatState.AFTER_CALL
    for address in ("/workspace", "/workspace/now"):
        page = browser.get(address).text
        assert 'id="contact-form"' not in page
        assert READY in page
        assert page.count('data-key="F2"') == 1
    browser.post("/seat", data={"state": "free"})
    assert seat_of(house) is SeatState.FREE


@pytest.mark.parametrize("outcome", ENDS)
def test_chosen_after_the_call_the_next_one_may_ring_at_once(clock, sign_in, outcome):
    house = make_house()
    ticket = call_in(house, number_for(outcome), SeatState.ON_CALL)
    browser = sign_in(house.operator)
    hang_up(house, clock)
    page = browser.get("/workspace").text
    assert 'id="contact-form"' in page
    assert page.count('data-key="F2"') == 1

    press(browser, house, ticket, outcome)
    assert seat_of(house) is SeatState.FREE
    assert 'id="contact-form"' not in browser.get("/workspace").text


def test_in_danger_the_words_stay_while_the_caller_talks_and_then_one_key_is_left(clock, sign_in):
    house = make_house()
    ticket = call_in(house, state=SeatState.ON_CALL)
    browser = sign_in(house.operator)
    browser.post(f"/workspace/{ticket.id}/emergency", data={"question": "他说要跳楼"})
    page = browser.get("/workspace").text
    assert "hy-emergency" in page
    assert 'data-key="F2"' not in page, "told and closed would be refused"

    hang_up(house, clock)
    page = browser.get("/workspace").text
    assert 'id="contact-form"' not in page
    assert page.count('data-key="F2"') == 1
    assert READY in page
    assert f'href="/workspace/{ticket.id}"' in page, "what was begun can be finished"
    line = browser.get(f"/workspace/{ticket.id}/line").text
    assert (READY in line, 'formaction="' in line) == (True, True)


@pytest.mark.parametrize("is_over", [False, True])
def test_an_emergency_is_put_aside_without_any_field_and_nothing_is_lost(clock, sign_in, is_over):
    house = make_house()
    ticket = call_in(house, state=SeatState.ON_CALL)
    browser = sign_in(house.operator)
    if is_over:
        hang_up(house, clock)
    browser.post(f"/workspace/{ticket.id}/emergency", data={"question": "他说要跳楼"})
    if not is_over:
        hang_up(house, clock)
    db.session.expire_all()

    answer = browser.post(
        f"/workspace/{ticket.id}/put_aside",
        data={"version": ticket.version, "question": "他说要跳楼，在三号楼顶"},
    )

    assert answer.status_code == 303
    assert seat_of(house) is SeatState.FREE
    assert "他说要跳楼，在三号楼顶" in browser.get(f"/workspace/{ticket.id}").text
    assert ticket.question == ""
    browser.post(
        f"/workspace/{ticket.id}/put_aside", data=house.typed(ticket, question="在三号楼顶")
    )
    db.session.expire_all()
    assert ticket.question == "在三号楼顶"


def test_an_older_ticket_that_is_finished_meanwhile_frees_no_seat(clock, sign_in):
    house = make_house()
    older = make_ticket(operator=house.operator, category=house.wages, phone="13912345670")
    call_in(house)
    browser = sign_in(house.operator)

    press(browser, house, older, "save")

    assert seat_of(house) is SeatState.AFTER_CALL
    assert 'id="contact-form"' in browser.get("/workspace").text


def test_a_visit_logged_meanwhile_does_not_take_the_place_of_the_call(clock, sign_in):
    house = make_house()
    ticket = call_in(house)
    browser = sign_in(house.operator)
    clock.advance(minutes=1)
    typed = house.typed(ticket, source="visit", number="13912345679")
    assert browser.post("/log/save", data=typed).status_code == 303

    assert f'action="/workspace/{ticket.id}/save"' in browser.get("/workspace").text


def test_another_ticket_that_is_open_does_not_show_the_call_as_its_own(clock, sign_in):
    house = make_house()
    older = make_ticket(operator=house.operator, category=house.wages, phone="13912345670")
    call_in(house, state=SeatState.ON_CALL)
    browser = sign_in(house.operator)

    assert "正在通话" not in browser.get(f"/workspace/{older.id}/line").text
    assert "通话中" in browser.get(f"/chrome/call?shown={older.id}").text


def test_the_call_that_a_page_shows_is_not_shown_twice_but_the_next_one_is(clock, sign_in):
    house = make_house()
    ticket = call_in(house, state=SeatState.ON_CALL)
    browser = sign_in(house.operator)
    assert "hy-call-bar" not in browser.get(f"/chrome/call?shown={ticket.id}").text

    with unit_of_work():
        seat = db.session.get_one(Seat, house.operator.id)
        call = db.session.get_one(Call, seat.call_id)
        call.answered_at, call.state = None, CallState.WAITING
    assert "hy-call-bar" in browser.get(f"/chrome/call?shown={ticket.id}").text

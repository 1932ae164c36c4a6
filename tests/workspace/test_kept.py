"""Who shows no number and hangs up early cannot be rung: kept for the next call, and still owed."""

from uuid import uuid4

import pytest

from hotline.callers import service as callers
from hotline.phone_numbers import normalise
from hotline.tickets import filters
from hotline.tickets import service as tickets
from hotline.tickets.filters import Asked, Filter
from hotline.unit_of_work import unit_of_work
from hotline.workspace import queries
from models import (
    Call,
    CallResult,
    CallState,
    Direction,
    Feedback,
    How,
    Resolution,
    Role,
    SeatState,
    Ticket,
    TicketStatus,
    db,
)
from tests.makers import make_ticket, make_user
from tests.workspace.house import call_in, make_house


@pytest.fixture
def house(app, clock):
    return make_house()


@pytest.fixture
def early(house, clock):
    """A withheld number that hung up before anybody could answer: an empty ticket in the pool."""
    return hung_up_early("anonymous", clock)


def hung_up_early(number, clock) -> Ticket:
    phone = normalise(number)
    with unit_of_work():
        ticket = tickets.open_ticket(caller=callers.guess(phone, at=clock()), at=clock())
        call = Call(
            provider="twilio",
            call_ref=uuid4().hex,
            direction=Direction.INBOUND,
            ticket=ticket,
            caller_id=ticket.caller_id,
            number_kind=phone.kind,
            state=CallState.ENDED,
            result=CallResult.HUNG_UP_EARLY,
            started_at=clock(),
            ended_at=clock(),
            heard_at=clock(),
        )
        db.session.add(call)
    return ticket


def keep(browser, ticket):
    fields = {"version": ticket.version, "back": "workspace"}
    answer = browser.post(f"/tickets/{ticket.id}/keep", data=fields)
    db.session.expire_all()
    return answer


def test_one_key_takes_it_out_of_the_work_of_the_day_and_it_stays_owed(
    house, early, clock, sign_in
):
    browser = sign_in(house.operator)
    work = browser.get("/workspace/work").text
    its_key = f'action="/tickets/{early.id}/keep"'
    assert its_key in work
    assert work.count('data-key="F6"') == 1
    assert 'data-key="F6"' not in browser.get("/workspace/work?is_writing=y").text

    assert keep(browser, early).location == "/workspace"

    assert its_key not in browser.get("/workspace/work").text
    assert f"/tickets/{early.id}" not in browser.get("/workspace/work").text
    assert early.status is TicketStatus.OPEN
    asked = Asked(house.operator, clock())
    assert [filters.count(Filter(state=s), asked) for s in ("owed", "kept")] == [1, 1]
    assert filters.count(Filter(owner="pool"), asked) == 0
    boss = sign_in(make_user(Role.SUPERVISOR))
    assert "留待来电" in boss.get("/now").text
    assert early.number in boss.get("/tickets?state=kept").text


def test_after_the_days_somebody_else_signs_and_it_counts_as_what_it_is(
    house, early, clock, sign_in
):
    keep(sign_in(house.operator), early)
    boss = make_user(Role.SUPERVISOR, Role.OPERATOR)
    clock.advance(days=29)
    assert early.number not in sign_in(boss).get("/callbacks/unreachable").text

    clock.advance(days=1, minutes=1)
    browser = sign_in(boss)
    assert early.number in browser.get("/callbacks/unreachable").text
    browser.post("/callbacks/kept", data={"ticket": early.id})

    db.session.expire_all()
    assert early.status is TicketStatus.CLOSED
    proof = db.session.get_one(Feedback, early.closing_feedback_id)
    assert (proof.how, proof.asked_by_id, proof.signed_by_id) == (
        How.NO_WAY_TO_REACH,
        house.operator.id,
        boss.id,
    )


def test_who_put_it_aside_does_not_sign(house, early, clock, sign_in):
    boss = make_user(Role.SUPERVISOR)
    keep(sign_in(boss), early)
    clock.advance(days=31)
    browser = sign_in(boss)
    assert early.number not in browser.get("/callbacks/unreachable").text
    browser.post("/callbacks/kept", data={"ticket": early.id})
    db.session.expire_all()
    assert early.status is TicketStatus.OPEN


def test_there_is_a_number_or_somebody_on_the_line(house, early, clock, sign_in):
    browser = sign_in(house.operator)
    known = make_ticket(phone="13912345679")
    assert keep(browser, known).status_code == 409
    assert known.kept_since_at is None

    with unit_of_work():
        call = db.session.scalars(db.select(Call).where(Call.ticket_id == early.id)).one()
        call.state = CallState.WAITING
    assert keep(browser, early).status_code == 409
    assert early.kept_since_at is None


def test_an_emergency_is_put_aside_by_a_supervisor_only(house, early, sign_in):
    with unit_of_work():
        db.session.get_one(Ticket, early.id).is_emergency = True
    assert keep(sign_in(house.operator), early).status_code == 403
    assert keep(sign_in(make_user(Role.SUPERVISOR)), early).status_code == 303


@pytest.mark.parametrize("how", ["a number", "claimed", "handed off"])
def test_a_next_step_ends_the_keeping(house, early, clock, sign_in, how):
    browser = sign_in(house.operator)
    keep(browser, early)
    assert early.kept_since_at == clock()
    typed = house.typed(early, number="" if how == "handed off" else "13912345679")
    if how == "claimed":
        browser.post(f"/tickets/{early.id}/claim", data={"version": early.version})
    elif how == "a number":
        assert browser.post(f"/workspace/{early.id}/save", data=typed).status_code == 303
    else:
        typed["department"] = house.legal.id
        assert browser.post(f"/workspace/{early.id}/hand_off", data=typed).status_code == 303
    db.session.expire_all()
    assert (early.kept_since_at, early.kept_by_id) == (None, None)


def test_calls_without_a_number_stay_apart(house, early, clock, sign_in):
    keep(sign_in(house.operator), early)
    again = hung_up_early("anonymous", clock)
    assert again.caller_id != early.caller_id
    assert (again.kept_since_at, early.kept_since_at) == (None, clock())


def test_in_the_workspace_what_was_written_is_kept_with_it(house, clock, sign_in):
    ticket = call_in(house, "anonymous", SeatState.AFTER_CALL)
    browser = sign_in(house.operator)
    page = browser.get("/workspace").text
    assert f'formaction="/workspace/{ticket.id}/keep"' in page
    assert f"查询码{ticket.query_code}" in page

    refused = browser.post(
        f"/workspace/{ticket.id}/keep", data=house.typed(ticket, number="", category="")
    )
    assert refused.status_code == 422
    assert 'id="category-error"' in refused.text
    browser.post(f"/workspace/{ticket.id}/keep", data=house.typed(ticket, number=""))
    db.session.expire_all()
    assert ticket.question == "工地三个月没发工资"
    assert ticket.kept_since_at == clock()
    assert ticket.owner_id is None


def test_who_rings_again_is_found_by_the_query_code_and_the_keeping_ends(
    house, early, clock, sign_in
):
    keep(sign_in(house.operator), early)
    clock.advance(days=3)
    browser = sign_in(house.operator)
    again = call_in(house, "anonymous", SeatState.ON_CALL)
    assert 'name="matter"' in browser.get("/workspace").text

    answer = browser.post(f"/workspace/{again.id}/same_matter", data={"matter": early.query_code})

    assert answer.location == f"/workspace/{early.id}"
    db.session.expire_all()
    assert (again.resolution, again.merged_into_id) == (Resolution.MERGED, early.id)
    assert (early.kept_since_at, early.owner_id) == (None, house.operator.id)
    page = browser.get("/workspace").text
    assert f'action="/workspace/{early.id}/save"' in page
    assert "正在通话" in page


def test_a_code_that_nobody_or_more_than_one_has_is_refused_beside_its_field(house, early, sign_in):
    again = call_in(house, "anonymous", SeatState.ON_CALL)
    browser = sign_in(house.operator)
    with unit_of_work():
        for ticket in (early, again):
            db.session.get_one(Ticket, ticket.id).query_code = "4821"

    for said in ("", "1234", "4821"):
        typed = {"matter": said, "question": "我上次打过"}
        page = browser.post(f"/workspace/{again.id}/same_matter", data=typed)
        assert page.status_code == 422
        assert 'id="matter-error"' in page.text
        assert "我上次打过" in page.text


def test_what_a_department_kept_is_on_the_hotlines_list_once_there_is_a_number(
    house, clock, sign_in
):
    sign_in(house.handler).post("/log/keep", data={"source": "visit", "question": ""})
    kept = db.session.scalars(db.select(Ticket).order_by(Ticket.id.desc())).first()
    browser = sign_in(house.operator)
    assert queries.work_of(house.operator, at=clock()).pool == []

    answer = browser.post(f"/workspace/{kept.id}/save", data=house.typed(kept))
    assert answer.status_code == 303
    db.session.expire_all()
    assert queries.work_of(house.operator, at=clock()).pool == [kept]

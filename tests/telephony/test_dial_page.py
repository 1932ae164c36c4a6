"""The telephone in the street, the one in the page, the one in the terminal."""

import re

import pytest
from sqlalchemy import select

from hotline.telephony import adapter, jobs, prompts
from hotline.telephony.simulator.people import PEOPLE
from models import (
    Call,
    CallResult,
    Role,
    Ticket,
    Webhook,
    db,
)
from tests import makers
from tests.telephony.conftest import Browser
from tests.telephony.server import serving
from tests.telephony.street import COURIER, count, take_seat, the_call
from tests.telephony.test_signatures import TWILIO


def test_the_page_dials_and_the_operator_answers_in_the_workspace(
    live, exchange, clock, sign_in_at
):
    operator = take_seat(clock)
    street, workspace = sign_in_at(live, makers.make_user(Role.HANDLER)), sign_in_at(live, operator)
    page = street.get("/simulator")
    assert PEOPLE[3].name in page.text
    answer = street.post("/simulator/calls", data={"who": COURIER})
    assert answer.status_code == 303
    telephone = answer.headers["Location"]
    assert prompts.CONNECTING in street.get(telephone).text

    call_id = the_call().id
    assert workspace.post(f"/calls/{call_id}/answer").status_code == 303
    assert 'data-mode="talking"' in street.get(telephone).text
    assert the_call().operator_id == operator.id
    assert (
        workspace.post(f"/calls/{call_id}/hangup", headers={"HX-Request": "true"}).status_code
        == 204
    )
    page = street.get(telephone, headers={"HX-Request": "true"}).text
    assert 'data-mode="ended"' in page
    assert "<html" not in page
    seen = {"seen": "ended-3"}
    again = street.get(telephone, params=seen, headers={"HX-Request": "true"})
    assert again.status_code == 204, "nothing is new"
    assert "hx-get" not in page, "a call that is over asks no more"


def test_only_the_seat_that_rings_can_answer(live, exchange, clock, sign_in_at):
    operator = take_seat(clock)
    exchange.dial_in(COURIER, clock())
    call_id = the_call().id
    colleague = sign_in_at(live, makers.make_user(Role.OPERATOR))
    handler = sign_in_at(live, makers.make_user(Role.HANDLER))
    assert colleague.post(f"/calls/{call_id}/answer").status_code == 404
    assert handler.post(f"/calls/{call_id}/answer").status_code == 403
    stranger = Browser(live)
    assert stranger.post(f"/calls/{call_id}/answer").status_code == 303
    assert the_call().operator_id is None
    assert sign_in_at(live, operator).post(f"/calls/{call_id + 1}/answer").status_code == 404


def test_a_number_nobody_could_ring_from_is_refused_and_kept(live, clock, sign_in_at):
    browser = sign_in_at(live, makers.make_user(Role.OPERATOR))
    answer = browser.post("/simulator/calls", data={"who": "typed", "number": "12 apples"})
    page = answer.text
    assert answer.status_code == 422
    assert "12 apples" in page
    assert 'id="number-error"' in page
    assert count(Webhook) == 0


def test_a_caller_may_type_a_number_or_hide_it(live, clock, sign_in_at):
    browser = sign_in_at(live, makers.make_user(Role.OPERATOR))
    browser.post("/simulator/calls", data={"who": "typed", "number": "134 9001 2345"})
    browser.post("/simulator/calls", data={"who": "withheld"})
    db.session.rollback()
    numbers = db.session.scalars(select(Call.number).order_by(Call.id)).all()
    assert numbers == ["+8613490012345", ""]


def test_beside_a_real_provider_there_is_no_simulator(make_app, clock, sign_in_at):
    with serving(make_app, **TWILIO) as app, app.app_context():
        app.config["WTF_CSRF_ENABLED"] = False
        browser = sign_in_at(app, makers.make_user(Role.OPERATOR))
        assert browser.get("/simulator").status_code == 404
        assert browser.post("/simulator/calls", data={"who": COURIER}).status_code == 404
        rest = f"/simulator/2010-04-01/Accounts/{TWILIO['TWILIO_ACCOUNT_SID']}/Calls.json"
        assert browser.get(rest).status_code == 404
        assert adapter.exchange() is None
        assert jobs.move_simulated_calls() == 0
        refused = app.test_cli_runner().invoke(args=["simulate-call"])
        assert refused.exit_code != 0
        assert "not the simulator" in refused.output
        db.session.remove()


@pytest.mark.parametrize(
    ("options", "result"),
    [
        (["--missed"], "missed"),
        (["--abandoned", "--answer-by", "wang"], "abandoned"),
        (["--voicemail", "--from", "withheld"], "voicemail"),
        (["--voicemail", "--duplicate", "--shuffled"], "voicemail"),
        (["--answer-by", "wang"], "answered"),
    ],
)
def test_a_whole_call_from_the_terminal(live, options, result):
    makers.make_user(Role.OPERATOR, username="wang", display_name="王")
    told = live.test_cli_runner().invoke(args=["simulate-call", *options])
    assert told.exit_code == 0, told.output
    row = the_call()
    assert (row.result.value, count(Ticket)) == (result, 1)
    assert re.search(rf"^{result}.* · ticket {row.ticket.number} · open$", told.output, re.M)


def test_a_whole_call_without_a_running_server(app):
    told = app.test_cli_runner().invoke(args=["simulate-call", "--missed"])
    assert told.exit_code == 0, told.output
    assert the_call().result is CallResult.MISSED


def test_the_terminal_refuses_what_makes_no_sense(live):
    run = live.test_cli_runner().invoke
    assert "no user nobody" in run(args=["simulate-call", "--answer-by", "nobody"]).output
    assert "nobody can ring from" in run(args=["simulate-call", "--from", "apples"]).output
    assert count(Webhook) == 0


def test_the_rest_interface_asks_who_is_there(live, exchange):
    account, token = exchange.credentials
    path = f"/simulator/2010-04-01/Accounts/{account}/Calls.json"
    client = live.test_client()
    assert client.get(path).status_code == 401
    assert client.get(path, auth=(account, "")).status_code == 401
    assert client.get(path, auth=("AC" + "0" * 32, token)).status_code == 401
    assert client.get(path, auth=(account, token)).status_code == 200
    other = path.replace(account, "AC" + "0" * 32)
    assert client.get(other, auth=(account, token)).status_code == 404

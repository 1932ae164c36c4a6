"""An export over a real connection: it begins before it is ready; who leaves frees a place."""

import time

import pytest
from sqlalchemy import insert

from hotline import clock as clock_module
from hotline.exports.slots import slots
from hotline.unit_of_work import unit_of_work
from models import Caller, CallerKind, Role, Ticket, TicketStatus, db
from tests.live_updates.listener import sign_in
from tests.makers import make_user
from tests.telephony.server import serving

ROWS = 20_000  # more than the buffers of a connection hold
WITHIN = 30  # seconds
PATIENCE = 180  # seconds; only a machine that is busy otherwise needs so many


@pytest.fixture
def hotline(make_app):
    with serving(make_app) as app, app.app_context():
        yield app
        until_all_have_ended()
        db.session.remove()


@pytest.fixture
def browser(hotline, clock):
    _fill()
    user = make_user(Role.SUPERVISOR)
    return sign_in(hotline.config["PUBLIC_BASE_URL"], user.username)


def until_all_have_ended():
    until = time.monotonic() + WITHIN
    while slots.running() and time.monotonic() < until:
        time.sleep(0.05)
    assert slots.running() == frozenset()


def _fill():
    at = clock_module.now()
    with unit_of_work():
        db.session.execute(insert(Caller), [{"id": 1, "kind": CallerKind.WORKER, "created_at": at}])
        db.session.execute(
            insert(Ticket),
            [
                {
                    "number": f"20261116-{n:05d}",
                    "query_code": "0000",
                    "status": TicketStatus.OPEN,
                    "caller_id": 1,
                    "subject": "一个说来话长的诉求" * 20,
                    "opened_at": at,
                    "version": 1,
                }
                for n in range(ROWS)
            ],
        )


def ask(browser, hotline, form, **how):
    base = hotline.config["PUBLIC_BASE_URL"]
    token = browser.get(f"{base}/tickets", timeout=PATIENCE).text.split(
        'name="csrf_token" value="'
    )[1]
    data = {"format": form, "csrf_token": token.split('"')[0]}
    return browser.post(f"{base}/tickets/export", data=data, timeout=PATIENCE, **how)


def test_every_row_arrives(browser, hotline):
    answer = ask(browser, hotline, "csv")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.content.count(b"\r\n") == ROWS + 1
    book = ask(browser, hotline, "xlsx")
    assert int(book.headers["Content-Length"]) == len(book.content)


def test_a_second_one_waits_and_who_leaves_frees_the_place(browser, hotline):
    answer = ask(browser, hotline, "csv", stream=True)
    assert answer.raw.read(1)
    assert ask(browser, hotline, "csv").status_code == 429

    answer.close()

    until_all_have_ended()
    assert ask(browser, hotline, "csv").status_code == 200


def test_who_reads_slowly_holds_up_nobody_who_writes(browser, hotline):
    answer = ask(browser, hotline, "csv", stream=True)
    assert answer.raw.read(1)
    begun = time.monotonic()
    make_user(Role.OPERATOR)
    assert time.monotonic() - begun < WITHIN / 6
    answer.close()

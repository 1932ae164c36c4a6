"""The server as it is started for real: it ticks, and it stops at once, open streams or not."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
import requests
from twilio.request_validator import RequestValidator

from hotline import clock
from models import Mark, Role, db
from tests.conftest import SECRET
from tests.live_updates.listener import Listener, sign_in
from tests.makers import make_user
from tests.ports import free_port
from tests.telephony.company import Company, sid

ROOT = Path(__file__).parents[2]
STARTS_WITHIN = 60
FOR_EVER = 25  # seconds: a busy machine takes its time, held threads are never given back


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def gunicorn(app, database_uri, tmp_path, port) -> Iterator[subprocess.Popen[bytes]]:
    settings = {
        "SECRET_KEY": SECRET,
        "DATABASE_URL": database_uri.replace("postgresql+psycopg", "postgresql"),
        "DATA_DIR": str(tmp_path / "var"),
        "PORT": str(port),
        "PUBLIC_BASE_URL": f"http://127.0.0.1:{port}",
        "TICKER": "on",
        "MAX_STREAMS": "2",
    }
    command = [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", "app:create_app()"]
    with subprocess.Popen(command, env={**os.environ, **settings}, cwd=ROOT) as server:
        try:
            wait_for(port)
            yield server
            server.terminate()
            server.wait(timeout=20)
        finally:
            server.kill()


def wait_for(port: int) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        try:
            requests.get(f"http://127.0.0.1:{port}/healthz", timeout=5)
        except requests.RequestException:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server did not start")


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_an_open_stream_does_not_hold_up_the_end(app, gunicorn, port, told):
    operator = make_user(Role.OPERATOR)
    base = f"http://127.0.0.1:{port}"
    with Listener(sign_in(base, operator.username), base) as listener:
        begun = time.monotonic()
        gunicorn.send_signal(told)
        assert listener.runs_to_its_end()
        assert time.monotonic() - begun < 2
        assert gunicorn.wait(timeout=15) == 0


def test_browsers_that_went_away_make_room_for_others(app, gunicorn, port):
    operator = make_user(Role.OPERATOR)
    base = f"http://127.0.0.1:{port}"
    browser = sign_in(base, operator.username)
    with Listener(browser, base), Listener(browser, base):
        assert Listener(browser, base).answer.status_code == 503
    begun = time.monotonic()
    while Listener(browser, base).answer.status_code == 503:
        assert time.monotonic() - begun < 3
        time.sleep(0.1)


def test_the_ticker_runs_in_the_process_that_serves(app, gunicorn, port):
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        db.session.rollback()
        tick = db.session.get(Mark, "tick")
        if tick is not None:
            assert (clock.now() - tick.at).total_seconds() < STARTS_WITHIN
            return
        time.sleep(0.2)
    raise AssertionError("nothing ticks")


MOVED = b"GET /login HTTP/1.0\r\nHost: x\r\nSCRIPT_NAME: /login\r\nPATH_INFO: /\r\n\r\n"


def test_no_header_says_under_which_address_we_stand(app, gunicorn, port):
    """Without a proxy, everybody on this machine would be taken for one."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(MOVED)
        answer = line.makefile("rb").read()
    assert answer.split()[1] == b"200"
    assert b'"/static/' in answer
    assert b"/login/" not in answer


HALVES = {
    "header": b"POST /hooks/twilio/voice HTTP/1.1\r\nHost: x\r\n",
    "body": b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 90\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n\r\nusername=",
    "nothing": b"",
}


@pytest.mark.parametrize("half", HALVES)
def test_half_requests_hold_no_thread_while_the_telephone_rings(app, gunicorn, port, half):
    """More of them than there are threads, and none is ever finished."""
    with ExitStack() as held:
        lines = [
            held.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(80)
        ]
        for line in lines:
            line.sendall(HALVES[half])
        begun = time.monotonic()
        answer = ring(app, f"http://127.0.0.1:{port}/hooks/simulator/voice")
        assert time.monotonic() - begun < FOR_EVER
        assert "<Response>" in answer.text
        for line in lines:
            wait_for_the_end_of(line)


LARGE = b"GET /static/vendor/echarts/echarts.common.min.js HTTP/1.1\r\nHost: x\r\n\r\n"


def test_answers_that_nobody_takes_hold_no_thread_while_the_telephone_rings(app, gunicorn, port):
    """More of them than there are threads, each larger than what the lines hold."""
    with ExitStack() as held:
        for _ in range(80):
            line = held.enter_context(socket.socket())
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            line.connect(("127.0.0.1", port))
            line.sendall(LARGE * 20)
        for _ in range(10):  # the lines are full after some answers each
            begun = time.monotonic()
            answer = ring(app, f"http://127.0.0.1:{port}/hooks/simulator/voice")
            assert "<Response>" in answer.text
            assert time.monotonic() - begun < FOR_EVER


def wait_for_the_end_of(line: socket.socket) -> None:
    """Until the server parts from `line`; fails when it does not."""
    line.settimeout(20)
    with suppress(ConnectionResetError):
        while line.recv(4096):
            pass


def ring(app, url: str) -> requests.Response:
    """A call as the telephone company reports it."""
    company = Company.of(app)
    fields = company.fields(sid())
    signature = RequestValidator(company.token).compute_signature(url, fields)
    headers = {"X-Twilio-Signature": signature}
    return requests.post(url, data=fields, headers=headers, timeout=30)

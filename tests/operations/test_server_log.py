"""The server that carries us and the libraries write their lines as we do, and nobody's number."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import SECRET
from tests.live_updates.test_server import wait_for
from tests.ports import free_port

ROOT = Path(__file__).parents[2]
NUMBER = "13912345678"
GUNICORN = ["-m", "gunicorn", "--config", "gunicorn.conf.py"]
# A program that breaks where nobody catches it: what gunicorn writes of that holds the address.
BREAKS = """
from app import create_app

def breaks(environ, start_response):
    raise ValueError(environ["QUERY_STRING"])

program = create_app()
program.wsgi_app = breaks
"""


@pytest.fixture
def server(tmp_path):
    """A real server that cannot do anything but break; its log."""
    (tmp_path / "breaks.py").write_text(BREAKS)
    port, log = free_port(), tmp_path / "log"
    settings = {
        "SECRET_KEY": SECRET,
        "DATA_DIR": str(tmp_path),
        "PORT": str(port),
        "TICKER": "off",
        "PYTHONPATH": str(tmp_path),
        "THREADS": "8",
        "MAX_STREAMS": "1",
    }
    command = [sys.executable, *GUNICORN, "breaks:program"]
    with open(log, "w") as file:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **settings}, stderr=file,
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
    try:
        wait_for(port)
        yield port, log
    finally:
        process.terminate()
        process.wait(20)


def say(port: int, request: str) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(request.encode())
        return line.recv(4096)


def test_what_cannot_be_read_and_what_breaks_is_written_without_the_number(server):
    port, log = server
    assert b"400" in say(port, f"GET /tickets?q={NUMBER}\r\n\r\n")
    answer = say(port, f"GET /tickets?q={NUMBER}&from=%2B86{NUMBER} HTTP/1.1\r\nHost: x\r\n\r\n")
    assert b"500" in answer
    text = log.read_text(encoding="utf-8")
    assert NUMBER not in text
    lines = [json.loads(line) for line in text.splitlines()]
    said = [line["event"] for line in lines]
    assert any("Invalid" in one and "…" in one for one in said), said
    assert any("…" in line.get("exception", "") for line in lines), lines
    assert {"timestamp", "level", "event"} <= set(lines[0])


# The scheduler has no handler of its own.
WARNS = f"""
import logging
from app import create_app

create_app()
logging.getLogger("apscheduler.scheduler").warning("skipped %s", "{NUMBER}")
logging.getLogger("apscheduler.scheduler").info("added")
"""


def test_a_library_that_warns_does_so_in_our_words(tmp_path):
    settings = {"SECRET_KEY": SECRET, "DATA_DIR": str(tmp_path), "TICKER": "off"}
    told = subprocess.run(
        [sys.executable, "-c", WARNS], cwd=ROOT, env={**os.environ, **settings},
        capture_output=True, check=True, text=True,
    ).stderr  # fmt: skip
    (line,) = map(json.loads, told.splitlines())
    assert (line["level"], line["event"]) == ("warning", "skipped …")

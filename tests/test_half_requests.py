"""Half a request holds a thread only so long in all (see tests/live_updates/test_server.py)."""

import socket
import threading

import pytest

from hotline import half_requests
from hotline.half_requests import PatientSocket


@pytest.fixture
def line(monkeypatch):
    """Our end of a connection, for a second, and the other one."""
    monkeypatch.setattr(half_requests, "PATIENCE_SECONDS", 1.0)
    here, there = socket.socketpair()
    with here, there:
        yield PatientSocket(here), there


def test_what_has_come_is_read_and_who_has_parted_is_told_apart_from_who_waits(line):
    ours, theirs = line
    theirs.send(b"GET /")
    assert ours.recv(3) + ours.recv(100) == b"GET /"
    theirs.close()
    assert ours.recv(100) == b""
    assert not ours.is_given_up


def test_a_request_that_drips_in_is_given_up(line):
    """Each byte comes soon; the whole never would."""
    ours, theirs = line
    over = threading.Event()

    def drip() -> None:
        while not over.wait(0.05):
            theirs.send(b"x")

    dripping = threading.Thread(target=drip)
    dripping.start()
    try:
        assert ours.recv(1) == b"x"
        with pytest.raises(ConnectionResetError):
            for _ in range(100):
                assert ours.recv(1) == b"x"
    finally:
        over.set()
        dripping.join()
    assert ours.is_given_up

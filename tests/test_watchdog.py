"""A ticker that hangs takes its process with it, and systemd hears of each tick."""

import os
import socket
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from hotline import stillness, watchdog
from hotline.scheduler import JOBS, Ticker
from hotline.stillness import Stillness
from hotline.watchdog import Watchdog

ROOT = Path(__file__).parent.parent
HANGS = """
import threading
from datetime import timedelta
from hotline import watchdog
watchdog.LOOKS_EVERY = watchdog.HUNG_AFTER = timedelta(milliseconds=1)
watchdog.Watchdog(lambda: 7).start()
threading.Event().wait(60)
"""


@pytest.fixture
def monotonic(monkeypatch):
    """The machine's own clock, which a test moves: `monotonic(5)`."""
    passed = [1000.0]
    monkeypatch.setattr(stillness.time, "monotonic", lambda: passed[0])

    def move(seconds: float) -> None:
        passed[0] += seconds

    return move


@pytest.fixture
def systemd(monkeypatch, tmp_path):
    """What systemd would hear from us; () when nothing."""
    place = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(place)
        ear.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", place)
        monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()))

        def heard() -> list[bytes]:
            found = []
            try:
                while True:
                    found.append(ear.recv(100))
            except BlockingIOError:
                return found

        yield heard


def test_what_changes_is_not_still_and_what_stands_is_counted_look_by_look(monotonic):
    still = Stillness()
    assert still.of(1) == timedelta(0)
    monotonic(3)
    assert still.of(1) == timedelta(seconds=3)
    monotonic(3)
    assert still.of(1) == timedelta(seconds=6)
    assert still.of(2) == timedelta(0)


def test_the_first_look_has_seen_nothing_whatever_it_finds(monotonic):
    assert Stillness().of(None) == timedelta(0)


def test_who_slept_for_a_day_has_seen_nothing_of_it(monotonic):
    still = Stillness()
    still.of(1)
    monotonic(86_400)
    assert still.of(1) <= timedelta(seconds=5)


def test_systemd_hears_of_every_tick_and_of_nothing_else(monotonic, systemd):
    ticks = [1]
    dog = Watchdog(lambda: ticks[0])
    dog.look()
    assert systemd() == [b"WATCHDOG=1"]
    dog.look()
    assert systemd() == []
    ticks[0] += 1
    dog.look()
    assert systemd() == [b"WATCHDOG=1"]


def test_a_process_of_which_systemd_expects_nothing_says_nothing(monotonic, systemd, monkeypatch):
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid() + 1))
    Watchdog(lambda: 1).look()
    assert systemd() == []


@pytest.mark.skipif(sys.platform != "linux", reason="names without a file are Linux's")
def test_systemd_may_listen_under_a_name_without_a_file(monotonic, systemd, monkeypatch):
    name = f"huiyin {os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(f"\0{name}")
        ear.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", f"@{name}")
        Watchdog(lambda: 1).look()
        assert ear.recv(100) == b"WATCHDOG=1"


def test_a_systemd_that_does_not_listen_ends_no_watch(monotonic, systemd, monkeypatch, tmp_path):
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    ended: list[int] = []
    dog = Watchdog(lambda: 7, ended.append)
    for _ in range(int(watchdog.HUNG_AFTER / watchdog.LOOKS_EVERY) + 2):
        dog.look()
        monotonic(watchdog.LOOKS_EVERY.total_seconds())
    assert ended == [1]


def test_each_tick_of_the_ticker_is_one_that_systemd_hears_of(make_app, systemd):
    ticker = Ticker(make_app())
    (tick,) = [job for job in JOBS if job.name == "mark_tick"]
    for _ in range(2):
        ticker._run(tick)
        ticker._watchdog.look()
        ticker._watchdog.look()
        assert systemd() == [b"WATCHDOG=1"]
    ticker.stop()


def test_the_ticker_is_watched_from_its_start_to_its_end(make_app):
    def watches() -> list[threading.Thread]:
        return [one for one in threading.enumerate() if one.name == "watchdog"]

    before, ticker = watches(), Ticker(make_app())
    ticker.start()
    (watch,) = [one for one in watches() if one not in before]
    ticker.stop()
    watch.join(30)
    assert not watch.is_alive()


def test_a_process_that_hangs_is_really_gone():
    done = subprocess.run([sys.executable, "-c", HANGS], cwd=ROOT, stderr=subprocess.DEVNULL)
    assert done.returncode == 1


def test_a_ticker_that_hangs_takes_its_process_with_it(monotonic):
    ended: list[int] = []
    dog = Watchdog(lambda: 7, ended.append)
    for _ in range(int(watchdog.HUNG_AFTER / watchdog.LOOKS_EVERY) + 1):
        dog.look()
        assert not ended
        monotonic(watchdog.LOOKS_EVERY.total_seconds())
    dog.look()
    assert ended == [1]


def test_it_looks_by_itself_until_it_is_stopped(monkeypatch):
    """In a thread of its own: who hangs cannot look at itself."""
    monkeypatch.setattr(watchdog, "LOOKS_EVERY", timedelta(milliseconds=1))
    monkeypatch.setattr(watchdog, "HUNG_AFTER", timedelta(milliseconds=5))
    ended = threading.Event()
    dog = Watchdog(lambda: 7, lambda code: ended.set())
    dog.start()
    assert ended.wait(30)
    (thread,) = [one for one in threading.enumerate() if one.name == "watchdog"]
    dog.stop()
    thread.join(30)
    assert not thread.is_alive()


def test_a_ticker_that_ticks_never_does(monotonic):
    ended: list[int] = []
    ticks = iter(range(10_000))
    dog = Watchdog(lambda: next(ticks), ended.append)
    for _ in range(1000):
        dog.look()
        monotonic(60)
    assert not ended

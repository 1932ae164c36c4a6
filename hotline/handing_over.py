"""A new release takes over from the old one when it can answer, not before.

The first process loads the hotline once and forks those that answer, so that one that dies is
replaced within milliseconds. On a reload the first process becomes a new program under its old
number, with the sockets it holds; the old ones answer until those of the new program do.
"""

import fcntl
import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from typing import Any

READY_SECONDS = 60.0
FIRST_SOCKET = 3  # where whoever inherits sockets looks for them
PREDECESSORS = "HUIYIN_PREDECESSORS"
_told: list[int] = []  # where a process that is being waited for says that it can answer


def begin_anew(server: Any) -> None:
    """On SIGHUP: become the release that lies on the disk now, if that one starts at all."""
    command, environment = [sys.executable, *sys.orig_argv[1:]], dict(server.cfg.env_orig)
    if subprocess.run([*command, "--check-config"], env=environment).returncode:  # noqa: S603
        server.log.error("what lies on the disk does not start: the old release goes on")
        return
    environment |= {
        PREDECESSORS: " ".join(map(str, server.WORKERS)),
        "LISTEN_PID": str(os.getpid()),
        "LISTEN_FDS": str(len(server.LISTENERS)),
    }
    # A second one that comes before the new program listens for it would end us.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    _pass_on([listener.fileno() for listener in server.LISTENERS])
    os.execve(sys.executable, command, environment)  # noqa: S606


def take_over(server: Any) -> None:
    """In the new program: start its processes, wait for them, and send the old ones away.

    gunicorn finds nothing to start then.
    """
    old = [int(pid) for pid in os.environ.pop(PREDECESSORS, "").split()]
    if not old:
        return
    listening, telling = os.pipe()
    _told.append(telling)
    for _ in range(server.num_workers):
        server.spawn_worker()  # the new process does not return from here
    os.close(_told.pop())
    _wait(listening, server.num_workers)
    os.close(listening)
    for pid in old:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)


def say_ready() -> None:
    """In a new process: it can answer."""
    while _told:
        with suppress(OSError):
            os.write(_told[-1], b".")
        os.close(_told.pop())


def _pass_on(sockets: list[int]) -> None:
    """Put sockets where the new program finds them; nothing else survives the change."""
    beyond = FIRST_SOCKET + len(sockets)
    copies = [fcntl.fcntl(number, fcntl.F_DUPFD_CLOEXEC, beyond) for number in sockets]
    for place, number in enumerate(copies, FIRST_SOCKET):
        os.dup2(number, place, inheritable=True)


def _wait(listening: int, number: int) -> None:
    """Until so many have spoken, or none is left that could."""
    over_at = time.monotonic() + READY_SECONDS
    while number > 0:
        ready, _, _ = select.select([listening], [], [], max(0.0, over_at - time.monotonic()))
        said = os.read(listening, number) if ready else b""
        if not said:
            return
        number -= len(said)

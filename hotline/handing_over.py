"""New processes of the server take over from old ones when they can answer, not before.

gunicorn itself sends the old ones away as soon as it has begun to start the new ones, and those
take seconds to get ready: meanwhile a caller would hear nothing.
"""

import os
import select
import time
from contextlib import suppress
from typing import Any

READY_SECONDS = 60.0
_told: list[int] = []  # where a process that is being waited for says that it can answer


def start_successors(server: Any) -> None:
    """On reload: start as many processes as there shall be, and wait until all of them answer.

    Then gunicorn finds nothing to start, and sends the old ones away.
    """
    listening, telling = os.pipe()
    _told.append(telling)
    for _ in range(server.num_workers):
        server.spawn_worker()  # the new process does not return from here
    os.close(_told.pop())
    _wait(listening, server.num_workers)
    os.close(listening)
    server.cfg.set("workers", 0)  # how many gunicorn starts itself now; read anew next time


def say_ready() -> None:
    """In a new process: it can answer."""
    while _told:
        with suppress(OSError):
            os.write(_told[-1], b".")
        os.close(_told.pop())


def _wait(listening: int, number: int) -> None:
    """Until so many have spoken, or none is left that could."""
    over_at = time.monotonic() + READY_SECONDS
    while number > 0:
        ready, _, _ = select.select([listening], [], [], max(0.0, over_at - time.monotonic()))
        said = os.read(listening, number) if ready else b""
        if not said:
            return
        number -= len(said)

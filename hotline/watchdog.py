"""Ends a process whose ticker does not tick any more, so that its service manager starts another.

Under systemd with WatchdogSec= it also says that all is well as long as it ticks: systemd kills a
process that says nothing, also one that cannot end itself because it was stopped.
"""

import os
import socket
import threading
from collections.abc import Callable
from datetime import timedelta

import structlog

from hotline.stillness import Stillness

log = structlog.get_logger()
LOOKS_EVERY = timedelta(seconds=5)
HUNG_AFTER = timedelta(minutes=5)


class Watchdog:
    """Looks at `ticks`, a number that grows, from `start` until `stop`."""

    def __init__(self, ticks: Callable[[], int], end: Callable[[int], object] = os._exit) -> None:
        self._ticks, self._end = ticks, end
        self._seen, self._told = Stillness(), -1
        self._over = threading.Event()

    def start(self) -> None:
        threading.Thread(target=self._run, name="watchdog", daemon=True).start()

    def stop(self) -> None:
        self._over.set()

    def look(self) -> None:
        """Say that all is well when it has ticked since; end the process when it hangs."""
        number = self._ticks()
        if self._seen.of(number) > HUNG_AFTER:
            log.critical("the ticker hangs: this process ends")
            self._end(1)
        elif number != self._told:
            self._told = number
            say_to_systemd("WATCHDOG=1")

    def _run(self) -> None:
        while not self._over.wait(LOOKS_EVERY.total_seconds()):
            self.look()


def say_to_systemd(words: str) -> None:
    """A line for the service manager; nothing where it waits for none from this process."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address or os.environ.get("WATCHDOG_PID") != str(os.getpid()):
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        try:
            line.sendto(words.encode(), address.replace("@", "\0", 1))
        except OSError as error:
            log.warning("systemd does not listen", why=error.strerror)

"""How many exports run at once: one a person, few in all, so that nobody else waits for them.

Each web process counts its own.
"""

import threading

from hotline.errors import HotlineError
from hotline.i18n import N_

AT_ONCE = 4  # in all; each holds a thread and reads without pause


class Busy(HotlineError):
    """Another export has to end first."""

    status = 429


class Slots:
    """Who has an export running."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[int] = set()

    def take(self, user_id: int) -> None:
        """Raises Busy when this person, or enough others, have one running."""
        with self._lock:
            if user_id in self._running:
                raise Busy(N_("Your last export is still running. Wait until it has come."))
            if len(self._running) >= AT_ONCE:
                raise Busy(N_("Several colleagues are exporting now. Try again in a minute."))
            self._running.add(user_id)

    def give_back(self, user_id: int) -> None:
        """Safe to repeat."""
        with self._lock:
            self._running.discard(user_id)

    def running(self) -> frozenset[int]:
        """Who has one running now."""
        with self._lock:
            return frozenset(self._running)


slots = Slots()

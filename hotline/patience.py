"""How long a unit of work may take where somebody is waiting on the line."""

import threading
import time
from datetime import timedelta

from hotline.errors import OutOfTime

A_MOMENT = 0.01


class Patience:
    """A stretch of time that began when this was made; measured by a clock that nobody sets."""

    def __init__(self, stretch: timedelta) -> None:
        self._over_at = time.monotonic() + stretch.total_seconds()

    def left(self) -> float:
        """The seconds that are left. Raises OutOfTime when none are."""
        seconds = self._over_at - time.monotonic()
        if seconds <= 0:
            raise OutOfTime
        return seconds

    def longer(self, stretch: timedelta) -> "Patience":
        """The same, over later."""
        other = Patience(stretch)
        other._over_at = self._over_at + stretch.total_seconds()
        return other

    def milliseconds(self) -> int:
        """The same, as databases want it: never 0, which to them means for ever."""
        return max(1, round(self.left() * 1000))

    def wait(self) -> None:
        """Let a moment pass. Raises OutOfTime when none is left."""
        threading.Event().wait(min(A_MOMENT, self.left()))

"""How long something has stood still, by who watches it: who slept meanwhile has seen nothing."""

import time
from datetime import timedelta

A_LOOK = timedelta(seconds=5)  # what one look can prove at most, however late it comes


class Stillness:
    """For how long a value has not changed, counting only the time in which it was looked at.

    A machine that wakes up after hours would take everything for dead, itself included.
    """

    def __init__(self) -> None:
        self._value: object = self
        self._looked_at = 0.0
        self._stood = timedelta(0)

    def of(self, value: object) -> timedelta:
        """Look at `value` now; for how long it has been the same."""
        now = time.monotonic()
        passed = timedelta(seconds=now - self._looked_at)
        self._stood = self._stood + min(passed, A_LOOK) if value == self._value else timedelta(0)
        self._value, self._looked_at = value, now
        return self._stood

"""What every scenario is made of: a house, a company, a load with faults, peace, the check."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hotline import clock
from tests.torture import conservation
from tests.torture.house import House, sweep
from tests.torture.line import Plan
from tests.torture.provider import Provider, new_provider, reachable

LEASES_ARE_OVER = timedelta(minutes=6)
# The company is asked twice about what may have left, some minutes apart; then it is sent again.
LOOKED_FOR = (timedelta(minutes=9), timedelta(minutes=12))
Fault = Callable[[int], object]


@dataclass
class Outcome:
    """What a run came to: the table of laws, and the figures of the run itself."""

    table: list[conservation.Line]
    figures: dict[str, object] = field(default_factory=dict)

    @property
    def broken(self) -> list[conservation.Line]:
        return conservation.broken(self.table)

    def __str__(self) -> str:
        told = "\n".join(f"{name}: {value}" for name, value in self.figures.items())
        return f"{conservation.told(self.table)}\n{told}"


@dataclass
class Scene:
    """A house that is connected to a company."""

    house: House
    provider: Provider
    answered_within: float = 15.0
    struck: int = 0  # how often a fault has come to its end

    def load(self, calls: int, faults: int, fault: Fault, **how: Any) -> float:
        """Let `calls` people ring while `fault` strikes so many times; return the seconds it took.

        The faults are spread over the calls; each waits until as many of them have begun.
        """
        begun = time.monotonic()
        over = threading.Event()
        errors: list[BaseException] = []

        def strike() -> None:
            dice = random.Random(self.provider.plan.seed)
            first = self.provider.began
            for number in range(faults):
                due = first + calls * (number + dice.random()) / max(faults, 1)
                while self.provider.began < due and not over.is_set():
                    time.sleep(0.01)
                if over.is_set():
                    return
                try:
                    fault(number)
                    self.struck += 1
                except BaseException as error:
                    errors.append(error)
                    return

        striker = threading.Thread(target=strike)
        striker.start()
        try:
            self.provider.calls(calls, **how)
        finally:
            over.set()
            striker.join()
        if errors:
            raise errors[0]
        return time.monotonic() - begun

    def conclude(self, **figures: object) -> Outcome:
        """After the faults: what is due happens, the company is asked, and everything is counted.

        The house must be up.
        """
        with self.house.inside() as app:
            with moved(LEASES_ARE_OVER):
                sweep(app, "replay_spooled_webhooks", "read_failed_webhooks")
                sweep(app, "deliver_due_messages")
                sweep(app, "reconcile_calls")
                sweep(app, "deliver_due_messages")
                sweep(app, "look_up_doubtful_messages")
            for later in LOOKED_FOR:
                with moved(later):
                    sweep(app, "look_up_doubtful_messages")
                    sweep(app, "deliver_due_messages")
            self.provider.deliver_receipts()
            with moved(LEASES_ARE_OVER):
                sweep(app, "replay_spooled_webhooks", "read_failed_webhooks", "reconcile_calls")
            table = conservation.check(
                self.provider, self.house, answered_within=self.answered_within
            )
            figures["messages in doubt"] = conservation.doubtful()
        return Outcome(table, figures | self._figures())

    def in_peace(self) -> None:
        """Start the server anew, without a ticker: from here on we sweep ourselves."""
        self.house.stop()
        self.house.settings["TICKER"] = "off"
        self.house.serve()

    def _figures(self) -> dict[str, object]:
        heard = self.provider.books.heard
        seconds = sorted(one.seconds for one in heard if one.by in conservation.OURS)
        at = {name: seconds[int(len(seconds) * share)] for name, share in SHARES if seconds}
        return {
            "faults": self.struck,
            "calls": len(self.provider.all_calls()),
            "answers to callers, by whom": dict(Counter(one.by for one in heard)),
            "seconds to answer": {name: round(value, 3) for name, value in at.items()},
            "slowest answer": round(seconds[-1], 2) if seconds else None,
            "on the line": dict(self.provider.books.faults),
        }


SHARES = (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))


@contextmanager
def scene(
    folder: Path,
    database_url: str,
    *,
    plan: Plan | None = None,
    processes: int = 1,
    **settings: str,
) -> Iterator[Scene]:
    """A house on the database at `database_url`, which is served, and its company."""
    folder.mkdir(parents=True, exist_ok=True)
    provider = new_provider(plan or Plan())
    house = House(folder, database_url, provider.settings() | settings, processes)
    with reachable(provider):
        house.serve()
        try:
            yield Scene(house, provider)
        finally:
            house.stop()


@contextmanager
def moved(by: timedelta) -> Iterator[None]:
    """In our own process it is later meanwhile."""
    real = clock.now

    def later() -> datetime:
        return real() + by

    clock.now = later
    try:
        yield
    finally:
        clock.now = real

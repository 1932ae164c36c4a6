"""Processes that die, and processes that are replaced, while people ring."""

import time
from collections import Counter

from tests.torture.conservation import Line
from tests.torture.line import Plan
from tests.torture.places import Place, Size
from tests.torture.scene import Outcome, scene

ALL_AT_ONCE = 10  # of so many kills one takes the whole server
FEW = 4  # callers at once, so that nobody waits for one another
UNREACHABLE = ("not reached", "broken off", "refused")


def storm(place: Place, size: Size) -> Outcome:
    """kill -9 of the processes that answer; now and then of all of them, which start anew."""
    plan = Plan(size.seed, duplicate=0.05, shuffle=0.1)
    struck: Counter[str] = Counter()
    with scene(place.folder, place.url, plan=plan, processes=place.processes, TICKER="on") as it:

        def strike(number: int) -> None:
            if number % ALL_AT_ONCE == ALL_AT_ONCE - 1:
                struck["the whole server"] += 1
                it.house.kill_all()
                it.house.serve()
                return
            struck["one process"] += 1
            while not it.house.kill_one(number):
                time.sleep(0.02)

        seconds = it.load(size.calls, size.kills, strike)
        it.in_peace()
        return it.conclude(kills=dict(struck), seconds=round(seconds))


def rolling(place: Place, size: Size) -> Outcome:
    """New processes take over from old ones: no request is refused, broken off or late."""
    with scene(place.folder, place.url, processes=place.processes, TICKER="on") as it:
        it.answered_within = 5.0
        seconds = it.load(
            size.calls, size.kills, lambda number: it.house.restart_gently(), at_once=FEW
        )
        it.in_peace()
        faults = it.provider.books.faults
        outcome = it.conclude(seconds=round(seconds))
    failed = tuple(f"{faults[name]} {name}" for name in UNREACHABLE if faults[name])
    asked = len(it.provider.books.acknowledged)
    outcome.table.append(Line("no request failed while processes were replaced", asked, failed))
    return outcome

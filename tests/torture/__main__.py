"""`python -m tests.torture NAME --calls N --kills N`: the long form of one scenario."""

import argparse
import logging
import signal
import sys
import tempfile
import time
from pathlib import Path

from tests.postgres import NoPostgres
from tests.torture import disk
from tests.torture.places import Size, new_place
from tests.torture.scenarios import SCENARIOS

SKIPPED = 77  # by the custom of other test programs


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("name", choices=SCENARIOS)
    parser.add_argument("--calls", type=int, help="calls, reminders or writes")
    parser.add_argument("--kills", type=int, help="how often the fault strikes")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=3, help="of the scenario of that name")
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    given = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers are stopped too
    scenario = SCENARIOS[given.name]
    if given.engine not in scenario.engines:
        return _skip(f"{given.name} is not for {given.engine}")
    if given.name == "disk-full" and (why_not := disk.enter_small_disk(arguments)):
        return _skip(why_not)
    logging.disable(logging.WARNING)
    size = Size(
        scenario.long.calls if given.calls is None else given.calls,
        scenario.long.kills if given.kills is None else given.kills,
        given.seed,
        given.workers,
    )
    begun = time.monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix="huiyin-torture-") as folder:
            place_folder = disk.small_disk() or Path(folder)
            with new_place(place_folder, given.engine) as place:
                outcome = scenario.run(place, size)
    except NoPostgres as none:
        return _skip(str(none))
    print(f"{given.name} on {given.engine}, {size}")  # noqa: T201
    print(outcome)  # noqa: T201
    print(f"seconds in all: {time.monotonic() - begun:.0f}")  # noqa: T201
    return 1 if outcome.broken else 0


def _skip(why: str) -> int:
    sys.stderr.write(f"skipped: {why}\n")
    return SKIPPED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

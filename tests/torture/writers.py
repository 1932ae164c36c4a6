"""Eight processes that read, add one and write on one SQLite file: nothing is lost."""

import subprocess
import sys
import time
from pathlib import Path

import sqlalchemy as sa

from hotline.unit_of_work import unit_of_work
from models import Counter, Ticket, db
from tests.test_many_processes import PROCESSES, WRITERS
from tests.torture.conservation import Line
from tests.torture.house import House
from tests.torture.places import Place, Size
from tests.torture.scene import Outcome

ROOT = Path(__file__).parents[2]


def writers(place: Place, size: Size) -> Outcome:
    """`size.calls` writes, shared among eight processes that begin together."""
    house, rounds = House(place.folder, place.url, {}), size.calls // PROCESSES
    with house.inside():
        with unit_of_work():
            db.session.add(Counter(name="n", value=0))
        begun = time.monotonic()
        errors = _write(house, rounds)
        seconds = time.monotonic() - begun
        db.session.rollback()
        counted = db.session.get_one(Counter, "n").value
        numbers = db.session.scalars(sa.select(Ticket.number)).all()
    written = rounds * PROCESSES
    return Outcome(
        [
            Line("no update is lost", written, ("lost",) * (written - counted)),
            Line("each ticket has a number of its own", len(numbers),
                 ("missing",) * (written - len(set(numbers)))),
            Line("no writer saw an error", PROCESSES, tuple(errors)),
        ],
        {"processes": PROCESSES, "seconds": round(seconds, 1)},
    )  # fmt: skip


def _write(house: House, rounds: int) -> list[str]:
    """Let all of them write; how those ended that did not end well."""
    done = subprocess.run(
        [sys.executable, "-c", WRITERS, str(PROCESSES), str(rounds)],
        cwd=ROOT, env=house.environment() | {"TELEPHONY": "simulator"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    ended = done.stdout.split()
    well = ended.count("0")
    return [done.stderr[-200:] or "ended badly"] * (PROCESSES - well)

"""Eight processes write to one SQLite file at once: nothing is lost, nothing says "locked"."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from hotline.unit_of_work import unit_of_work
from models import Counter, Ticket, db
from tests.conftest import SECRET

ROOT = Path(__file__).parent.parent
PROCESSES, ROUNDS = 8, 15
WRITERS = """
import multiprocessing, sys
from app import create_app
from hotline import clock
from hotline.callers import service as callers
from hotline.phone_numbers import normalise
from hotline.tickets import service as tickets
from hotline.unit_of_work import unit_of_work
from models import Counter, db

def write(me, rounds, together):
    app = create_app()
    with app.app_context():
        together.wait()
        for _ in range(rounds):
            with unit_of_work():
                number = normalise(f"1391234{me:04d}")
                tickets.open_ticket(caller=callers.guess(number, at=clock.now()), at=clock.now())
                counter = db.session.get(Counter, "n")
                counter.value += 1

processes, rounds = map(int, sys.argv[1:])
fork = multiprocessing.get_context("fork")  # what all of them read is read before
together = fork.Barrier(processes)
writers = [fork.Process(target=write, args=(n, rounds, together)) for n in range(processes)]
for writer in writers:
    writer.start()
for writer in writers:
    writer.join()
print(*[writer.exitcode for writer in writers])
"""


def test_eight_processes_lose_nothing(app, database_uri, tmp_path, engine_name):
    if engine_name != "sqlite":
        pytest.skip("the writer queue of SQLite has no counterpart on PostgreSQL")
    with unit_of_work():
        db.session.add(Counter(name="n", value=0))
    environ = {**os.environ, "SECRET_KEY": SECRET, "DATABASE_URL": database_uri,
               "DATA_DIR": str(tmp_path), "FLASK_SKIP_DOTENV": "1"}  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", WRITERS, str(PROCESSES), str(ROUNDS)],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
    )
    assert done.stdout.split() == ["0"] * PROCESSES, done.stderr[-2000:]
    db.session.rollback()
    numbers = db.session.scalars(sa.select(Ticket.number)).all()
    assert len(set(numbers)) == len(numbers) == PROCESSES * ROUNDS
    assert db.session.get_one(Counter, "n").value == PROCESSES * ROUNDS
    assert sorted(int(n.split("-")[1]) for n in numbers) == list(range(1, PROCESSES * ROUNDS + 1))

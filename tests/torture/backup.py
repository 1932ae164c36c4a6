"""Copies made while people ring and others write: each is of one moment, and comes back whole.

The writers' rows follow from how often each of them has written, so that what stands in a restored
copy can be reckoned without asking the copy.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import sqlalchemy as sa
from flask import Flask

from hotline.operations import fingerprints, manifest
from hotline.unit_of_work import unit_of_work
from models import Counter, TicketEvent, db
from tests.torture.conservation import Line
from tests.torture.gone import FEW
from tests.torture.house import House
from tests.torture.line import Plan
from tests.torture.places import Place, Size
from tests.torture.scene import Outcome, scene

WRITERS, WRITES_A_SECOND = 4, 50
REWRITTEN_AFTER = 3  # steps: a row is written twice
ALL = "all writers"


@dataclass
class Writers:
    """Writers who keep a pace together; each counts what was committed."""

    app: Flask
    over: threading.Event = field(default_factory=threading.Event)
    written: list[int] = field(default_factory=lambda: [0] * WRITERS)
    errors: list[BaseException] = field(default_factory=list)

    def write(self, who: int) -> None:
        try:
            with self.app.app_context():
                due = time.monotonic()
                while not self.over.is_set():
                    _step(who, self.written[who] + 1)
                    self.written[who] += 1
                    due = max(due + WRITERS / WRITES_A_SECOND, time.monotonic() - 1)
                    self.over.wait(max(0.0, due - time.monotonic()))
        except BaseException as error:
            self.errors.append(error)


def backup(place: Place, size: Size) -> Outcome:
    """`flask backup` under calls and fifty writes a second, and `flask restore` of each copy."""
    copies = place.folder / "copies"
    before: list[int] = []
    plan = Plan(size.seed, duplicate=0.05, shuffle=0.1)
    with scene(place.folder, place.url, plan=plan, processes=place.processes) as it:
        it.answered_within = 5.0
        with it.house.inside() as app, _writing(app) as writers:
            begun = time.monotonic()

            def strike(number: int) -> None:
                before.append(sum(writers.written))
                it.house.flask("backup", copies)

            seconds = it.load(size.calls, size.kills, strike, at_once=FEW)
            rate = sum(writers.written) / (time.monotonic() - begun)
        outcome = it.conclude(
            **{"writes a second, beside the calls": round(rate), "seconds": round(seconds)}
        )
        made = sorted(copies.iterdir())
        for number, copy in enumerate(made):
            outcome.table += _come_back(it.house, place, copy, number, before[number])
    missing = ("missing",) * (len(before) - len(made))
    outcome.table.append(Line("each copy was made", len(before), missing))
    return outcome


@contextmanager
def _writing(app: Flask) -> Iterator[Writers]:
    with unit_of_work():
        db.session.add_all(
            Counter(name=name, value=0) for name in (ALL, *map(_name, range(WRITERS)))
        )
    writers = Writers(app)
    threads = [threading.Thread(target=writers.write, args=(who,)) for who in range(WRITERS)]
    for thread in threads:
        thread.start()
    try:
        yield writers
    finally:
        writers.over.set()
        for thread in threads:
            thread.join()
    if writers.errors:
        raise writers.errors[0]


def _step(who: int, number: int) -> None:
    """One more row, the sign of an older one changed, and both counted."""
    with unit_of_work():
        for name in (ALL, _name(who)):
            counted = sa.update(Counter).where(Counter.name == name)
            db.session.execute(counted.values(value=Counter.value + 1))
        db.session.add(Counter(name=_name(who, number), value=number))
        older = sa.update(Counter).where(Counter.name == _name(who, number - REWRITTEN_AFTER))
        db.session.execute(older.values(value=-Counter.value))


def _rows_after(who: int, steps: int) -> dict[str, int]:
    """What a writer's rows are when so many steps are done."""
    return {
        _name(who, number): number if number > steps - REWRITTEN_AFTER else -number
        for number in range(1, steps + 1)
    }


def _name(who: int, number: int | None = None) -> str:
    return f"writer {who}" if number is None else f"writer {who}, row {number}"


def _come_back(house: House, place: Place, copy: Path, number: int, before: int) -> list[Line]:
    """Restore a copy into an empty place and hold it against what must be in it."""
    house.flask("restore", copy, "--verify")
    other = _empty(place, number)
    other.flask("restore", copy)
    said = manifest.read(copy)
    with house.inside():
        events = _events()
    with other.inside():
        with db.engine.connect() as connection:
            tables = fingerprints.of_tables(connection)
            orphans = _orphans(connection)
        counters = dict(db.session.execute(sa.select(Counter.name, Counter.value)).tuples().all())
        restored = _events()
    steps = [counters[_name(who)] for who in range(WRITERS)]
    expected = {_name(who): done for who, done in enumerate(steps)} | {ALL: sum(steps)}
    for who, done in enumerate(steps):
        expected |= _rows_after(who, done)
    theirs = {name: counters[name] for name in counters if name in expected or "writer" in name}
    wrong = {name for name in expected | theirs if expected.get(name) != theirs.get(name)}
    changed = [str(id_) for id_, row in restored.items() if events.get(id_) != row]
    unequal = [name for name in said.tables if tables.get(name) != said.tables[name]]
    lost = ("lost",) * max(0, before - sum(steps))
    here = f"copy {number + 1}: "
    return [
        Line(f"{here}each table has the hash of its source", len(tables), tuple(unequal)),
        Line(f"{here}each row is of one and the same moment", len(expected), tuple(sorted(wrong))),
        Line(f"{here}what was committed before it was begun is in it", before, lost),
        Line(f"{here}each event of a ticket is its source's", len(restored), tuple(changed)),
        Line(f"{here}each row finds what it points to", said.rows, orphans),
    ]


def _empty(place: Place, number: int) -> House:
    """Another installation, without a table."""
    folder = place.folder / f"restored-{number}"
    folder.mkdir()
    if place.cluster is None:
        return House(folder, f"sqlite:///{folder / 'torture.sqlite'}", {})
    name = f"restored_{number}"
    with psycopg.connect(place.cluster.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return House(folder, place.url.replace("/torture?", f"/{name}?"), {})


def _events() -> dict[int, tuple]:
    db.session.rollback()
    table = TicketEvent.__table__
    return {row.id: tuple(map(str, row)) for row in db.session.execute(sa.select(table))}


def _orphans(connection: sa.Connection) -> tuple[str, ...]:
    """Rows that point to nothing; PostgreSQL has looked while they went in."""
    if connection.dialect.name != "sqlite":
        return ()
    return tuple(str(row[0]) for row in connection.exec_driver_sql("PRAGMA foreign_key_check"))

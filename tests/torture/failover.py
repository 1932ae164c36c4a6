"""Who leads dies, the other one takes over: what was acknowledged is on both disks."""

import time

import sqlalchemy as sa

from hotline.operations import fingerprints
from tests.torture.conservation import Line
from tests.torture.gone import FEW, PAUSE, some_answers
from tests.torture.house import House
from tests.torture.line import Plan
from tests.torture.pair import Pair, new_pair
from tests.torture.places import WEB_PROCESSES, Place, Size
from tests.torture.scene import Outcome, scene

DATABASE = "torture"
LENGTHS = 4  # of the time without a leader: a moment, and up to ten times as long


def failover(place: Place, size: Size) -> Outcome:
    """The leader of two servers is killed again and again, and each time the other one leads."""
    plan = Plan(size.seed, duplicate=0.05, shuffle=0.1)
    with new_pair() as pair:
        pair.ask(pair.leader, f"CREATE DATABASE {DATABASE}")
        url = pair.url(DATABASE)
        House(place.folder, url, {}).flask("db", "upgrade")
        alone: list[float] = []
        with scene(place.folder, url, plan=plan, processes=WEB_PROCESSES, TICKER="on") as it:
            it.answered_within = 5.0

            def strike(number: int) -> None:
                begun = time.monotonic()
                pair.kill_the_leader()
                for _ in range(1 + 3 * (number % LENGTHS)):  # nobody leads
                    some_answers(it)
                pair.promote_the_other()
                alone.append(round(time.monotonic() - begun, 1))
                some_answers(it)
                pair.follow()
                some_answers(it)

            seconds = it.load(size.calls, size.kills, strike, at_once=FEW, every=PAUSE)
            spooled = len(list((it.house.data_dir / "spool").glob("*.json")))
            it.in_peace()
            outcome = it.conclude(**{
                "on the disk afterwards": spooled,
                "seconds without a leader, at most": max(alone, default=0.0),
                "seconds": round(seconds),
            })  # fmt: skip
        outcome.table.append(_same_on_both(pair))
    return outcome


def _same_on_both(pair: Pair) -> Line:
    """The rows of both servers are the same, each hashed by itself."""
    pair.wait_until_same()
    one, two = (_tables(pair, which) for which in (pair.leader, pair.follower))
    differing = tuple(name for name in one if one[name] != two.get(name))
    return Line("each table is the same on both servers", len(one), differing)


def _tables(pair: Pair, which: int) -> dict:
    url = f"postgresql+psycopg://huiyin@127.0.0.1:{pair.ports[which]}/{DATABASE}"
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        return fingerprints.of_tables(connection)

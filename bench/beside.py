"""The hotline beside the bare floor, on one database of bench.generate, to which it writes.

    python -m bench.beside --database sqlite:////tmp/thousand.sqlite
    python -m bench.beside --database sqlite:////tmp/thousand.sqlite --only log,queue --rounds 5

Both are served by gunicorn as shipped and asked in turn, over connections that stay open, by a
client in a process of its own. See bench/README.md.
"""

import tempfile
from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

import click

from app import create_app
from bench import floor, memory, reminders, screen_pop
from bench.client import own_process
from bench.lines import Line, table
from bench.measurements import MEASUREMENTS
from bench.pair import Pair
from bench.served import settings_for
from bench.servers import empty_beside
from config import Config
from models import db

BESIDE = tuple(MEASUREMENTS)
KEYS = (*BESIDE, "pop", "memory", "reminders")


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    rounds: int = 9
    requests: int = 160  # of a round
    calls: int = 200  # while two hundred look on
    a_second: float = 1.0
    settle: float = 15.0  # seconds
    reminders: int = 10_000


@click.command()
@click.option("--database", required=True, help="of bench.generate; it is written to")
@click.option("--only", default=",".join(KEYS), show_default=True, help="which measurements")
@click.option("--rounds", default=Size.rounds, show_default=True)
@click.option("--requests", default=Size.requests, show_default=True, help="of a round")
@click.option("--calls", default=Size.calls, show_default=True, help="that pop up on a screen")
@click.option("--rate", default=Size.a_second, show_default=True, help="of these calls a second")
def main(database: str, only: str, rounds: int, requests: int, calls: int, rate: float) -> None:
    """Print a table in Markdown."""
    wanted = only.split(",")
    if unknown := set(wanted) - set(KEYS):
        raise click.UsageError(f"There is no {', '.join(sorted(unknown))}; only {', '.join(KEYS)}.")
    lines = []
    for line in measured(database, wanted, Size(rounds, requests, calls, rate)):
        click.echo(line.told(), err=True)
        lines.append(line)
    click.echo(table(lines))


def measured(database: str, wanted: list[str], size: Size) -> Iterator[Line]:
    """What `wanted` names, one line after the other."""
    with (
        tempfile.TemporaryDirectory(prefix="huiyin-beside-") as name,
        own_process() as client,
    ):
        folder = Path(name)
        if set(wanted) & set(BESIDE):
            yield from _beside_the_floor(database, wanted, size, folder, client)
        settings = settings_for(database, folder)
        app = create_app(Config.from_env({**settings, "LOG_LEVEL": "ERROR"}))
        if "memory" in wanted:
            yield from memory.measured(app, settings, folder, client, size.requests)
        if "pop" in wanted:
            calls = (size.calls, size.a_second, size.settle)
            yield from screen_pop.measured(app, settings, folder, client, *calls)
        floor.let_go(app, db)
        if "reminders" in wanted:
            with empty_beside(database, folder) as empty:
                yield from reminders.measured(empty, size.reminders, folder)


def _beside_the_floor(
    database: str, wanted: list[str], size: Size, folder: Path, client: Executor
) -> Iterator[Line]:
    with Pair.opened(database, folder) as pair:
        for key in BESIDE:
            if key in wanted:
                yield from MEASUREMENTS[key](pair, client, size.rounds, size.requests)


if __name__ == "__main__":
    main()

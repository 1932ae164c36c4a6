"""Everything of bench.beside at three sizes on both engines: the tables of bench/README.md.

    nice -n -18 .venv/bin/python -m bench.everywhere --folder /tmp/beside

What the folder holds already is not made again: databases (SQLite) and figures of each run.
"""

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from bench import generate
from bench.beside import KEYS, Size, measured
from bench.lines import Line, across
from bench.servers import ENGINES, database, postgres

SIZES = (1_000, 100_000, 1_000_000)
A_DAY = 1_825  # tickets: each size is the same hotline, after more or fewer days
TITLES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@click.command()
@click.option("--folder", required=True, type=click.Path(path_type=Path, file_okay=False))
@click.option("--server", default="", help="PostgreSQL's address; without it one of our own")
@click.option("--engine", multiple=True, default=ENGINES, type=click.Choice(ENGINES))
@click.option("--tickets", multiple=True, default=SIZES, type=int)
@click.option("--rounds", default=Size.rounds, show_default=True)
def main(
    folder: Path, server: str, engine: tuple[str, ...], tickets: tuple[int, ...], rounds: int
) -> None:
    """Print the tables in Markdown."""
    folder.mkdir(parents=True, exist_ok=True)
    size = Size(rounds=rounds)
    for one in engine:
        found = {number: [] for number in tickets}
        with ExitStack() as stack:
            address = stack.enter_context(postgres(server)) if one == "postgresql" else ""
            for number in tickets:
                kept = folder / f"{one}-{number}.json"
                found[number] = _kept(kept) or _run(folder, address, number, size, kept)
        click.echo(f"\n### {TITLES[one]}\n\n{across(found)}")


def _kept(file: Path) -> list[Line]:
    if not file.exists():
        return []
    return [Line(**line) for line in json.loads(file.read_text())["lines"]]


def _run(folder: Path, server: str, tickets: int, size: Size, kept: Path) -> list[Line]:
    """One size on one engine; what takes no longer with more tickets is done with the fewest."""
    url = _filled(folder, server, tickets)
    wanted = KEYS if tickets == min(SIZES) else tuple(key for key in KEYS if key != "reminders")
    lines = list(_told(measured(url, list(wanted), size)))
    load = os.getloadavg()[1]
    said = {"at": datetime.now(UTC).isoformat(), "load": load, "lines": [asdict(x) for x in lines]}
    kept.write_text(json.dumps(said, ensure_ascii=False, indent=1))
    return lines


def _told(lines: Iterator[Line]) -> Iterator[Line]:
    for line in lines:
        click.echo(line.told(), err=True)
        yield line


def _filled(folder: Path, server: str, tickets: int) -> str:
    """The database with so many tickets, made when it is not there."""
    if server:
        url, is_new = database(server, f"tickets_{tickets}")
    else:
        file = folder / f"{tickets}.sqlite"
        url, is_new = f"sqlite:///{file}", not file.exists()
    if is_new:
        app, last = generate.application(url), generate.latest_day(datetime.now(UTC))
        days = max(1, round(tickets / A_DAY))
        generate.generate(app, url, tickets, 7, last, days=days)
    return url


if __name__ == "__main__":
    main()

"""The hotline beside the bare floor, on one database of bench.generate, to which it writes.

    python -m bench.beside --database sqlite:////tmp/thousand.sqlite
    python -m bench.beside --database sqlite:////tmp/thousand.sqlite --only log,queue --rounds 5

Both are served by gunicorn as shipped and asked in turn, over connections that stay open, by a
client in a process of its own. See bench/README.md.
"""

import json
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import click

from bench.client import own_process
from bench.lines import Line, table
from bench.measurements import MEASUREMENTS
from bench.pair import Pair

KEYS = tuple(MEASUREMENTS)


@click.command()
@click.option("--database", required=True, help="of bench.generate; it is written to")
@click.option("--only", default=",".join(KEYS), show_default=True, help="which measurements")
@click.option("--rounds", default=9, show_default=True)
@click.option("--requests", default=160, show_default=True, help="of a round")
@click.option("--keep", type=click.Path(path_type=Path), help="a file for the figures, as JSON")
def main(database: str, only: str, rounds: int, requests: int, keep: Path | None) -> None:
    """Print a table in Markdown."""
    wanted = only.split(",")
    if unknown := set(wanted) - set(KEYS):
        raise click.UsageError(f"There is no {', '.join(sorted(unknown))}; only {', '.join(KEYS)}.")
    lines = list(measured(database, wanted, rounds, requests))
    click.echo(table(lines))
    if keep:
        keep.write_text(json.dumps([line.__dict__ for line in lines], ensure_ascii=False, indent=1))


def measured(database: str, wanted: list[str], rounds: int, requests: int) -> Iterator[Line]:
    """What `wanted` names, one line after the other."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="huiyin-beside-")))
        client = stack.enter_context(own_process())
        pair = stack.enter_context(Pair.opened(database, folder))
        for key in wanted:
            for line in MEASUREMENTS[key](pair, client, rounds, requests):
                click.echo(line.told(), err=True)
                yield line


if __name__ == "__main__":
    main()

"""Make a realistic year and a half of a busy hotline, the same for the same seed and date.

python -m bench.generate --tickets 1000000 --seed 7 --database sqlite:////tmp/million.sqlite
"""

import secrets
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

import click
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import insert, select

from app import create_app
from bench import arrivals, courses, house, seconds
from bench.loading import Target, loading
from bench.seconds import DAY, HOUR, Hours
from bench.words import Matters
from bench.world import Policies, World
from config import Config
from hotline.accounts import passwords
from hotline.calendars import queries as calendars
from hotline.unit_of_work import unit_of_work
from models import Counter, Seat, SeatState, User, db

DAYS = 548
ENDS_AT = 16 * HOUR  # on the wall, of the last day
CHUNK = 5000  # tickets in memory at a time
ROSTER_REACH, DUE_REACH = timedelta(days=14), timedelta(days=200)


@click.command()
@click.option("--tickets", default=1_000_000, show_default=True)
@click.option("--seed", default=7, show_default=True)
@click.option("--database", required=True, help="sqlite:////path or postgresql://…; empty")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="the last day; else the latest")
@click.option("--with-search", is_flag=True, help="make the tickets findable by their words")
def main(tickets: int, seed: int, database: str, until: datetime | None, with_search: bool) -> None:
    """Fill an empty database."""
    began = time.monotonic()
    app = application(database)
    last = until.date() if until else latest_day(datetime.now(UTC))
    counts = generate(app, database, tickets, seed, last, with_search=with_search)
    for name, count in counts.items():
        click.echo(f"{count:>10,} {name}")
    click.echo(f"{time.monotonic() - began:.0f} s")


def application(database: str) -> Flask:
    """The hotline on `database`, with settings that nobody keeps."""
    folder = Path(tempfile.gettempdir()) / "huiyin-bench"
    settings = {
        "SECRET_KEY": secrets.token_hex(32),
        "DATABASE_URL": database,
        "DATA_DIR": str(folder),
        "TICKER": "off",
        "LOG_LEVEL": "WARNING",
    }
    return create_app(Config.from_env(settings))


def latest_day(now: datetime) -> date:
    """The last day whose story is over by `now`."""
    at = seconds.of(now)
    today = seconds.local_day(at)
    return today if at >= seconds.midnight(today) + ENDS_AT else today - timedelta(days=1)


def generate(
    app: Flask,
    database: str,
    tickets: int,
    seed: int,
    last: date,
    *,
    days: int = DAYS,
    with_search: bool = False,
) -> dict[str, int]:
    """Fill `database`, which has no rows yet; returns how many rows each table got."""
    first = last - timedelta(days - 1)
    with app.app_context():
        upgrade()
        if db.session.scalar(select(User.id).limit(1)) is not None:
            raise click.ClickException("This database is not empty.")
        _hire(seed, first, last)
        world = open_world(seed, first, last)
        db.session.remove()
        db.engine.dispose()
    with loading(database, [table.name for table in world.book.tables]) as target:
        for number, _ in enumerate(stories(world, tickets, first), start=1):
            if number % CHUNK == 0:
                _write(world, target, with_search)
        _write(world, target, with_search)
    with app.app_context():
        _seat(world)
        db.engine.dispose()
    return {table.name: table.count for table in world.book.tables}


def _hire(seed: int, first: date, last: date) -> None:
    """Plant the seeds, hire everybody, put them on the roster."""
    at = datetime.fromisoformat(seconds.iso(seconds.midnight(first) - DAY))
    password_hash = passwords.hashed(house.PASSWORD)
    with unit_of_work():
        house.build(at, Random(seed), password_hash)  # noqa: S311 - names, not secrets
        house.put_on_duty(house.read(), first, last + ROSTER_REACH)


def open_world(seed: int, first: date, last: date) -> World:
    """The house of this database with its hours, limits and matters, before the first call."""
    staff, calendar = house.read(), calendars.calendar_for(None)
    for category, _ in staff.leads.values():
        db.session.expunge(category)
    rng = Random(seed)  # noqa: S311 - stories, not secrets
    return World(
        rng=rng,
        end=seconds.midnight(last) + ENDS_AT,
        house=staff,
        hours=Hours.read(calendar, first - timedelta(days=1), last + DUE_REACH),
        calendar=calendar,
        policies=Policies.read(),
        matters=Matters(rng, staff.leads, seconds.midnight(last)),
    )


def stories(world: World, tickets: int, first: date) -> Iterator[int]:
    """Tell the stories of so many tickets, one after the other; yields when each began."""
    for at in arrivals.instants(tickets, first, world.end, world.calendar, world.rng):
        courses.tell(world, at)
        yield at


def _write(world: World, target: Target, with_search: bool) -> None:
    if with_search:
        world.make_findable()
    for table in world.book.tables:
        target.write(table)


def _seat(world: World) -> None:
    """Everybody on duty sits somewhere, most of them free; ticket numbers go on from ours."""
    rows = []
    for place, user in enumerate(world.house.crew(world.end)):
        since, call = world.talking.get(user, (world.end - 60 * (place + 1), None))
        usual = (SeatState.AWAY, SeatState.AFTER_CALL)[place] if place < 2 else SeatState.FREE
        rows.append(
            {
                "user_id": user,
                "state": SeatState.ON_CALL if call else usual,
                "since_at": datetime.fromisoformat(seconds.iso(since)),
                "call_id": call,
            }
        )
    numbers = [
        {"name": f"tickets:{day}", "value": value} for day, value in world.numbers_of_day.items()
    ]
    with unit_of_work():
        db.session.execute(insert(Seat), rows)
        db.session.execute(insert(Counter), numbers)


if __name__ == "__main__":
    main()

"""How long it takes until everybody has been told of many callbacks that fall due at once.

    .venv/bin/python -m bench.reminders --database sqlite:////tmp/reminders.sqlite --count 10000

The database is made when it is empty, and written to. Three sweeps as the ticker runs them, one
after the other: callbacks that are due soon (the owner hears: a line under the bell and a letter),
callbacks that are overdue (owner and shift leader hear, by short message too), and the sending of
all these messages to a carrier that takes each at once.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count as counting
from pathlib import Path
from time import perf_counter, process_time

import click
import sqlalchemy as sa
from flask_migrate import upgrade

from app import create_app
from bench.lines import Line, table
from bench.served import settings_for
from config import Config
from hotline import clock
from hotline.accounts import roster
from hotline.callbacks import jobs as callbacks
from hotline.callbacks import promises
from hotline.callers import service as callers
from hotline.outbox import jobs as outbox
from hotline.phone_numbers import normalise
from hotline.tickets import service as tickets
from hotline.unit_of_work import unit_of_work
from models import CallbackKind, Channel, OutboxMessage, Role, User, UserRole, db

OPERATORS = 20
AT_ONCE = 500  # owed in one unit of work
MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # ten in the morning: everybody may be told
SECONDS, EACH = 10.0, 1000  # for ten thousand
LIMIT = timedelta(hours=2)


class Taker:
    """A carrier that takes every message at once."""

    reaches_callers = proves_delivery = True

    def __init__(self) -> None:
        self.taken = 0

    def find(self, *_: object, **__: object) -> tuple[str, ...]:
        return ()

    def send(self, envelope: object) -> str:
        self.taken += 1
        return f"SM{self.taken:032d}"


@click.command()
@click.option("--database", default="", help="made when it is empty; it is written to")
@click.option("--count", default=10_000, show_default=True)
def main(database: str, count: int) -> None:
    """Print a table in Markdown."""
    with tempfile.TemporaryDirectory(prefix="huiyin-reminders-") as folder:
        url = database or f"sqlite:///{folder}/reminders.sqlite"
        found = []
        for line in measured(url, count, Path(folder)):
            click.echo(line.told(), err=True)
            found.append(line)
        click.echo(table(found))


def measured(database: str, count: int, folder: Path) -> Iterator[Line]:
    """The three sweeps over `count` callbacks each, one line after the other."""
    app = create_app(Config.from_env(settings_for(database, folder)))
    app.extensions["senders"] = dict.fromkeys(Channel, taker := Taker())
    with app.app_context(), morning() as move:
        upgrade()
        owners = _people()
        _owe(count, owners)
        move(LIMIT * 0.8)
        yield _timed("reminders_soon", "due soon", count, callbacks.remind_of_callbacks)
        move(LIMIT)
        yield _timed("reminders_overdue", "overdue", count, callbacks.remind_of_callbacks)
        waiting = db.session.scalar(sa.select(sa.func.count()).select_from(OutboxMessage)) or 0
        yield _timed("reminders_sent", "messages sent", waiting, outbox.deliver_due_messages)
        if taker.taken != waiting:
            raise AssertionError(f"{taker.taken} of {waiting} messages were sent")
        db.session.remove()
        db.engine.dispose()


def _timed(key: str, name: str, due: int, sweep: Callable[[], int]) -> Line:
    begun, computed = perf_counter(), process_time()
    done = sweep()
    took, computed = perf_counter() - begun, process_time() - computed
    if done != due:
        raise AssertionError(f"{name}: {done} of {due}")
    target, own = took / due * 10 * EACH, computed / due * EACH
    return Line(
        key=key,
        name=f"10,000 reminders, {name}",
        reached=target,
        lowest=target,
        highest=target,
        target=SECONDS,
        unit="s",
        ours=f"{due} in {took:.1f} s",
        by_processor=f"{own:.2f} ms each",
    )


@contextmanager
def morning() -> Iterator[Callable[[timedelta], None]]:
    """It is Monday morning in here, and time passes as it does; it can be moved on."""
    real, begun, moved = clock.now, perf_counter(), [timedelta(0)]
    clock.now = lambda: MONDAY + moved[0] + timedelta(seconds=perf_counter() - begun)

    def move(by: timedelta) -> None:
        moved[0] = max(moved[0], by)

    try:
        yield move
    finally:
        clock.now = real


def _people() -> list[int]:
    """Ids of operators with telephone and address; one of them leads the shift."""
    with unit_of_work():
        made = [
            User(
                username=f"reminded{number}",
                display_name=f"同事{number}",
                password_hash="-",  # noqa: S106 - nobody signs in with it
                email=f"reminded{number}@huiyin.example",
                phone_number=f"+86134000{number:05d}",
                created_at=clock.now(),
                role_rows=[UserRole(role=Role.OPERATOR)],
            )
            for number in range(OPERATORS + 1)
        ]
        db.session.add_all(made)
        db.session.flush()
        day = timedelta(hours=11)
        roster.add_shift(made[-1], clock.now() - day, clock.now() + day, is_leader=True)
        return [one.id for one in made[:-1]]


def _owe(number: int, owners: list[int]) -> None:
    """Promise so many callers a ring within two hours."""
    telephones = counting(1)
    for first in range(0, number, AT_ONCE):
        with unit_of_work():
            at = clock.now()
            people = [db.session.get_one(User, one) for one in owners]
            for place in range(first, min(first + AT_ONCE, number)):
                telephone = normalise(f"+86135{next(telephones):08d}")
                ticket = tickets.open_ticket(
                    caller=callers.guess(telephone, at=at), number=telephone.normalised, at=at
                )
                promises.promise(
                    ticket,
                    CallbackKind.TELL,
                    at=at,
                    owner=people[place % len(people)],
                    due_at=MONDAY + LIMIT,
                )


if __name__ == "__main__":
    main()

"""How long the pages take on the server, each beside a raw query for the same rows.

    python -m bench.pages --database sqlite:////tmp/million.sqlite

In this process, without a network: one request to warm up, then so many rounds. The clock stands
at the end of the generated data, so that "now" and "today" mean something.

Before that the figures of the days that are over are kept, as the sweep does, and then everything
that was written between two sweeps is noted as not yet swept: a report has no more to count live.
"""

import statistics
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import click
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from bench import raw, seconds
from bench.generate import application
from bench.house import PASSWORD
from bench.raw import Raw
from hotline import clock
from hotline.calendars.chinese import ZONE
from hotline.figures import jobs as figures
from hotline.unit_of_work import unit_of_work
from hotline.walls import service as walls
from models import FigureTouch, TicketEvent, User, db

ON_A_WALL = "a wall"
BETWEEN_SWEEPS = timedelta(minutes=5)  # hotline.scheduler
BIGGEST = """SELECT d.code FROM handoffs h JOIN departments d ON d.id = h.department_id
WHERE d.kind = 'office' AND h.ended_at IS NULL GROUP BY d.id, d.code ORDER BY count(*) DESC"""
IN_THE_MIDDLE = "SELECT {} FROM tickets WHERE id = (SELECT max(id) / 2 FROM tickets)"
# What a call just taken is about: a caller who has rung before.
KNOWN = """SELECT {} FROM tickets t WHERE t.status = 'open' AND t.callback_number <> '' ORDER BY
(SELECT count(*) FROM tickets o WHERE o.caller_id = t.caller_id) DESC, t.id DESC LIMIT 1"""
LONGEST = """SELECT ticket_id FROM ticket_events WHERE ticket_id > (SELECT max(id) - 5000 FROM
tickets) GROUP BY ticket_id ORDER BY count(*) DESC LIMIT 1"""


@dataclass(frozen=True)
class Page:
    """One address, who opens it, the same rows by the driver, and how fast it should be (ms)."""

    name: str
    user: str
    path: str
    same: tuple[str, ...]
    values: dict[str, Any]
    target: int | None = None


@click.command()
@click.option("--database", required=True)
@click.option("--rounds", default=20, show_default=True)
@click.option("--only", default="", help="pages whose name contains this")
def main(database: str, rounds: int, only: str) -> None:
    """Print a table in Markdown."""
    app = application(database)
    app.config["WTF_CSRF_ENABLED"] = False
    with Raw(database) as direct:
        at = last_instant(direct)
        clock.now = lambda: at  # for good in this process
        keep_figures(app, at)
        wanted = [page for page in pages(direct, at) if only in page.name]
        browsers = {name: sign_in(app, name) for name in {page.user for page in wanted}}
        click.echo("| Page | Target | p50 | p95 | CPU | Raw query | Page ÷ raw |")
        click.echo("|---|---:|---:|---:|---:|---:|---:|")
        for page in wanted:
            took = measured(browsers[page.user], page, rounds)
            click.echo(row(page, took, direct, rounds))


def last_instant(direct: Raw) -> datetime:
    """A second after the last that happened."""
    return _instant(direct.one("SELECT max(at) FROM ticket_events")) + timedelta(seconds=1)


def keep_figures(app: Flask, at: datetime) -> None:
    """Keep all days that are over, then note what was written between two sweeps."""
    began, days = time.perf_counter(), 0
    lately = select(TicketEvent.ticket_id).where(TicketEvent.at >= at - BETWEEN_SWEEPS)
    with app.app_context():
        while done := figures.keep_figures():
            days += done
        if days:
            click.echo(f"{days} days kept in {time.perf_counter() - began:.0f} s", err=True)
        with unit_of_work():
            ids = set(db.session.scalars(lately))
            db.session.add_all(FigureTouch(ticket_id=one) for one in sorted(ids))
            click.echo(f"{len(ids)} tickets written since", err=True)


def sign_in(app: Flask, username: str) -> FlaskClient:
    """A browser in which this person is signed in, or that is a screen on a wall."""
    client = app.test_client()
    if username == ON_A_WALL:
        answer = client.post("/wall", data={"token": _new_wall(app)})
    else:
        answer = client.post("/login", data={"username": username, "password": PASSWORD})
    if answer.status_code != 303:
        sys.exit(f"{username} cannot sign in: is this a database of bench.generate?")
    return client


def _new_wall(app: Flask) -> str:
    with app.app_context(), unit_of_work():
        supervisor = db.session.scalars(select(User).where(User.username == "sup")).one()
        _, token = walls.create("bench", locale="zh", actor=supervisor, at=clock.now())
    return token


def pages(direct: Raw, at: datetime) -> list[Page]:
    """What is measured, in the database as it is at `at`."""
    local = at.astimezone(ZONE)
    now, yesterday = _text(at), _text(at - timedelta(days=1))
    month_ends = datetime(local.year, local.month, 1, tzinfo=ZONE)
    month_began = (month_ends - timedelta(days=1)).replace(day=1)
    of_the_month = {"since": _text(month_began), "until": _text(month_ends)}
    year_began = datetime(local.year, 1, 1, tzinfo=ZONE)
    of_the_year = {"since": _text(year_began), "until": now}
    code = direct.one(BIGGEST)
    department = direct.one("SELECT id FROM departments WHERE code = :code", code=code)
    queue = {"department": department}
    board = {"at": now, "yesterday": yesterday}
    middle = direct.one(IN_THE_MIDDLE.format("opened_at")), direct.one(IN_THE_MIDDLE.format("id"))
    deep = _instant(middle[0])
    ticket = direct.one(LONGEST)
    month, year = f"{month_began:%Y-%m}", str(local.year)
    return [
        Page("live board", "sup", "/now/board", raw.BOARD, board, 50),
        Page("live board, whole page", "sup", "/now", raw.BOARD, board, 50),
        Page("live board on a wall", ON_A_WALL, "/wall/board", raw.BOARD, board, 50),
        Page("queue, to accept", f"{code}.head", "/queue", (raw.TO_ACCEPT,), queue, 50),
        Page("queue, in work", f"{code}.head", "/queue?tab=work", (raw.IN_WORK,), queue, 50),
        Page("queue, earlier", f"{code}.head", "/queue?tab=earlier", (raw.EARLIER,), queue, 50),
        Page("tickets, first page", "sup", "/tickets", (raw.TICKETS,), {"before": now}),
        Page(
            "tickets, deep page",
            "sup",
            f"/tickets?after={deep.timestamp():.6f}_{middle[1]}",
            (raw.TICKETS,),
            {"before": _text(deep)},
        ),
        Page("ticket", "sup", f"/tickets/{ticket}", raw.TICKET, {"ticket": ticket}),
        *found_and_worked(direct, local),
        Page("month report", "sup", f"/reports?period={month}", raw.REPORT, of_the_month, 500),
        Page("year report", "sup", f"/reports?period={year}", raw.REPORT, of_the_year, 2000),
        Page(
            "year report, a department's",
            f"{code}.head",
            f"/reports?period={year}",
            raw.REPORT,
            of_the_year,
        ),
        Page(
            "year report, over time",
            "sup",
            f"/reports/over-time?period={year}",
            raw.TREND,
            of_the_year,
            2000,
        ),
    ]


def found_and_worked(direct: Raw, local: datetime) -> list[Page]:
    """What is searched and what an operator and a supervisor have open all day."""
    number, known = direct.one(KNOWN.format("callback_number")), direct.one(KNOWN.format("id"))
    operator = direct.one("SELECT id FROM users WHERE username = 'op1'")
    typed, work = number.removeprefix("+86"), {"owner": operator}
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    night = {
        "evening": _text(midnight - timedelta(hours=6, minutes=30)),
        "morning": _text(midnight + timedelta(hours=9)),
    }
    return [
        Page("by number", "op1", f"/tickets?q={typed}", (raw.BY_NUMBER,), {"number": number}),
        Page(
            "by last four digits",
            "op1",
            f"/tickets?q={typed[-4:]}",
            (raw.BY_LAST_DIGITS,),
            {"digits": typed[-4:]},
        ),
        Page("workspace", "op1", "/workspace", raw.OWN_WORK, work),
        Page(
            "workspace, known caller",
            "op1",
            f"/workspace/{known}",
            raw.KNOWN_CALLER + raw.OWN_WORK,
            work | {"ticket": known},
        ),
        Page("morning", "op1", "/morning", raw.NIGHT, night),
        Page("supervised", "sup", "/supervised", raw.SUPERVISED, {}),
    ]


@dataclass(frozen=True)
class Took:
    """The milliseconds of one round: on the wall, and of this process alone."""

    wall: float
    processor: float


def measured(client: FlaskClient, page: Page, rounds: int) -> list[Took]:
    """How long each round took, without the one that warms up."""
    took = []
    for _ in range(rounds + 1):
        began, began_here = time.perf_counter(), time.process_time()
        answer = client.get(page.path)
        took.append(
            Took((time.perf_counter() - began) * 1000, (time.process_time() - began_here) * 1000)
        )
        if answer.status_code != 200:
            sys.exit(f"{page.path} answers {answer.status_code}")
    return took[1:]


def row(page: Page, took: list[Took], direct: Raw, rounds: int) -> str:
    """One line of the table."""
    times = range(rounds + 1)
    beside = statistics.median([direct.seconds(page.same, page.values) * 1000 for _ in times][1:])
    wall = [one.wall for one in took]
    middle, here = statistics.median(wall), statistics.median(one.processor for one in took)
    target = f"{page.target} ms" if page.target else "–"
    figures = [_ms(value) for value in (middle, p95(wall), here, beside)]
    return f"| {page.name} | {' | '.join([target, *figures, f'{middle / beside:.1f}'])} |"


def p95(values: Iterable[float]) -> float:
    """By nearest rank."""
    ordered = sorted(values)
    return ordered[-(-len(ordered) * 95 // 100) - 1]


def _ms(value: float) -> str:
    return f"{value:.1f} ms" if value < 100 else f"{value:,.0f} ms"


def _text(at: datetime) -> str:
    return seconds.text(seconds.of(at))


def _instant(value: str | datetime) -> datetime:
    if isinstance(value, str):
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    return value


if __name__ == "__main__":
    main()

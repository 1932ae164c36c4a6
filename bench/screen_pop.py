"""How soon an operator sees the call that rings, while two hundred of them have the page open."""

import re
import statistics
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor
from pathlib import Path
from urllib.parse import parse_qs

from flask import Flask
from sqlalchemy import select

from bench import visitors
from bench.agents import Ring, Watched, watch
from bench.lines import Line, ms
from bench.served import HOTLINE, serving
from bench.visitors import Company
from hotline.scheduler import JOBS, run_job
from models import Call, db

# As docs/operations.md says for so many: a thread for every stream, and some for the pages.
FOR_TWO_HUNDRED = {"THREADS": "256", "MAX_STREAMS": "220"}
RUNG = re.compile(r"sip:seat-(\d+)@")
TARGET = 300  # milliseconds
NEVER = float("inf")


def measured(
    app: Flask,
    settings: Mapping[str, str],
    folder: Path,
    client: Executor,
    calls: int,
    rate: float,
    settle: float,
) -> Iterator[Line]:
    """From a webhook's first byte to what stream and screen of whoever is rung say.

    The calls begin `settle` seconds after the last stream: the ticker's first sweeps are over then.
    """
    agents = visitors.hire_agents(app)
    for job in JOBS:  # what is due since the database was made is no part of it
        run_job(app, job)
    visitors.seat_agents(app, agents)
    cookies = visitors.cookies_of(app, agents)
    served = serving(
        HOTLINE, {**settings, **FOR_TWO_HUNDRED, "TICKER": "on"}, folder / "servers.log"
    )
    with served as hotline:
        rings = list(_rings(Company(app, hotline.port), calls))
        before = hotline.cpu_seconds()
        watched = client.submit(watch, hotline.port, cookies, rings, rate, settle).result()
        used = hotline.cpu_seconds() - before
    yield from _lines(app, watched, used, len(agents))


def _rings(company: Company, calls: int) -> Iterator[Ring]:
    for webhook in company.calls(calls):
        form = parse_qs(webhook.body.decode())
        yield Ring(webhook, form["CallSid"][0], form["From"][0].removeprefix("+86"))


def _lines(app: Flask, watched: Watched, used: float, agents: int) -> Iterator[Line]:
    with app.app_context():
        found = select(Call.call_ref, Call.id).where(
            Call.call_ref.in_([one.call_ref for one in watched.sent])
        )
        ids = {row.call_ref: row.id for row in db.session.execute(found)}
    screens = {screen.agent: screen for screen in watched.screens}
    heard, shown = [], []
    for one in watched.sent:
        rung = RUNG.search(one.answer)
        screen = screens[int(rung[1])] if rung else None
        at = screen.heard.get(ids.get(one.call_ref, 0), NEVER) if screen else NEVER
        seen = (at for at, digits in screen.shown if one.digits in digits) if screen else ()
        heard.append((at - one.at) * 1000)
        shown.append((min(seen, default=NEVER) - one.at) * 1000)
    answered = [(one.answered_at - one.at) * 1000 for one in watched.sent]
    asked = sum(screen.asked for screen in watched.screens)
    refused = sum(screen.refused for screen in watched.screens)
    yield _line(f"screen pop p99, {agents} live agents", shown, TARGET)
    yield _line("the event in the stream alone, p99", heard, None)
    yield _line("the answer to the webhook meanwhile, p99", answered, None)
    seconds = max(one.answered_at for one in watched.sent) - min(one.at for one in watched.sent)
    busy = used / seconds * 100
    yield Line(
        key="pop",
        name="the processor of the server meanwhile",
        reached=busy,
        lowest=busy,
        highest=busy,
        unit="%",
        ours=f"{asked} parts of pages, {refused} refused",
    )
    yield _line("the client comes late by itself, p99", [one * 1000 for one in watched.late], None)
    computed = watched.computed / seconds * 100
    yield Line(
        key="pop",
        name="the processor of the client meanwhile",
        reached=computed,
        lowest=computed,
        highest=computed,
        unit="%",
    )


def _line(name: str, values: list[float], target: float | None) -> Line:
    values = sorted(values)
    p99 = values[-(-len(values) * 99 // 100) - 1]
    return Line(
        key="pop",
        name=name,
        reached=p99,
        lowest=values[0],
        highest=values[-1],
        target=target,
        unit="ms",
        ours=f"p50 {ms(statistics.median(values))}, {len(values)} times",
    )

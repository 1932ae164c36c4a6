"""How much memory the serving process takes, beside the libraries alone that it has loaded.

Proportional shares (PSS) of /proc/PID/smaps_rollup: what several processes share counts in part.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor
from contextlib import contextmanager
from itertools import chain, repeat
from pathlib import Path

from flask import Flask

from bench import visitors
from bench.client import Asked, drive
from bench.lines import Line
from bench.served import HOTLINE, PROXIES, ROOT, Served, memory_mb, serving
from bench.visitors import Company

OURS = ("app", "bench", "config", "hotline", "models", "migrations", "tests", "__main__")
LOADED = """
import json, os, sys
from app import create_app
import hotline.half_requests
create_app()
print(json.dumps(sorted(sys.modules)))
"""
LIBRARIES = """
import importlib, sys
for name in {}:
    try:
        importlib.import_module(name)
    except Exception:
        pass
print("ready", flush=True)
sys.stdin.readline()
"""
CONNECTIONS = 8
STILL_SECONDS, STILL_MB, SETTLED_SECONDS = 8, 0.5, 90


def measured(
    app: Flask, settings: Mapping[str, str], folder: Path, client: Executor, requests: int
) -> Iterator[Line]:
    """At rest after the start, then after so many calls and as many pages of each kind."""
    agents = visitors.hire_agents(app)
    visitors.seat_agents(app, agents)
    cookie = visitors.cookie_of(app, "sup")
    served = serving(HOTLINE, {**settings, "TICKER": "on"}, folder / "servers.log")
    with served as hotline, libraries(settings) as bare:
        company = Company(app, hotline.port)
        start, alone = at_rest(hotline), memory_mb(bare.pid)
        pages = [_page(path, cookie) for path in ("/tickets", "/queue", "/reports", "/now")]
        load = chain(company.calls(requests), *(repeat(page, requests) for page in pages))
        wire = [asked.on_the_wire(hotline.port) for asked in load]
        client.submit(drive, hotline.port, wire, CONNECTIONS).result()
        after = hotline.memory_mb()
    yield _line("memory after start, beside the libraries alone", start, alone, 1.3)
    yield _line(f"memory after {len(wire)} requests, beside the start", after, start, 1.15)


def at_rest(served: Served) -> float:
    """Its memory once all that happens by itself has happened once, whatever the machine does
    besides: nothing was added for some seconds.
    """
    last, since, over_at = served.memory_mb(), time.monotonic(), time.monotonic() + SETTLED_SECONDS
    while time.monotonic() - since < STILL_SECONDS and time.monotonic() < over_at:
        time.sleep(0.5)
        if abs((now := served.memory_mb()) - last) > STILL_MB:
            last, since = now, time.monotonic()
    return served.memory_mb()


@contextmanager
def libraries(settings: Mapping[str, str]) -> Iterator["subprocess.Popen[str]"]:
    """A process that has imported what the hotline has, and nothing of ours."""
    bare = {name: value for name, value in os.environ.items() if name.lower() not in PROXIES}
    loaded = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", LOADED],
        cwd=ROOT,
        env=bare | settings,
        stdout=subprocess.PIPE,
        check=True,
    )
    names = json.loads(loaded.stdout.splitlines()[-1])
    theirs = [name for name in names if name.partition(".")[0] not in OURS]
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", LIBRARIES.format(theirs)],
        cwd="/",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        process.stdout.readline()  # type: ignore[union-attr]
        yield process
    finally:
        process.communicate("over\n")


def _page(path: str, cookie: str) -> Asked:
    return Asked("GET", path, {"Cookie": cookie, "Accept": "text/html"})


def _line(name: str, ours: float, beside: float, target: float) -> Line:
    return Line(
        key="memory",
        name=name,
        reached=ours / beside,
        lowest=ours / beside,
        highest=ours / beside,
        target=target,
        ours=f"{ours:.0f} MB",
        floor=f"{beside:.0f} MB",
    )

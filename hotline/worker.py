"""`flask worker`: what happens by itself, in a process of its own, of which there may be many.

One of them ticks (hotline.leadership). On PostgreSQL all of them deliver.
"""

import asyncio
import signal
import threading
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from hotline.scheduler import Ticker
from models import db

STOPS = (signal.SIGTERM, signal.SIGINT)


@click.command("worker")
@with_appcontext
def worker() -> None:
    """Tick and deliver until SIGTERM. There may be several; one of them ticks."""
    proxy: Any = current_app
    app: Flask = proxy._get_current_object()
    ticker = Ticker(app)
    try:
        if db.engine.dialect.name == "postgresql":
            asyncio.run(_tick_and_deliver(app, ticker))
        else:
            _tick(ticker)
    finally:
        ticker.stop()


def _tick(ticker: Ticker) -> None:
    told_to_stop = threading.Event()
    for number in STOPS:
        signal.signal(number, lambda *_: told_to_stop.set())
    ticker.start()
    told_to_stop.wait()


async def _tick_and_deliver(app: Flask, ticker: Ticker) -> None:
    from hotline import deliveries  # procrastinate takes memory, and is of no use on SQLite

    told_to_stop = asyncio.Event()
    for number in STOPS:
        asyncio.get_running_loop().add_signal_handler(number, told_to_stop.set)
    ticker.start()
    await deliveries.serve(app, told_to_stop)

"""The hotline and the bare floor side by side on one database, and what each is asked for."""

import statistics
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import Self

from flask import Flask

from app import create_app
from bench import floor, visitors
from bench.client import Asked
from bench.lines import ms
from bench.raw import Raw
from bench.rounds import Beside, Side, alternate
from bench.served import FLOOR, HOTLINE, Served, serving, settings_for
from config import Config
from models import db


@dataclass(frozen=True)
class Pair:
    """Both servers, running; the hotline in this process too, for what has no address."""

    app: Flask
    hotline: Served
    floor: Served
    direct: Raw
    agents: list[int]
    newest: int  # the ticket before which nothing changes

    @classmethod
    @contextmanager
    def opened(cls, database: str, folder: Path) -> Iterator[Self]:
        settings = settings_for(database, folder)
        config = Config.from_env(settings)
        app, bare = create_app(config), floor.create_app(config)
        agents = visitors.hire_agents(app)
        with bare.app_context():
            floor.db.metadata.create_all(floor.db.engine, tables=[floor.FloorCall.__table__])
        log = folder / "servers.log"
        try:
            with (
                Raw(database) as direct,
                serving(HOTLINE, settings, log) as ours,
                serving(FLOOR, settings, log) as theirs,
            ):
                newest = direct.one("SELECT max(id) FROM tickets")
                yield cls(app, ours, theirs, direct, agents, newest)
        finally:
            floor.let_go(app, db)
            floor.let_go(bare, floor.db)

    def compared(
        self,
        client: Executor,
        ours: Callable[[int], Iterable[Asked]],
        theirs: Callable[[int], Iterable[Asked]],
        **how: int,
    ) -> Beside:
        mine, bare = Side(self.hotline, ours), Side(self.floor, theirs)
        return alternate(client, mine, bare, **how)

    def page(self, username: str, target: str) -> Callable[[int], Iterable[Asked]]:
        """This page, as often as wanted, by somebody who is signed in."""
        headers = {"Cookie": visitors.cookie_of(self.app, username), "Accept": "text/html"}
        asked = Asked("GET", target, headers)
        return lambda count: repeat(asked, count)

    def of_the_floor(self, target: str) -> Callable[[int], Iterable[Asked]]:
        return lambda count: repeat(Asked("GET", target, {}), count)

    def list_of(self, rows: int) -> Callable[[int], Iterable[Asked]]:
        return self.of_the_floor(f"/list?before={self.newest}&rows={rows}")

    def raw(self, statements: tuple[str, ...], **values: object) -> str:
        """How long the driver alone takes for the same rows."""
        took = [self.direct.seconds(statements, values) for _ in range(12)]
        return ms(statistics.median(took[1:]) * 1000)

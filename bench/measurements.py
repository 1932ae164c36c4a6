"""What is measured as requests beside the floor: a call, the queue, a ticket, a search."""

import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor

from sqlalchemy import select

from bench import lines, raw, visitors
from bench.client import Asked
from bench.lines import Line, ms
from bench.pages import BIGGEST, KNOWN
from bench.pair import Pair
from bench.visitors import Company
from hotline import clock
from hotline.tickets import lists
from hotline.tickets.filters import Asked as AskedBy
from hotline.tickets.filters import Filter
from models import User, db

MANY = 8  # connections
# Closed tickets that went through a department, from the shortest story to the longest.
STORIES = """SELECT ticket_id FROM ticket_events WHERE ticket_id IN (SELECT h.ticket_id FROM
handoffs h JOIN tickets t ON t.id = h.ticket_id WHERE t.status = 'closed' AND h.ticket_id >
(SELECT max(id) - 5000 FROM tickets WHERE status = 'closed'))
GROUP BY ticket_id ORDER BY count(*), ticket_id"""
LIST = """SELECT id, number, subject, question, status, urgency, callback_number, department_id,
opened_at, closed_at FROM tickets WHERE id < :before ORDER BY id DESC LIMIT 50"""
BATCH = 100  # searches of a round


def log(pair: Pair, client: Executor, rounds: int, requests: int) -> Iterator[Line]:
    """The first signed webhook of a call from an unknown number, with a free operator to ring."""
    company = Company(pair.app, pair.hotline.port)
    bare = Company(pair.app, pair.floor.port)

    def ours(count: int) -> Iterable[Asked]:
        visitors.seat_agents(pair.app, pair.agents)
        return company.calls(count)

    def theirs(count: int) -> Iterable[Asked]:
        return map(bare.to_the_floor, bare.calls(count))

    found = pair.compared(client, ours, theirs, connections=MANY, requests=requests, rounds=rounds)
    yield lines.a_second("log", f"log a call, {MANY} connections", found, target=0.4)
    found = pair.compared(client, ours, theirs, connections=1, requests=requests, rounds=rounds)
    insert = ms(statistics.median(pair.direct.inserts(requests)) * 1000)
    yield lines.p50("log", "log a call, one connection", found, target=3, raw=insert)


def queue(pair: Pair, client: Executor, rounds: int, requests: int) -> Iterator[Line]:
    """A full page of what the biggest office works on."""
    code = pair.direct.one(BIGGEST)
    department = pair.direct.one("SELECT id FROM departments WHERE code = :code", code=code)
    page = pair.page(f"{code}.head", "/queue?tab=work")
    same = pair.raw((raw.IN_WORK,), department=department)
    how = {"connections": 1, "requests": requests, "rounds": rounds}
    found = pair.compared(client, page, pair.list_of(50), **how)
    yield lines.p50("queue", "queue page", found, target=2.9, raw=same)
    found = pair.compared(client, pair.page("sup", "/tickets"), pair.list_of(50), **how)
    same = pair.raw((LIST,), before=pair.newest)
    yield lines.p50("queue", "list of 50 tickets", found, target=None, raw=same)


def ticket(pair: Pair, client: Executor, rounds: int, requests: int) -> Iterator[Line]:
    """A closed ticket that went through a department, with as many events as most; the longest."""
    stories = [row[0] for row in pair.direct.rows(STORIES, {})]
    how = {"connections": 1, "requests": requests, "rounds": rounds}
    typical, longest = stories[len(stories) // 2], stories[-1]
    page = pair.page("sup", f"/tickets/{typical}")
    same = pair.raw(raw.TICKET, ticket=typical)
    found = pair.compared(client, page, pair.list_of(50), **how)
    yield lines.p50("ticket", "open a ticket, beside the list", found, target=3, raw=same)
    one = pair.of_the_floor(f"/row/{typical}")
    found = pair.compared(client, page, one, **how)
    yield lines.p50("ticket", "open a ticket, beside one row", found, target=None, raw=same)
    page = pair.page("sup", f"/tickets/{longest}")
    same = pair.raw(raw.TICKET, ticket=longest)
    found = pair.compared(client, page, pair.list_of(50), **how)
    yield lines.p50(
        "ticket", "open the longest ticket, beside the list", found, target=None, raw=same
    )


def search(pair: Pair, client: Executor, rounds: int, requests: int) -> Iterator[Line]:
    """A caller's number, as the page of tickets looks for it; then that page."""
    number = pair.direct.one(KNOWN.format("callback_number"))
    typed = number.removeprefix("+86")
    same = pair.raw((raw.BY_NUMBER,), number=number)
    took = [statistics.median(_searched(pair, typed)) * 1000 for _ in range(rounds)]
    yield Line(
        key="search",
        name="search a number",
        reached=statistics.median(took),
        lowest=min(took),
        highest=max(took),
        target=3,
        unit="ms",
        ours=ms(statistics.median(took)),
        raw=same,
    )
    page = pair.page("op1", f"/tickets?q={typed}")
    found = pair.compared(
        client, page, pair.list_of(50), connections=1, requests=requests, rounds=rounds
    )
    yield lines.p50("search", "search a number, the page", found, target=None, raw=same)


def _searched(pair: Pair, typed: str) -> Iterator[float]:
    """Seconds of each search, all its rows fetched, as a request does it: nothing is loaded yet."""
    for _ in range(BATCH):
        with pair.app.test_request_context():
            asks = db.session.scalars(select(User).where(User.username == "op1")).one()
            began = time.perf_counter()
            found = lists.page_of(Filter(q=typed), AskedBy(asks, clock.now()))
            yield time.perf_counter() - began
        if not found.tickets:
            raise RuntimeError("nobody was found")


MEASUREMENTS: dict[str, Callable[[Pair, Executor, int, int], Iterator[Line]]] = {
    "log": log,
    "queue": queue,
    "ticket": ticket,
    "search": search,
}

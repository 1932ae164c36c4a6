"""Two hundred operators with the workspace open, as far as a server notices them.

Each holds a stream of live updates, and asks for the parts of the page that follow them when
static/js/parts.js would. In a process of its own, like everything that only asks.
"""

import asyncio
import json
import random
import time
from dataclasses import dataclass, field
from typing import Any

from bench.client import HOST, Asked, Refused

# Seconds, of static/js/parts.js.
TOGETHER, APART, AGAIN, SPREAD_EACH, APART_EACH = 0.05, 1.0, 5.0, 0.2, 0.2
PARTS = {  # of the workspace: what they follow
    "/workspace/now": {"own-call", "seat"},
    "/workspace/waiting": {"call"},
    "/workspace/work": {"callbacks", "ticket"},
    "/today": {"sheet", "bell"},
    "/chrome/call": {"own-call", "seat", "bell", "emergency"},
    "/chrome/owed": {"ticket", "callbacks"},
    "/chrome/bell": {"bell"},
    "/seat": {"seat"},
}
SCREEN = "/workspace/now"
LATEST_SECONDS = 20.0  # then whoever was not shown never was
LIMIT = 1 << 20
NEVER = float("inf")


@dataclass(frozen=True)
class Ring:
    """One call: the webhook, and the digits that the screen of whoever is rung must show."""

    webhook: Asked
    call_ref: str
    digits: str


@dataclass(frozen=True)
class Sent:
    """When a webhook began, and when its answer was there: by `time.monotonic`."""

    call_ref: str
    digits: str
    at: float
    answered_at: float
    answer: str


@dataclass(eq=False)
class Part:
    """One part of a page, as static/js/parts.js knows it."""

    url: str
    is_stale: bool = False
    can_wait: bool = False
    asking: asyncio.Task[None] | None = None
    is_waiting: bool = False  # what is being asked can wait
    asked_at: float = 0.0
    hurried_at: float = 0.0
    asks_at: float = NEVER


@dataclass
class Screen:
    """One operator's page."""

    agent: int
    cookie: str
    heard: dict[int, float] = field(default_factory=dict)  # when it heard that this call rings
    shown: list[tuple[float, str]] = field(default_factory=list)  # the screen part, digits alone
    asked: int = 0
    refused: int = 0


@dataclass(frozen=True)
class Watched:
    """What happened while the calls came in."""

    sent: list[Sent]
    screens: list[Screen]
    computed: float  # processor seconds of this process while the calls came
    late: list[float]  # by how many seconds this process came back too late from many short sleeps


def watch(
    port: int, cookies: dict[int, str], rings: list[Ring], a_second: float, settle: float
) -> Watched:
    """Open a stream for each of `cookies` (by operator); `settle` seconds later the calls ring."""
    return asyncio.run(Agents(port).watch(cookies, rings, a_second, settle))


def _are_shown(sent: list[Sent], screens: list[Screen]) -> bool:
    shown = [digits for screen in screens for _, digits in screen.shown]
    return all(any(one.digits in digits for digits in shown) for one in sent)


async def _look_how_late(late: list[float]) -> None:
    """What is measured is the server only as long as whoever asks is not late itself."""
    while True:
        began = time.monotonic()
        await asyncio.sleep(TOGETHER)
        late.append(time.monotonic() - began - TOGETHER)


class Agents:
    def __init__(self, port: int) -> None:
        self._port = port
        self._tasks: set[asyncio.Task[Any]] = set()
        self._parts: dict[int, list[Part]] = {}  # of each operator's page

    async def watch(
        self, cookies: dict[int, str], rings: list[Ring], a_second: float, settle: float
    ) -> Watched:
        screens = [Screen(agent, cookie) for agent, cookie in cookies.items()]
        self._parts = {agent: [Part(url) for url in PARTS] for agent in cookies}
        opened = [asyncio.Event() for _ in screens]
        for screen, event in zip(screens, opened, strict=True):
            self._begin(self._listen(screen, event))
            await asyncio.wait_for(event.wait(), 30)
        await asyncio.sleep(settle)
        dice, sent, posts = random.Random(1), [], []  # noqa: S311 - when calls come
        began, late = time.process_time(), []
        self._begin(_look_how_late(late))
        for ring in rings:
            await asyncio.sleep(dice.expovariate(a_second))
            posts.append(asyncio.create_task(self._post(ring, sent)))
        await asyncio.gather(*posts)
        until = time.monotonic() + LATEST_SECONDS
        while time.monotonic() < until and not _are_shown(sent, screens):
            await asyncio.sleep(TOGETHER)
        for task in self._tasks:
            task.cancel()
        return Watched(sent, screens, time.process_time() - began, late)

    def _begin(self, work: Any) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _post(self, ring: Ring, sent: list[Sent]) -> None:
        began = time.monotonic()
        try:
            answer = await self._ask(ring.webhook)
        except (OSError, Refused) as error:
            answer = str(error)
        sent.append(Sent(ring.call_ref, ring.digits, began, time.monotonic(), answer))

    async def _ask(self, asked: Asked) -> str:
        """The body of the answer, on a connection of its own. Raises Refused when it is not 200."""
        headers = {**asked.headers, "Connection": "close"}
        request = Asked(asked.method, asked.target, headers, asked.body)
        reader, writer = await asyncio.open_connection(HOST, self._port, limit=LIMIT)
        try:
            writer.write(request.on_the_wire(self._port))
            answer = await reader.read(-1)
        finally:
            writer.close()
        head, _, body = answer.partition(b"\r\n\r\n")
        if head.split(b" ")[1:2] != [b"200"]:
            raise Refused(answer[:200].decode())
        return body.decode()

    async def _listen(self, screen: Screen, opened: asyncio.Event) -> None:
        headers = {"Cookie": screen.cookie, "Accept": "text/event-stream"}
        reader, writer = await asyncio.open_connection(HOST, self._port, limit=LIMIT)
        writer.write(Asked("GET", "/live", headers).on_the_wire(self._port))
        try:
            async for line in reader:
                if line.startswith(b"retry:"):
                    opened.set()
                if line.startswith(b"data: "):
                    self._hear(screen, json.loads(line[6:]))
        finally:
            writer.close()

    def _hear(self, screen: Screen, update: dict[str, Any]) -> None:
        now, kind, data = time.monotonic(), update["kind"], update["data"]
        if kind == "call" and data.get("state") == "ringing":
            screen.heard[data["call"]] = now
        among = update.get("among", 0)
        followed = {kind} if among else {kind, f"own-{kind}"}
        for part in (part for part in self._parts[screen.agent] if followed & PARTS[part.url]):
            if not among and part.is_waiting and part.asking:
                part.asking.cancel()
                part.asking, part.is_waiting = None, False
            part.can_wait = among > 0 and (part.can_wait or not part.is_stale)
            part.is_stale = True
            pause = TOGETHER + random.random() * among * SPREAD_EACH  # noqa: S311
            self._ask_soon(screen, part, pause, among * APART_EACH)

    def _ask_soon(self, screen: Screen, part: Part, pause: float, apart: float = 0.0) -> None:
        before = part.asked_at if part.can_wait else part.hurried_at
        at = max(time.monotonic() + pause, before + max(APART, apart))
        if part.asks_at > at:
            part.asks_at = at
            self._begin(self._ask_at(at, screen, part))

    async def _ask_at(self, at: float, screen: Screen, part: Part) -> None:
        await asyncio.sleep(at - time.monotonic())
        if part.asks_at != at:
            return  # it was brought forward
        part.asks_at = NEVER
        if not part.is_stale or part.asking:
            return
        part.is_stale, part.is_waiting, part.asked_at = False, part.can_wait, time.monotonic()
        if not part.can_wait:
            part.hurried_at = part.asked_at
        part.asking = self._begin(self._fetch(screen, part))

    async def _fetch(self, screen: Screen, part: Part) -> None:
        screen.asked += 1
        headers = {"Cookie": screen.cookie, "HX-Request": "true", "Accept": "*/*"}
        if part.can_wait:
            headers["Huiyin-Can-Wait"] = "yes"
        pause = TOGETHER
        try:
            body = await self._ask(Asked("GET", part.url, headers))
        except (OSError, Refused):
            screen.refused += 1
            part.is_stale, pause = True, AGAIN
        else:
            if part.url == SCREEN:
                digits = "".join(filter(str.isdigit, body))
                screen.shown.append((time.monotonic(), digits))
        part.asking, part.is_waiting = None, False
        if part.is_stale and part.asks_at == NEVER:
            self._ask_soon(screen, part, pause)

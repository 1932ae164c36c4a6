"""The telephone company of these tests: its calls, its REST interface, its callers.

It carries out our TwiML as the simulated company does; the line and the books are its own.
"""

import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from threading import Thread

from flask import Flask
from werkzeug.serving import make_server

from hotline import clock
from hotline.telephony.cli import Quiet
from hotline.telephony.simulator import rest
from hotline.telephony.simulator.exchange import Exchange
from hotline.telephony.simulator.ledger import Call, Knobs, Mode, Post
from tests.ports import free_port
from tests.torture.books import Books
from tests.torture.line import Line, Plan

ROOT = Path(__file__).parents[2]
ACCOUNT, TOKEN = "AC" + "7" * 32, "the token of the company in these tests"
PUBLIC_BASE_URL, US = "https://hotline.example", "+8675512351000"
HOOKS = f"{PUBLIC_BASE_URL}/hooks/twilio"
CALLERS = 16  # who ring at the same time
POSTMEN = 4  # who deliver receipts at the same time
A_MOMENT = 0.5
LASTED = timedelta(seconds=40)


class Company(Exchange):
    """An account at a company that calls itself Twilio."""

    def __init__(self, books: Books, line: Line) -> None:
        super().__init__(books, line, number=US)
        self._hooks = HOOKS


@dataclass
class Provider:
    """The company, and people who ring through it."""

    port: int  # of its REST interface
    hotline_port: int
    plan: Plan = field(default_factory=Plan)
    books: Books = field(default_factory=Books)
    began: int = 0  # calls so far
    ended: int = 0
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.line = Line(
            self.books, ACCOUNT, TOKEN, PUBLIC_BASE_URL, HOOKS, self.hotline_port, self.plan
        )
        self.company = Company(self.books, self.line)

    def settings(self) -> dict[str, str]:
        """What the environment of a hotline says that has its number from this company."""
        return {
            "TELEPHONY": "twilio",
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "TWILIO_NUMBER": US,
            "TWILIO_API_BASE_URL": f"http://127.0.0.1:{self.port}",
            "PUBLIC_BASE_URL": PUBLIC_BASE_URL,
            "PORT": str(self.hotline_port),
        }

    def calls(
        self,
        number: int,
        *,
        at_once: int = CALLERS,
        every: float = 0.0,
        ago: Callable[[int], timedelta] = lambda place: LASTED,
        is_lost: Callable[[int], bool] = lambda place: False,
    ) -> None:
        """Let so many people ring, each from a telephone of their own; return when all hung up.

        `every` is how long each waits before ringing, `ago` says how long before now the call of
        that place began, `is_lost` whether no word of it reaches the hotline.
        """
        with self._postman(), ThreadPoolExecutor(at_once) as people:

            def ring(place: int) -> None:
                threading.Event().wait(every)
                self._call(place, ago(place), is_lost(place))

            for _ in people.map(ring, range(number)):
                pass

    def deliver_receipts(self) -> None:
        """Tell the hotline how far its short messages have come."""
        with ThreadPoolExecutor(POSTMEN) as postmen:
            for _ in postmen.map(self._deliver, self.books.take_receipts()):
                pass

    def _deliver(self, post: Post) -> None:
        self.line.deliver(post, Knobs(), clock.now())

    @contextmanager
    def _postman(self) -> Iterator[None]:
        """Receipts are delivered meanwhile, as soon as there are some."""
        over = threading.Event()

        def deliver() -> None:
            while not over.wait(A_MOMENT):
                self.deliver_receipts()

        postman = Thread(target=deliver)
        postman.start()
        try:
            yield
        finally:
            over.set()
            postman.join()

    def all_calls(self) -> list[Call]:
        return [one for one in self.books.calls(rest.BEGINNING) if not one.parent_sid]

    def _call(self, place: int, ago: timedelta, lost: bool) -> None:
        """Ring, hear the hotline, and leave a message, or hang up."""
        began_at = clock.now() - ago
        number = f"+86134900{next(self._numbers):05d}"
        self.began += 1
        call = self.company.dial_in(number, began_at, Knobs(drop=lost))
        if lost:
            self.books.lost.add(call.sid)
        over_at = began_at + LASTED
        leaves_message = random.Random(place).random() < 0.5
        if leaves_message and call.mode is Mode.RECORDING:
            call = self.company.speak(call.sid, over_at)
        if call.mode is not Mode.ENDED:
            self.company.hang_up(call.sid, over_at)
        self.ended += 1


@contextmanager
def reachable(provider: Provider) -> Iterator[Provider]:
    """Serve the company's REST interface meanwhile."""
    app = Flask("provider", static_folder=str(ROOT / "static"), root_path=str(ROOT))
    app.extensions["exchange"] = provider.company
    app.register_blueprint(rest.bp)
    server = make_server("127.0.0.1", provider.port, _below(app), threaded=True,
                         request_handler=Quiet)  # fmt: skip
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def new_provider(plan: Plan) -> Provider:
    return Provider(free_port(), free_port(), plan)


def _below(app: Flask) -> Callable:
    """The real company has its interface at the root of its address."""

    def serve(environ, start_response):
        if not environ["PATH_INFO"].startswith("/simulator"):
            environ["PATH_INFO"] = "/simulator" + environ["PATH_INFO"]
        return app(environ, start_response)

    return serve

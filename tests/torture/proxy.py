"""A slow way to PostgreSQL: every answer of the server is kept back for a while."""

import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import sqlalchemy as sa

SIZE = 65536


@dataclass
class Delay:
    seconds: float = 0.0


@contextmanager
def slow_proxy(url: str) -> Iterator[tuple[str, Delay]]:
    """The address of a proxy before the server of `url`, and how long it keeps answers back."""
    there = sa.make_url(url)
    delay, over = Delay(), threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.settimeout(0.1)
        keeper = threading.Thread(target=_keep, args=(door, there, delay, over), daemon=True)
        keeper.start()
        here = there.set(host="127.0.0.1", port=door.getsockname()[1], query={})
        try:
            yield here.render_as_string(hide_password=False), delay
        finally:
            over.set()
            keeper.join()


def _keep(door: socket.socket, there: sa.URL, delay: Delay, over: threading.Event) -> None:
    threads = []
    while not over.is_set():
        with suppress(TimeoutError):
            client, _ = door.accept()
            server = _reach(there)
            pump = threading.Thread(target=_pump, args=(client, server, delay, over), daemon=True)
            pump.start()
            threads.append(pump)
    for pump in threads:
        pump.join()


def _reach(there: sa.URL) -> socket.socket:
    host, port = there.query.get("host", there.host), there.port or 5432
    if not str(host).startswith("/"):
        return socket.create_connection((str(host), port))
    server = socket.socket(socket.AF_UNIX)
    server.connect(f"{host}/.s.PGSQL.{port}")
    return server


def _pump(client: socket.socket, server: socket.socket, delay: Delay, over) -> None:
    """Carry bytes both ways until one side parts; what the server says comes late."""
    with client, server, suppress(OSError):
        while not over.is_set():
            ready, _, _ = select.select([client, server], [], [], 0.1)
            for side in ready:
                data = side.recv(SIZE)
                if not data:
                    return
                if side is server:
                    _wait(delay, over)
                (client if side is server else server).sendall(data)


def _wait(delay: Delay, over: threading.Event) -> None:
    begun = time.monotonic()
    while time.monotonic() - begun < delay.seconds and not over.is_set():
        over.wait(0.02)

"""A browser without a screen: requests that were prepared before, on connections that stay open.

It lives in a process of its own, so that what it computes is no time of the server; and it parses
no more of an answer than it must, so that little of it is time at all.
"""

import multiprocessing
import socket
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

HOST = "127.0.0.1"
PATIENCE_SECONDS = 30


class Refused(Exception):
    """An answer was not the one expected."""


@dataclass(frozen=True)
class Asked:
    """One request; `body` is a form."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""

    def on_the_wire(self, port: int) -> bytes:
        lines = [f"{self.method} {self.target} HTTP/1.1", f"Host: {HOST}:{port}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        if self.body:
            lines.append("Content-Type: application/x-www-form-urlencoded")
            lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join([*lines, "", ""]).encode() + self.body


@dataclass(frozen=True)
class Took:
    """How long it took until all answers were there, and each of them: seconds."""

    whole: float
    each: list[float]
    largest: int  # bytes of the largest answer


class Connection:
    """One connection that stays open from request to request."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection((HOST, port), timeout=PATIENCE_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._answers = self._socket.makefile("rb")

    def ask(self, request: bytes) -> bytes:
        """The body of the answer. Raises Refused when it is not 200."""
        self._socket.sendall(request)
        return read_answer(self._answers)

    def close(self) -> None:
        self._answers.close()
        self._socket.close()


def read_answer(answers: BinaryIO) -> bytes:
    """The next answer that comes in, which says how long it is."""
    status, length = answers.readline(), 0
    while (line := answers.readline().strip()) != b"":
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    body = answers.read(length)
    if status.split(b" ")[1:2] != [b"200"]:
        raise Refused(f"{status!r} {body[:500]!r}")
    return body


def drive(port: int, requests: Sequence[bytes], connections: int) -> Took:
    """Ask all of `requests` on so many connections at once, each once the last is answered."""
    lines = [Connection(port) for _ in range(connections)]
    left, each, largest = iter(requests), [], []
    failed: list[BaseException] = []
    turn, start = threading.Lock(), threading.Barrier(connections + 1)

    def work(line: Connection) -> None:
        start.wait()
        try:
            while True:
                with turn:
                    request = next(left, None)
                if request is None:
                    return
                began = time.perf_counter()
                body = line.ask(request)
                each.append(time.perf_counter() - began)
                largest.append(len(body))
        except BaseException as error:  # told by the one who waits
            failed.append(error)

    threads = [threading.Thread(target=work, args=(line,)) for line in lines]
    for thread in threads:
        thread.start()
    start.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    whole = time.perf_counter() - began
    for line in lines:
        line.close()
    if failed:
        raise failed[0]
    return Took(whole, each, max(largest))


@contextmanager
def own_process() -> Iterator[ProcessPoolExecutor]:
    """Where `drive` is called: one process that has loaded nothing of ours but this."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        yield pool

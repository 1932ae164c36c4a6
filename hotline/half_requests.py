"""A worker of gunicorn that waits for no half request, and for nobody who does not take the answer:
either would hold a thread for ever.
"""

import errno
import select
import socket
import time
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

PATIENCE_SECONDS = 5.0  # in all, for one request to arrive
TAKING_SECONDS = 10.0  # for each piece of an answer to be taken; a page is one piece


class PatientSocket:
    """The reading end of a connection: waits only so long in all, however the bytes drip."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._left = PATIENCE_SECONDS
        self.is_given_up = False

    def recv(self, size: int) -> bytes:
        """What has come. Raises ConnectionResetError when patience is over: the peer is gone."""
        watch = select.poll()
        watch.register(self._connection, select.POLLIN)
        begun = time.monotonic()
        if not watch.poll(max(0.0, self._left) * 1000):
            self.is_given_up = True
            raise ConnectionResetError(errno.ECONNRESET, "half a request, and no more came")
        self._left -= time.monotonic() - begun
        return self._connection.recv(size)


class PatientWorker(ThreadWorker):  # type: ignore[misc]
    """Threads as gunicorn makes them, each request read through a patient socket.

    gunicorn parts from a connection on the thread that takes in all the others, and waits there two
    seconds for a peer that does not part from us: here whoever served it does so.
    """

    def handle(self, conn: TConn) -> Any:
        """Serve one request of a connection, or drop it when it does not arrive."""
        conn.init()
        line = conn.parser.unreader.sock = PatientSocket(conn.sock)
        stays = super().handle(conn)
        if not stays:
            conn.close(graceful=not line.is_given_up)
            conn.close = _nothing_left_to_close
        return stays

    def handle_request(self, req: Any, conn: TConn) -> Any:
        """Answer one request, or drop the connection when the answer is not taken."""
        conn.sock.settimeout(TAKING_SECONDS)
        try:
            return super().handle_request(req, conn)
        except TimeoutError as error:
            conn.parser.unreader.sock.is_given_up = True
            raise ConnectionResetError(errno.ECONNRESET, "the answer is not taken") from error


def _nothing_left_to_close(graceful: bool = False) -> None:
    """In the place of a connection's `close`, once it is closed."""

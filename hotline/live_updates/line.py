"""The connection under a stream, watched from below: a browser that left says so there at once.

Writing shows it late: the first write to a closed connection succeeds, the one after it fails.
"""

import select
import socket
from collections.abc import Mapping
from typing import Any

# Who vanished without a word (a lid closed, a cable pulled) does not answer what is written.
UNANSWERED_MILLISECONDS = 20_000
TCP = (socket.AF_INET, socket.AF_INET6)


class Line:
    """The connection of one request, where the server lets us see it; else never known as cut."""

    def __init__(self, environ: Mapping[str, Any]) -> None:
        self._socket: socket.socket | None = environ.get("gunicorn.socket") or environ.get(
            "werkzeug.socket"
        )
        if self._socket and self._socket.family in TCP and hasattr(socket, "TCP_USER_TIMEOUT"):
            self._socket.setsockopt(
                socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNANSWERED_MILLISECONDS
            )

    @property
    def is_cut(self) -> bool:
        """Whether the other end has closed. Looks only: waits for nothing and takes nothing."""
        if self._socket is None:
            return False
        watch = select.poll()
        try:
            watch.register(self._socket, select.POLLIN)
            return bool(watch.poll(0)) and not self._socket.recv(1, socket.MSG_PEEK)
        except (OSError, ValueError):  # ValueError: our own end is closed
            return True

"""The hotline on a real port, so that requests travel as they do in life."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread

from flask import Flask
from werkzeug.serving import make_server

from hotline.telephony.cli import Quiet
from tests.ports import free_port


@contextmanager
def serving(make_app: Callable[..., Flask], **settings: object) -> Iterator[Flask]:
    """The application that `make_app` makes, listening where it believes it listens."""
    port = free_port()
    app = make_app(PORT=port, PUBLIC_BASE_URL=f"http://127.0.0.1:{port}", **settings)
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=Quiet)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield app
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

"""Ending the live streams of this process when the server is told to stop."""

import threading

from hotline.live_updates.service import awake

stopping = threading.Event()  # a stream looks here whenever it wakes, and ends


def stop() -> None:
    """Let every stream of this process end now; gunicorn would wait for them otherwise."""
    stopping.set()
    with awake:
        awake.notify_all()

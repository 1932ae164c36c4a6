"""The end of all streams of this process, before the database of a test is taken away."""

import gc
import threading
import time

from hotline.live_updates import news, streams

WITHIN = 15  # seconds


def end_streams() -> None:
    """Wait until no thread of the server looks into the database of this test any more."""
    streams.stop()
    until = time.monotonic() + WITHIN
    while (streams.places.taken or somebody_reads()) and time.monotonic() < until:
        gc.collect()  # of a stream that nobody closed
        time.sleep(0.05)
    streams.stopping.clear()
    assert streams.places.taken == 0
    assert not somebody_reads()
    gc.collect()  # what is ignored here must not come up in a test of others


def somebody_reads() -> bool:
    return any(thread.name == news.THREAD for thread in threading.enumerate())

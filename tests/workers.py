"""Processes of `flask worker`, started and killed for real, and what they wrote to their logs."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parent.parent
PATIENCE_SECONDS = 60


def wait_until(happened: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> float:
    """Wait for what other processes do; how many seconds it took."""
    begun = time.monotonic()
    while not happened():
        assert time.monotonic() - begun < seconds, f"waited {seconds} seconds in vain"
        time.sleep(0.05)
    return time.monotonic() - begun


class Worker:
    """One `flask worker`."""

    def __init__(self, environ: dict[str, str], log: Path) -> None:
        self._log = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "flask", "worker"],
                cwd=ROOT,
                env={**os.environ, **environ},
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def said(self, words: str) -> bool:
        return words in self._log.read_text(encoding="utf-8")

    @property
    def leads(self) -> bool:
        return self.process.poll() is None and self.said("this process leads")

    @property
    def delivers(self) -> bool:
        return self.said("this process delivers")

    def kill(self) -> None:
        """As a power cut would."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """As the service manager does; the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=PATIENCE_SECONDS)

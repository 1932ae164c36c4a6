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
# A worker that ticks twice a second and soon takes others for dead. The same code otherwise.
HASTY = """
from dataclasses import replace
from datetime import timedelta
from flask.cli import main
from hotline import leadership, scheduler
leadership.FROZEN_AFTER = timedelta(seconds=3)
scheduler.JOBS = tuple(
    replace(job, every=min(job.every, timedelta(seconds=0.5))) if job.name == "mark_tick" else job
    for job in scheduler.JOBS
)
main()
"""


def wait_until(happened: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> float:
    """Wait for what other processes do; how many seconds it took."""
    begun = time.monotonic()
    while not happened():
        assert time.monotonic() - begun < seconds, f"waited {seconds} seconds in vain"
        time.sleep(0.05)
    return time.monotonic() - begun


class Worker:
    """One `flask worker`."""

    def __init__(self, environ: dict[str, str], log: Path, *, hasty: bool = False) -> None:
        self._log = log
        code = ["-c", HASTY] if hasty else ["-m", "flask"]
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, *code, "worker"],
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

    def freeze(self) -> None:
        """As a machine that hangs: it does nothing any more, and its connections stay."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def stop(self) -> int:
        """As the service manager does; the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=PATIENCE_SECONDS)

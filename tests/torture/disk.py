"""A disk with no room left, while people ring: what we cannot keep we do not acknowledge.

The small disk is a tmpfs in a mount namespace of our own, so nobody else's disk gets full. Where
the system allows no such namespace, there is no honest way, and the scenario says so.
"""

import os
import shutil
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from tests.torture.gone import FEW, PAUSE, some_answers
from tests.torture.line import Plan
from tests.torture.places import Place, Size
from tests.torture.scene import Outcome, Scene, scene

MEGABYTES = 48
FOLDER = "HUIYIN_SMALL_DISK"
NAMESPACE = ["unshare", "--user", "--map-root-user", "--mount"]
MOUNT = f'mount -t tmpfs -o size={MEGABYTES}m tmpfs "${FOLDER}" && exec "$@"'
BLOCK = 4096


def enter_small_disk(arguments: list[str]) -> str:
    """Become the same command with a small disk; why that is not possible, if it is not."""
    if small_disk():
        return ""
    folder = Path("/tmp") / f"huiyin-small-disk-{os.getpid()}"
    folder.mkdir()
    environment = {**os.environ, FOLDER: str(folder)}
    command = [*NAMESPACE, "sh", "-c", MOUNT, "sh"]
    try:
        probe = subprocess.run([*command, "true"], env=environment, capture_output=True, text=True)
    except FileNotFoundError:
        probe = None
    if probe is None or probe.returncode:
        folder.rmdir()
        return f"no small disk can be made here: {probe.stderr.strip() if probe else 'no unshare'}"
    words = [*command, sys.executable, "-m", "tests.torture", *arguments]
    done = subprocess.run(words, env=environment).returncode
    folder.rmdir()
    sys.exit(done)


def small_disk() -> Path | None:
    folder = os.environ.get(FOLDER, "")
    return Path(folder) if folder else None


def disk_full(place: Place, size: Size) -> Outcome:
    """The disk is filled to its last block and freed again; both database and spool are on it."""
    ballast = place.folder / "ballast"
    back: list[float] = []
    with scene(place.folder, place.url, plan=Plan(size.seed, shuffle=0.1)) as it:
        it.answered_within = 5.0

        def strike(number: int) -> None:
            _fill(ballast)
            some_answers(it)
            ballast.unlink()
            back.append(_until_we_answer(it, size.calls))

        seconds = it.load(size.calls, size.kills, strike, at_once=FEW, every=PAUSE)
        with suppress(FileNotFoundError):
            ballast.unlink()
        return it.conclude(
            **{
                "seconds until we answer ourselves again, at most": max(back, default=0.0),
                "free megabytes at the end": shutil.disk_usage(place.folder).free >> 20,
                "seconds": round(seconds),
            }
        )


def _fill(ballast: Path) -> None:
    """Write until nothing more goes on the disk, down to single blocks."""
    with ballast.open("ab", buffering=0) as file:
        for size in (1 << 20, 1 << 16, BLOCK):
            with suppress(OSError):
                while True:
                    file.write(b"\0" * size)


def _until_we_answer(it: Scene, calls: int) -> float:
    """The seconds until a caller hears us again and no stand-in; 0 when nobody rings any more."""
    heard = it.provider.books.heard
    begun, before = time.monotonic(), len(heard)
    while not any(one.by == "us" for one in heard[before:]):
        if it.provider.ended == calls:
            return 0.0
        threading.Event().wait(0.02)
    return round(time.monotonic() - begun, 2)

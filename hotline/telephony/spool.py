"""Webhooks that came while the database did not answer: files beside it, replayed later."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import structlog

from hotline.telephony.inbound import Kind

log = structlog.get_logger()

PUT_ASIDE = ".bad"
BEING_WRITTEN = timedelta(minutes=1)  # a younger file may still grow


@dataclass(frozen=True)
class Spooled:
    path: Path
    kind: Kind
    form: dict[str, Any]
    received_at: datetime


def keep(folder: Path, kind: Kind, form: dict[str, Any], *, at: datetime) -> None:
    """Write one webhook to the disk, for our eyes only, whole or not at all.

    Raises OSError when the disk does not take it: then nothing is left of it.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    text = json.dumps({"kind": kind, "form": form, "received_at": at.isoformat()})
    draft = folder / f"{uuid4().hex}.part"
    try:
        with open(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(folder / f"{at:%Y%m%dT%H%M%S%f}-{draft.stem}.json")
    except OSError:  # half a form would be put aside for somebody to look at
        draft.unlink(missing_ok=True)
        raise
    _keep_names(folder)


def waiting(folder: Path, *, at: datetime) -> Iterator[Spooled]:
    """What is on the disk, the oldest first; what cannot be read is put aside, the others go on."""
    _finish_drafts(folder, at)
    for path in sorted(folder.glob("*.json")):
        spooled = _read(path)
        if spooled is None:
            _put_aside(path)
        else:
            yield spooled


def count_waiting(folder: Path) -> int:
    """How many webhooks are on the disk that are still to be taken in."""
    return len(list(folder.glob("*.json"))) + len(list(folder.glob("*.part")))


def count_put_aside(folder: Path) -> int:
    """How many files somebody has to look at, because nobody could read them."""
    return len(list(folder.glob(f"*{PUT_ASIDE}")))


def _finish_drafts(folder: Path, at: datetime) -> None:
    """Take up what a crash left under its first name, if all of it was written; nobody was told
    that half a form is kept.
    """
    for path in folder.glob("*.part"):
        if at.timestamp() - path.stat().st_mtime < BEING_WRITTEN.total_seconds():
            continue
        if _read(path) is None:
            path.unlink()
        else:
            path.rename(path.with_suffix(".json"))


def _keep_names(folder: Path) -> None:
    """Let the disk keep what the files are called, too: a power cut could take it back."""
    names = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(names)
    finally:
        os.close(names)


def _read(path: Path) -> Spooled | None:
    try:
        kept = json.loads(path.read_bytes())
        received_at = datetime.fromisoformat(kept["received_at"]).astimezone(UTC)
        return Spooled(path, Kind(kept["kind"]), dict(kept["form"]), received_at)
    except (ValueError, KeyError, TypeError):
        return None


def _put_aside(path: Path) -> None:
    log.error("a webhook on the disk cannot be read", file=path.name)
    path.rename(path.with_name(path.name + PUT_ASIDE))

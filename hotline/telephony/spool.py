"""Webhooks that came while the database did not answer: files beside it, replayed later."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from hotline.telephony.inbound import Kind


@dataclass(frozen=True)
class Spooled:
    path: Path
    kind: Kind
    form: dict[str, Any]
    received_at: datetime


def keep(folder: Path, kind: Kind, form: dict[str, Any], *, at: datetime) -> None:
    """Write one webhook to the disk, for our eyes only, whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    text = json.dumps({"kind": kind, "form": form, "received_at": at.isoformat()})
    draft = folder / f"{uuid4().hex}.part"
    with open(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(folder / f"{at:%Y%m%dT%H%M%S%f}-{draft.stem}.json")


def waiting(folder: Path) -> Iterator[Spooled]:
    """What is on the disk, the oldest first."""
    for path in sorted(folder.glob("*.json")):
        kept = json.loads(path.read_text())
        received_at = datetime.fromisoformat(kept["received_at"])
        yield Spooled(path, Kind(kept["kind"]), kept["form"], received_at)

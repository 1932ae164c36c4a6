"""What a copy says of itself: what is in it, of which schema, made when and by which release."""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from hotline.errors import HotlineError
from hotline.i18n import N_

NAME = "manifest.json"
NAMES = "huiyin-*Z"  # of whole copies; one that is being made has another end
FORMAT = 1
RECORDINGS = "recordings"


class Unfit(HotlineError):
    """A copy cannot be made, trusted or put back."""


@dataclass(frozen=True)
class Table:
    """How many rows a table has, and one number over all of them, whatever their order."""

    rows: int
    digest: str


@dataclass(frozen=True)
class File:
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    made_at: str  # UTC, ISO 8601
    release: str
    engine: str  # sqlite or postgresql
    database: str  # the name of its file in the copy
    heads: list[str]  # the migrations that made the schema
    tables: Mapping[str, Table]
    files: Mapping[str, File] = field(default_factory=dict)  # by their path in the copy
    lost: list[str] = field(default_factory=list)  # recordings that were damaged or gone already

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables.values())


def name_of(at: datetime) -> str:
    """What the folder of a copy is called; later ones sort behind earlier ones."""
    return f"huiyin-{at:%Y%m%dT%H%M%SZ}"


def write(copy: Path, manifest: Manifest) -> None:
    """Put the manifest into the folder of the copy, and on the disk."""
    text = json.dumps({"format": FORMAT, **asdict(manifest)}, ensure_ascii=False, indent=1)
    with open(os.open(copy / NAME, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def read(copy: Path) -> Manifest:
    """The manifest of a copy. Raises Unfit when there is none that we understand."""
    try:
        kept = json.loads((copy / NAME).read_bytes())
        if kept.pop("format") != FORMAT:
            raise Unfit(N_("This copy was made by a release that writes it in another way."))
        tables = {name: Table(**one) for name, one in kept.pop("tables").items()}
        files = {name: File(**one) for name, one in kept.pop("files").items()}
        return Manifest(**kept, tables=tables, files=files)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unfit(
            N_("%(copy)s is no copy of ours: its manifest is missing or cannot be read."), copy=copy
        ) from error


def describe(path: Path) -> File:
    """Size and hash of a file, read from the disk."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return File(path.stat().st_size, digest)


def sync(path: Path) -> None:
    """Return when a file or folder is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

"""Copies of the hotline: made from one snapshot, checked before they count, put back whole."""

import os
import shutil
from datetime import datetime
from pathlib import Path
from types import ModuleType

import sqlalchemy as sa
from alembic.migration import MigrationContext

from hotline.i18n import N_
from hotline.operations import fingerprints, manifest, postgres_copies, sqlite_copies
from hotline.operations.manifest import RECORDINGS, File, Manifest, Unfit
from models import Recording, db

ENGINES: dict[str, ModuleType] = {"sqlite": sqlite_copies, "postgresql": postgres_copies}


def make(into: Path, *, recordings: Path, release: str, at: datetime) -> Path:
    """Copy database and recordings to a new folder in `into`, check the copy, return the folder.

    It has its name only when it is whole, checked and on the disk. Raises Unfit.
    """
    copy = into / manifest.name_of(at)
    part = copy.with_name(f"{copy.name}.part")
    try:
        into.mkdir(parents=True, exist_ok=True, mode=0o700)
        part.mkdir(mode=0o700)
    except OSError as error:
        raise Unfit(N_("Nothing can be written to %(folder)s."), folder=into) from error
    try:
        manifest.write(part, _fill(part, recordings, release, at))
        check(part)
        manifest.sync(part)
        part.rename(copy)
        manifest.sync(into)
    except OSError as error:
        raise Unfit(N_("The copy could not be written: %(why)s"), why=error.strerror) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return copy


def newest(folder: Path) -> Path:
    """The newest copy in a folder of copies; else the folder itself, as a copy."""
    return max(folder.glob(manifest.NAMES), default=folder)


def check(copy: Path) -> Manifest:
    """Restore a copy to a scratch place and compare it with its manifest, row by row.

    Touches nothing that is in use. Raises Unfit.
    """
    said = _readable_here(copy)
    _check_files(copy, said)
    with ENGINES[said.engine].opened(copy / said.database, db.engine.url) as connection:
        _check_database(connection, said)
    return said


def put_back(copy: Path, *, recordings: Path, known: set[str]) -> Manifest:
    """Make a copy the database and the recordings of this installation, which must have none.

    `known` are the migrations this release knows. Raises Unfit.
    """
    said = _readable_here(copy)
    if not set(said.heads) <= known:
        raise Unfit(N_("This copy was made by a newer release. Install that one first."))
    engine, url = ENGINES[said.engine], db.engine.url
    db.engine.dispose()  # nobody but others has it open now
    if not engine.is_empty(url):
        raise Unfit(
            N_(
                "The database is not empty, and nothing is overwritten. Stop the hotline and move"
                " its file away with what lies beside it, or name a new, empty database by"
                " DATABASE_URL; then restore again."
            )
        )
    _check_files(copy, said)
    _keep_what_is_there(copy, said, recordings)
    engine.put_back(copy / said.database, url)
    with db.engine.connect() as connection:
        _check_database(connection, said)
    _put_recordings_back(copy, said, recordings)
    return said


def _fill(part: Path, recordings: Path, release: str, at: datetime) -> Manifest:
    """Copy database and recordings of one snapshot, and say what is in it."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        name = connection.dialect.name
        wanted = dict(connection.execute(_SOUNDS).tuples().all())  # the snapshot begins here
        database = ENGINES[name].FILE_NAME
        ENGINES[name].take(connection, part / database)
        tables, heads = fingerprints.of_tables(connection), _heads(connection)
    files, lost = _copy_recordings(wanted, recordings, part / RECORDINGS)
    files[database] = manifest.describe(part / database)
    return Manifest(at.isoformat(), release, name, database, heads, tables, files, lost)


_SOUNDS = sa.select(Recording.file_name, Recording.sha256).where(Recording.file_name != "")


def _copy_recordings(
    wanted: dict[str, str], source: Path, target: Path
) -> tuple[dict[str, File], list[str]]:
    """Copy the sounds the snapshot names; returns what was copied, and what is lost already."""
    target.mkdir(mode=0o700)
    files, lost = {}, []
    for name, sha256 in sorted(wanted.items()):
        try:
            _copy(source / name, target / name)
        except FileNotFoundError:
            lost.append(name)
            continue
        files[f"{RECORDINGS}/{name}"] = found = manifest.describe(target / name)
        if sha256 and found.sha256 != sha256:
            lost.append(name)
    manifest.sync(target)
    return files, lost


def _copy(source: Path, target: Path) -> None:
    """Copy a file for our eyes only, and return when it is on the disk."""
    with (
        source.open("rb") as read,
        open(os.open(target, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "wb") as written,
    ):
        shutil.copyfileobj(read, written)
        written.flush()
        os.fsync(written.fileno())


def _readable_here(copy: Path) -> Manifest:
    said = manifest.read(copy)
    if said.engine != db.engine.dialect.name:
        raise Unfit(
            N_("This is a copy of %(theirs)s, and DATABASE_URL names %(ours)s."),
            theirs=said.engine,
            ours=db.engine.dialect.name,
        )
    return said


def _check_files(copy: Path, said: Manifest) -> None:
    """Raise Unfit unless every file is there as the manifest describes it."""
    wrong = [] if said.database in said.files else [said.database]
    for name, described in said.files.items():
        path = copy / name
        is_there = _is_plain(name) and path.is_file() and not path.is_symlink()
        if not is_there or manifest.describe(path) != described:
            wrong.append(name)
    _refuse(wrong)


def _is_plain(name: str) -> bool:
    """Whether a file lies in one of the two folders of a copy: where it goes to has its name."""
    return "/" not in name.removeprefix(f"{RECORDINGS}/")


def _check_database(connection: sa.Connection, said: Manifest) -> None:
    """Raise Unfit unless the rows of a restored database are those the manifest speaks of."""
    wrong = ENGINES[said.engine].complaints(connection)
    found = fingerprints.of_tables(connection)
    names = sorted({*found, *said.tables})
    wrong += [name for name in names if found.get(name) != said.tables.get(name)]
    if _heads(connection) != said.heads:
        wrong.append("alembic_version")
    _refuse(wrong)


def _refuse(wrong: list[str]) -> None:
    if wrong:
        raise Unfit(
            N_("The copy is damaged and must not be trusted. What differs: %(what)s"),
            what=", ".join(wrong),
        )


def _keep_what_is_there(copy: Path, said: Manifest, recordings: Path) -> None:
    """Raise Unfit when a recording would be overwritten by another of its name."""
    for name in _recordings_of(said):
        there = recordings / name
        if there.exists() and manifest.describe(there) != said.files[f"{RECORDINGS}/{name}"]:
            raise Unfit(
                N_("%(folder)s holds other recordings. Move that folder away first."),
                folder=recordings,
            )


def _put_recordings_back(copy: Path, said: Manifest, recordings: Path) -> None:
    recordings.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in _recordings_of(said):
        if not (recordings / name).exists():
            _copy(copy / RECORDINGS / name, recordings / name)
    manifest.sync(recordings)


def _recordings_of(said: Manifest) -> list[str]:
    start = f"{RECORDINGS}/"
    return [name.removeprefix(start) for name in said.files if name.startswith(start)]


def _heads(connection: sa.Connection) -> list[str]:
    return sorted(MigrationContext.configure(connection).get_current_heads())

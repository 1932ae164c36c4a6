"""Sounds of calls: copied from the provider to our own disk, checked, then deleted over there.

Three steps, so that no network is touched inside a transaction: `claim` and `keep` need one,
fetching stands between them.
"""

import hashlib
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

from sqlalchemy import and_, or_, select

from hotline.audit import service as audit
from hotline.live_updates import service as live_updates
from hotline.sla import policies
from models import Call, Recording, RecordingKind, Ticket, TicketStatus, User, db

EXTENSIONS = {
    "audio/wav": ".wav",
    "audio/x-wav": ".wav",
    "audio/vnd.wave": ".wav",
    "audio/mpeg": ".mp3",
    "audio/mp3": ".mp3",
}
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=15), timedelta(hours=6)
GIVE_UP_AFTER = 20  # attempts, about four days
LEASE = timedelta(minutes=5)
KEPT_FOR = {
    RecordingKind.VOICEMAIL: "keep_voicemail_days",
    RecordingKind.CALL: "keep_recording_days",
}


class NoSound(Exception):
    """What came is no sound we keep."""


@dataclass(frozen=True)
class Copy:
    """A sound on our disk, not yet known to the database."""

    file_name: str
    content_type: str
    size_bytes: int
    sha256: str


def due(at: datetime) -> list[int]:
    """Ids of the recordings to fetch, or to delete at the provider, now."""
    found = select(Recording.id).where(Recording.retry_at <= at).order_by(Recording.retry_at)
    return list(db.session.scalars(found))


def claim(recording_id: int, *, at: datetime) -> Recording | None:
    """Take a due recording for a while, so that nobody else fetches it; None when it is taken."""
    found = (
        select(Recording)
        .where(Recording.id == recording_id, Recording.retry_at <= at)
        .with_for_update(skip_locked=True)
    )
    recording = db.session.scalar(found)
    if recording is not None:
        recording.retry_at = at + LEASE
        recording.fetch_attempts += 1
    return recording


def store(folder: Path, content: bytes, content_type: str) -> Copy:
    """Write a sound to the disk under a random name, outside of what the web server serves.

    Raises NoSound for an empty file or a type that is no sound.
    """
    if content_type not in EXTENSIONS:
        raise NoSound(f"not a sound: {content_type[:60]}")
    if not content:
        raise NoSound("the recording is empty")
    file_name = uuid4().hex + EXTENSIONS[content_type]
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(
        os.open(folder / file_name, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "wb"
    ) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    digest = hashlib.sha256(content).hexdigest()
    return Copy(file_name, content_type, len(content), digest)


def is_whole(folder: Path, recording: Recording) -> bool:
    """Whether our copy is on the disk as it was fetched."""
    path = folder / recording.file_name
    if not recording.file_name or not path.is_file():
        return False
    return hashlib.sha256(path.read_bytes()).hexdigest() == recording.sha256


def keep(recording: Recording, copy: Copy, *, at: datetime) -> None:
    """Say that our copy is there; the provider's is to be deleted next."""
    recording.file_name, recording.content_type = copy.file_name, copy.content_type
    recording.size_bytes, recording.sha256 = copy.size_bytes, copy.sha256
    recording.fetched_at, recording.retry_at = at, at
    recording.fetch_attempts, recording.error = 0, ""
    live_updates.post("hotline", "ticket", at, ticket=recording.call.ticket_id)


def deleted_at_provider(recording: Recording, *, at: datetime) -> None:
    recording.deleted_at_provider_at, recording.retry_at = at, None


def failed(recording: Recording, reason: str, *, for_good: bool, at: datetime) -> None:
    """Try again later, ever more rarely; or give up."""
    recording.error = reason[:500]
    if for_good or recording.fetch_attempts >= GIVE_UP_AFTER:
        recording.retry_at = None
        return
    wait = min(FIRST_WAIT * 2 ** min(recording.fetch_attempts - 1, 20), LONGEST_WAIT)
    recording.retry_at = at + wait


def outlived(at: datetime) -> list[int]:
    """Ids of the recordings that are older than the policy of their kind lets them become, and of
    those whose file is still to go. While a ticket is open nothing of it is removed.
    """
    is_old = or_(
        *(
            and_(Recording.kind == kind, Recording.announced_at < at - policies.span(policy))
            for kind, policy in KEPT_FOR.items()
        )
    )
    over = (
        select(Recording.id)
        .join(Recording.call)
        .join(Call.ticket)
        .where(
            Recording.removed_at.is_(None),
            Recording.fetched_at.is_not(None),
            Recording.deleted_at_provider_at.is_not(None),
            Ticket.status == TicketStatus.CLOSED,
            is_old,
        )
    )
    half_gone = select(Recording.id).where(
        Recording.removed_at.is_not(None), Recording.file_name != ""
    )
    return sorted({*db.session.scalars(over), *db.session.scalars(half_gone)})


def remove(recording: Recording, *, at: datetime) -> None:
    """Say that a recording is gone; its file goes next. The trail keeps that it was there."""
    if recording.removed_at is not None:
        return
    recording.removed_at = at
    audit.record(
        "remove_recording",
        actor=None,
        at=at,
        ticket_id=recording.call.ticket_id,
        subject=f"recording {recording.id}",
        recorded=recording.announced_at.isoformat(),
        seconds=recording.duration_seconds,
    )


def forget_file(recording: Recording, folder: Path) -> None:
    """Delete the file of a recording that is removed."""
    (folder / recording.file_name).unlink(missing_ok=True)
    recording.file_name = ""


def note_played(
    recording: Recording, *, actor: User, at: datetime, address: str, part: str
) -> None:
    """Write down who listened to which part of what; "" for the whole."""
    audit.record(
        "play_recording",
        actor=actor,
        at=at,
        ticket_id=recording.call.ticket_id,
        subject=f"recording {recording.id}",
        address=address,
        bytes=part,
    )

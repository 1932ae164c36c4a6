"""What we found when we compared our calls with the provider's, and when we asked."""

from enum import StrEnum

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Instant, enum_column


class FindingKind(StrEnum):
    CALL = "call"  # we did not know the call at all
    ANSWER = "answer"  # we did not know that somebody had answered it
    END = "end"  # we did not know that it was over
    RECORDING = "recording"  # we did not know that there is a sound
    ELSEWHERE = "elsewhere"  # we know a call that the provider does not know
    SOUND = "sound"  # we know a sound that the provider does not have, and have no copy
    REQUEST = "request"  # the provider says that we answered a request badly
    UNREAD = "unread"  # a signed request of which we understand nothing


class FindingReason(StrEnum):
    """Why it had been missing."""

    NO_WEBHOOK = "no_webhook"  # no request about it ever came
    NOT_INTERPRETED = "not_interpreted"  # it came, and our rules failed
    ON_DISK = "on_disk"  # it came, and still waits on the disk
    REFUSED = "refused"  # the provider asked, and got no proper answer
    NOT_KEPT = "not_kept"  # the provider asked and was answered; our database knows nothing of it
    UNKNOWN_THERE = "unknown_there"  # it is not in the provider's list
    UNKNOWN_KIND = "unknown_kind"  # a route we do not have
    MALFORMED = "malformed"  # a field that is missing, repeated, or of another shape


class Finding(Base):
    __tablename__ = "findings"

    id: Mapped[int] = mapped_column(primary_key=True)
    provider: Mapped[str] = mapped_column(String(16))
    key: Mapped[str] = mapped_column(String(120))  # the same fact is found once
    kind: Mapped[FindingKind] = mapped_column(enum_column(FindingKind))
    reason: Mapped[FindingReason] = mapped_column(enum_column(FindingReason))
    # The call by the provider's reference: what we found may not have become one of ours yet.
    call_ref: Mapped[str] = mapped_column(String(64), default="")
    detail: Mapped[str] = mapped_column(String(120), default="")  # the route, the error's number
    happened_at: Mapped[Instant] = mapped_column()
    found_at: Mapped[Instant] = mapped_column()

    __table_args__ = (
        UniqueConstraint("provider", "key"),
        Index("ix_findings_found_at_id", "found_at", "id"),
    )


class Reconciliation(Base):
    """One time we asked the provider."""

    __tablename__ = "reconciliations"

    id: Mapped[int] = mapped_column(primary_key=True)
    provider: Mapped[str] = mapped_column(String(16))
    asked_at: Mapped[Instant] = mapped_column(index=True)
    succeeded: Mapped[bool] = mapped_column()
    error: Mapped[str] = mapped_column(String(64), default="")
    calls: Mapped[int] = mapped_column(default=0)  # how many the provider listed
    recordings: Mapped[int] = mapped_column(default=0)
    refusals: Mapped[int] = mapped_column(default=0)
    found: Mapped[int] = mapped_column(default=0)  # how much of it was missing here

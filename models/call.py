"""One telephone connection as the provider knows it, its legs to our seats, and its recordings."""

from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Instant, enum_column
from models.caller import NumberKind

if TYPE_CHECKING:
    from models.ticket import Ticket
    from models.user import User


# Who says so is a person: the provider of calls and visits that were logged by hand.
BY_TELEPHONE, AT_THE_COUNTER = "manual", "visit"
BY_HAND = (BY_TELEPHONE, AT_THE_COUNTER)


class Direction(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"


class CallState(StrEnum):
    """Where a call is. Ranked: a call never goes back (hotline.calls.ranks)."""

    RINGING = "ringing"  # the caller hears the greeting, nobody has been rung yet
    WAITING = "waiting"  # seats are being rung in turn
    TALKING = "talking"  # a person answered
    VOICEMAIL = "voicemail"  # the caller speaks to the tape
    ENDED = "ended"


class CallResult(StrEnum):
    """How an ended call went."""

    ANSWERED = "answered"  # 已接
    MISSED = "missed"  # 未接: rang out, nobody answered
    ABANDONED = "abandoned"  # 放弃: hung up while waiting
    HUNG_UP_EARLY = "hung_up_early"  # 速挂: within five seconds
    VOICEMAIL = "voicemail"  # 留言
    FAILED = "failed"  # the provider could not connect it


class Call(Base):
    __tablename__ = "calls"

    id: Mapped[int] = mapped_column(primary_key=True)
    provider: Mapped[str] = mapped_column(String(16))  # twilio, simulator, or one of BY_HAND
    call_ref: Mapped[str] = mapped_column(String(64))  # CallSid, or a uuid for manual
    direction: Mapped[Direction] = mapped_column(enum_column(Direction))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    caller_id: Mapped[int] = mapped_column(ForeignKey("callers.id"), index=True)
    from_raw: Mapped[str] = mapped_column(String(64), default="")
    number: Mapped[str] = mapped_column(String(64), default="")  # the caller's, normalised
    number_kind: Mapped[NumberKind] = mapped_column(
        enum_column(NumberKind), default=NumberKind.UNKNOWN
    )
    dialled: Mapped[str] = mapped_column(String(64), default="")  # our number
    state: Mapped[CallState] = mapped_column(enum_column(CallState))
    result: Mapped[CallResult | None] = mapped_column(enum_column(CallResult))
    operator_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # who answered
    started_at: Mapped[Instant] = mapped_column()
    answered_at: Mapped[Instant | None] = mapped_column()
    pickup_seconds: Mapped[int | None] = mapped_column()  # ring → answered, by the wall clock
    ended_at: Mapped[Instant | None] = mapped_column()
    notice_at: Mapped[Instant | None] = mapped_column()  # when "this call is recorded" was said
    # When the operator had chosen how it ends: nothing is left to be written at the seat.
    written_up_at: Mapped[Instant | None] = mapped_column()
    heard_at: Mapped[Instant] = mapped_column()  # the last sign of life, for the sweeper

    ticket: Mapped["Ticket"] = relationship()
    operator: Mapped["User | None"] = relationship()
    legs: Mapped[list["CallLeg"]] = relationship(back_populates="call", order_by="CallLeg.id")
    recordings: Mapped[list["Recording"]] = relationship(
        back_populates="call", order_by="Recording.id"
    )

    __table_args__ = (
        UniqueConstraint("provider", "call_ref"),
        UniqueConstraint("id", "ticket_id", name="uq_calls_id_ticket_id"),
        Index("ix_calls_number_started_at", "number", "started_at"),
        Index("ix_calls_state_started_at", "state", "started_at"),
        Index("ix_calls_started_at", "started_at"),
        Index("ix_calls_operator_id_answered_at", "operator_id", "answered_at"),
        # By its state alone SQLite's statistics would find nothing: all but a few have ended.
        Index(
            "ix_calls_unended",
            "started_at",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )


class CallLeg(Base):
    """One ring at one seat on behalf of an inbound call (ParentCallSid). It makes no ticket."""

    __tablename__ = "call_legs"

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id"), index=True)
    step: Mapped[int] = mapped_column()  # which seat in turn, from 1
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    leg_ref: Mapped[str | None] = mapped_column(String(64))  # the leg's CallSid, once known
    rang_at: Mapped[Instant] = mapped_column()
    answered_at: Mapped[Instant | None] = mapped_column()
    ended_at: Mapped[Instant | None] = mapped_column()

    call: Mapped[Call] = relationship(back_populates="legs")
    user: Mapped["User"] = relationship()

    __table_args__ = (UniqueConstraint("call_id", "step"),)


class RecordingKind(StrEnum):
    VOICEMAIL = "voicemail"
    CALL = "call"


class Recording(Base):
    """A sound of a call. Only the provider's reference and our own copy's random name are kept."""

    __tablename__ = "recordings"

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id"), index=True)
    recording_ref: Mapped[str] = mapped_column(String(64), unique=True)  # RecordingSid
    kind: Mapped[RecordingKind] = mapped_column(enum_column(RecordingKind))
    duration_seconds: Mapped[int] = mapped_column(default=0)
    announced_at: Mapped[Instant] = mapped_column()
    # Our copy: a random name below DATA_DIR, empty until fetched.
    file_name: Mapped[str] = mapped_column(String(64), default="")
    content_type: Mapped[str] = mapped_column(String(64), default="")
    size_bytes: Mapped[int] = mapped_column(default=0)
    sha256: Mapped[str] = mapped_column(String(64), default="")
    fetched_at: Mapped[Instant | None] = mapped_column()
    deleted_at_provider_at: Mapped[Instant | None] = mapped_column()
    fetch_attempts: Mapped[int] = mapped_column(default=0)
    retry_at: Mapped[Instant | None] = mapped_column(index=True)  # None: fetched or given up
    error: Mapped[str] = mapped_column(String(500), default="")
    # When our copy was removed because it was as old as the policy lets it become.
    removed_at: Mapped[Instant | None] = mapped_column()

    call: Mapped[Call] = relationship(back_populates="recordings")

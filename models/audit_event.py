"""What people did beside the events of tickets: logins, reveals, recordings heard, settings."""

from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Instant, Json

if TYPE_CHECKING:
    from models.user import User


class AuditEvent(Base):
    __tablename__ = "audit_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[Instant] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(48))  # login, reveal, play_recording, set_policy, …
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"), index=True)
    subject: Mapped[str] = mapped_column(String(120), default="")  # what was touched, in words
    reason: Mapped[str] = mapped_column(String(300), default="")
    address: Mapped[str] = mapped_column(String(64), default="")
    data: Mapped[Json] = mapped_column(default=dict)

    actor: Mapped["User | None"] = relationship()

    __table_args__ = (Index("ix_audit_events_kind_id", "kind", "id"),)

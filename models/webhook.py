"""The provider's requests as they came, with what we replied: written first, never lost."""

from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Instant, Json


class Webhook(Base):
    __tablename__ = "webhooks"

    id: Mapped[int] = mapped_column(primary_key=True)
    provider: Mapped[str] = mapped_column(String(16))
    event_key: Mapped[str] = mapped_column(String(200))  # kind + CallSid + status + sequence + step
    kind: Mapped[str] = mapped_column(String(16))  # voice, menu, dial, voicemail, …
    call_ref: Mapped[str] = mapped_column(String(64), index=True)
    received_at: Mapped[Instant] = mapped_column(index=True)
    form: Mapped[Json] = mapped_column()  # the fields of the form, and "step" from the query
    twiml: Mapped[str] = mapped_column(Text, default="")  # a repeat hears the same again
    interpreted_at: Mapped[Instant | None] = mapped_column()
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(String(500), default="")

    __table_args__ = (
        UniqueConstraint("provider", "event_key"),
        Index("ix_webhooks_interpreted_at_received_at", "interpreted_at", "received_at"),
    )

"""What is to be sent out, written in the transaction of the fact that asks for it."""

from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Instant, enum_column


class Channel(StrEnum):
    EMAIL = "email"
    SMS = "sms"


class MessageStatus(StrEnum):
    """Ranked; a receipt never moves a message back."""

    PENDING = "pending"
    SENDING = "sending"  # claimed under a lease
    UNKNOWN = "unknown"  # we died or timed out while sending: look before any retry
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    SKIPPED = "skipped"  # was due before the system began, or is no longer true


class OutboxMessage(Base):
    __tablename__ = "outbox_messages"

    id: Mapped[int] = mapped_column(primary_key=True)
    # What makes it the same message: a second one with this key is refused by the database.
    dedupe_key: Mapped[str] = mapped_column(String(120), unique=True)
    channel: Mapped[Channel] = mapped_column(enum_column(Channel))
    kind: Mapped[str] = mapped_column(String(48))  # callback_due, handoff_new, …
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))
    # The promise to tell a caller that this message is to keep; set on no other message.
    callback_id: Mapped[int | None] = mapped_column(ForeignKey("callbacks.id"), index=True)
    not_at_night: Mapped[bool] = mapped_column(default=False)  # waits for the contact hours
    address: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(200), default="")
    body: Mapped[str] = mapped_column(Text)
    status: Mapped[MessageStatus] = mapped_column(enum_column(MessageStatus))
    due_at: Mapped[Instant] = mapped_column()
    lease_until_at: Mapped[Instant | None] = mapped_column()
    attempts: Mapped[int] = mapped_column(default=0)
    begun_at: Mapped[Instant | None] = mapped_column()  # the present or the last try
    provider_ref: Mapped[str] = mapped_column(String(64), default="", index=True)  # MessageSid
    error: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[Instant] = mapped_column()
    sent_at: Mapped[Instant | None] = mapped_column()

    doubts: Mapped[list["OutboxDoubt"]] = relationship(
        back_populates="message", order_by="OutboxDoubt.id"
    )

    __table_args__ = (
        UniqueConstraint("id", "ticket_id", name="uq_outbox_messages_id_ticket_id"),
        Index("ix_outbox_messages_status_due_at", "status", "due_at", "id"),
    )


class OutboxDoubt(Base):
    """A try at a message of which nobody knew whether it left, and what came of it."""

    __tablename__ = "outbox_doubts"

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("outbox_messages.id"), index=True)
    begun_at: Mapped[Instant] = mapped_column()
    error: Mapped[str] = mapped_column(String(500), default="")
    looks: Mapped[int] = mapped_column(default=0)  # how often the carrier was asked and had nothing
    looked_at: Mapped[Instant | None] = mapped_column()
    sent_again_at: Mapped[Instant | None] = mapped_column(index=True)
    # What the carrier knows of this try. With `sent_again_at` the message has left twice.
    provider_ref: Mapped[str] = mapped_column(String(64), default="", index=True)

    message: Mapped[OutboxMessage] = relationship(back_populates="doubts")

    @property
    def is_double(self) -> bool:
        return self.sent_again_at is not None and self.provider_ref != ""


class OutboxAttachment(Base):
    """A file that goes with a message: in the database, so that any machine can send it."""

    __tablename__ = "outbox_attachments"

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("outbox_messages.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    content_type: Mapped[str] = mapped_column(String(120))
    content: Mapped[bytes] = mapped_column(LargeBinary)

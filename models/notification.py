"""A line under somebody's bell: something happened or is due, and where to look."""

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Instant, Json


class Notification(Base):
    __tablename__ = "notifications"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    dedupe_key: Mapped[str] = mapped_column(String(120), unique=True)
    # A marked sentence (msgid) and its parameters: shown in the reader's language.
    text: Mapped[str] = mapped_column(String(300))
    params: Mapped[Json] = mapped_column(default=dict)
    is_urgent: Mapped[bool] = mapped_column(default=False)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))
    callback_id: Mapped[int | None] = mapped_column(ForeignKey("callbacks.id"))
    at: Mapped[Instant] = mapped_column()
    read_at: Mapped[Instant | None] = mapped_column()

    __table_args__ = (Index("ix_notifications_user_id_read_at_id", "user_id", "read_at", "id"),)

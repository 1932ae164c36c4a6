"""What somebody was typing, kept until it is sent: a reload or a lost session loses nothing."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Instant, Json


class Draft(Base):
    __tablename__ = "drafts"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)  # ticket:17, manual, …
    fields: Mapped[Json] = mapped_column(default=dict)
    saved_at: Mapped[Instant] = mapped_column(index=True)

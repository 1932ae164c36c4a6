"""A screen that hangs in the house and shows the board: no person, and nothing but the board."""

from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Instant

if TYPE_CHECKING:
    from models.user import User


class Wall(Base):
    __tablename__ = "walls"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64))  # where it hangs
    locale: Mapped[str] = mapped_column(String(8), default="zh")
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)  # SHA-256, hex
    created_at: Mapped[Instant] = mapped_column()
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    seen_at: Mapped[Instant | None] = mapped_column()  # moved by what it asks for, once a minute
    ended_at: Mapped[Instant | None] = mapped_column()
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    created_by: Mapped["User | None"] = relationship(foreign_keys=[created_by_id])
    ended_by: Mapped["User | None"] = relationship(foreign_keys=[ended_by_id])

    __table_args__ = (
        CheckConstraint("(ended_at IS NULL) = (ended_by_id IS NULL)", name="ended_by"),
    )

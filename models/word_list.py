"""Lists of words that an administrator edits; the default of each stands with who reads it."""

from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Instant

if TYPE_CHECKING:
    from models.user import User


class WordList(Base):
    __tablename__ = "word_lists"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    words: Mapped[str] = mapped_column(Text)  # one a line
    set_at: Mapped[Instant] = mapped_column()
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    set_by: Mapped["User | None"] = relationship()

"""The caller's choice to read the result in a short message instead of being rung (短信告知)."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Instant
from models.user import User


class MessageChoice(Base):
    __tablename__ = "message_choices"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    number: Mapped[str] = mapped_column(String(64))  # the telephone that was meant, and no other
    chosen_at: Mapped[Instant] = mapped_column()
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))  # who heard it
    # The conversation in which the caller said so; None for a letter or a form of the net.
    call_id: Mapped[int | None] = mapped_column(ForeignKey("calls.id"))
    ended_at: Mapped[Instant | None] = mapped_column()  # rung after all

    by: Mapped[User] = relationship()

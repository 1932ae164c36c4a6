"""A caller's thanks, written down in a callback. Shown to those it is for; counted nowhere."""

from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Instant

if TYPE_CHECKING:
    from models.department import Department
    from models.ticket import Ticket
    from models.user import User


class Thanks(Base):
    __tablename__ = "thanks"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    attempt_id: Mapped[int | None] = mapped_column(ForeignKey("callback_attempts.id"))
    words: Mapped[str] = mapped_column(Text)  # the caller's own
    at: Mapped[Instant] = mapped_column()
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    # Whom the caller thanks: who took the call, who worked on it, and where.
    operator_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    handler_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"), index=True)

    ticket: Mapped["Ticket"] = relationship()
    recorded_by: Mapped["User"] = relationship(foreign_keys=[recorded_by_id])
    operator: Mapped["User | None"] = relationship(foreign_keys=[operator_id])
    handler: Mapped["User | None"] = relationship(foreign_keys=[handler_id])
    department: Mapped["Department | None"] = relationship()

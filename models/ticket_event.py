"""The audit log of a ticket: what was done, by whom, when, and why. Rows are only ever added."""

from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Instant, Json

if TYPE_CHECKING:
    from models.ticket import Ticket
    from models.user import User


class TicketEvent(Base):
    __tablename__ = "ticket_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    kind: Mapped[str] = mapped_column(String(32), index=True)  # the action, or a fact such as call
    at: Mapped[Instant] = mapped_column(index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # None: by itself
    from_status: Mapped[str | None] = mapped_column(String(32))
    to_status: Mapped[str | None] = mapped_column(String(32))
    reason: Mapped[str] = mapped_column(Text, default="")
    # What else the reader of the timeline needs: names, due times (ISO 8601), ids. Never secrets.
    data: Mapped[Json] = mapped_column(default=dict)

    ticket: Mapped["Ticket"] = relationship(back_populates="events")
    actor: Mapped["User | None"] = relationship()

    __table_args__ = (Index("ix_ticket_events_ticket_id_at_id", "ticket_id", "at", "id"),)

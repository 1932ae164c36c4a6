"""One thing a browser should hear of at once (server-sent events). Old rows are swept away."""

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Instant, Json


class LiveUpdate(Base):
    __tablename__ = "live_updates"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[Instant] = mapped_column(index=True)
    audience: Mapped[str] = mapped_column(String(32))  # user:12, department:3, hotline, supervisors
    kind: Mapped[str] = mapped_column(String(32))  # call, seat, ticket, callbacks, queue, bell, …
    data: Mapped[Json] = mapped_column(default=dict)  # ids only, never a name or a number

    __table_args__ = (Index("ix_live_updates_audience_id", "audience", "id"),)
